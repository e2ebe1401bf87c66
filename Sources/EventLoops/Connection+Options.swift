internal import Clocks
internal import Glibc

extension Connection {
    /// Keeps at most about `bytes` unsent in the kernel (`TCP_NOTSENT_LOWAT`), so that ``pendingOutput`` tells of a slow
    /// reader early.
    public func setNotSentLowWater(_ bytes: Int) {
        setOption(TCP_NOTSENT_LOWAT, Int32(clamping: bytes))
    }

    /// How long sent data may stay unacknowledged before the kernel ends the connection (`TCP_USER_TIMEOUT`).
    public func setUserTimeout(_ duration: Duration) {
        setOption(TCP_USER_TIMEOUT, Int32(clamping: duration.millisecondsRoundedUp))
    }

    /// Whether small writes leave at once (`TCP_NODELAY`); every connection starts with true.
    public func setNoDelay(_ isOn: Bool) {
        setOption(TCP_NODELAY, isOn ? 1 : 0)
    }

    /// Probes a silent peer after `idle`, then every `interval`; it is gone after `count` unanswered ones. Whole seconds,
    /// rounded up.
    public func setKeepAlive(idle: Duration, interval: Duration, count: Int) {
        setSocketOption(descriptor, level: SOL_SOCKET, SO_KEEPALIVE, 1)
        setOption(TCP_KEEPIDLE, Int32(clamping: idle.secondsRoundedUp))
        setOption(TCP_KEEPINTVL, Int32(clamping: interval.secondsRoundedUp))
        setOption(TCP_KEEPCNT, Int32(clamping: count))
    }

    private func setOption(_ name: Int32, _ value: Int32) {
        guard state != .closed else { return }
        setSocketOption(descriptor, level: Int32(IPPROTO_TCP), name, value)
    }
}
