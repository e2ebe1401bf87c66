public import Clocks

/// A rate with a burst, by the generic cell rate algorithm: one instant of state, whatever the rate.
///
/// In any span of time `d` it admits at most `capacity + d / interval` calls. It keeps no clock and no timer: the time
/// is an argument, and one that steps back admits nothing extra.
public struct TokenBucket: Sendable {
    private let interval: Int64  // nanoseconds for one token to come back
    private let tolerance: Int64  // how far ahead of the steady rate a burst may run
    private var theoretical = Instant(nanoseconds: .min)  // when the bucket is full again

    /// One token each `interval`, at most `capacity` of them saved up; full at first.
    ///
    /// Limits also come from a broker, so nothing traps: an interval is at least a nanosecond and a capacity at least 1.
    public init(interval: Duration, capacity: Int) {
        self.interval = max(1, interval.nanosecondsClamped)
        let (product, overflow) = self.interval.multipliedReportingOverflow(by: Int64(max(1, capacity) - 1))
        tolerance = overflow ? .max / 4 : min(product, .max / 4)
    }

    /// `ratePerSecond` tokens a second, at least 1 and at most a thousand million; the interval is rounded up, so the
    /// rate is never exceeded.
    public init(ratePerSecond: Int, capacity: Int) {
        let rate = Int64(min(max(1, ratePerSecond), 1_000_000_000))
        self.init(interval: .nanoseconds((1_000_000_000 + rate - 1) / rate), capacity: capacity)
    }

    /// Takes one token if there is one.
    public mutating func take(at now: Instant) -> Verdict {
        let admission = nextAdmission(at: now)
        guard admission <= now else { return .refused(retryAfter: admission - now) }
        theoretical = max(theoretical, now).advanced(nanoseconds: interval)
        return .admitted
    }

    /// The earliest instant, not before `now`, at which ``take(at:)`` would be admitted.
    public func nextAdmission(at now: Instant) -> Instant {
        max(now, theoretical.advanced(nanoseconds: -tolerance))
    }

    /// How many calls in a row ``take(at:)`` would admit at `now`.
    public func remaining(at now: Instant) -> Int {
        let used = theoretical > now ? theoretical.nanoseconds &- now.nanoseconds : 0
        let left = tolerance - used
        guard left >= 0 else { return 0 }
        return Int(clamping: left / interval + 1)
    }

    /// When the bucket is full again, not before `now`.
    public func fullAgain(at now: Instant) -> Instant { max(now, theoretical) }

    /// Whether nothing is in use: the bucket could be thrown away and made again without anyone noticing.
    public func isFull(at now: Instant) -> Bool {
        theoretical <= now
    }
}
