internal import LongbridgeWire

/// What has happened at the simulated broker, for tests that count.
public struct SandboxCounters: Equatable, Sendable {
    /// Calls by command or path.
    public internal(set) var calls: [String: Int] = [:]
    /// WebSockets opened since the start.
    public internal(set) var socketsOpened = 0
    /// Push packets handed to sockets.
    public internal(set) var pushes = 0
    /// Logins by password that succeeded.
    public internal(set) var logins = 0
    /// Logins by session that succeeded.
    public internal(set) var reconnects = 0
    /// Sockets cut because they did not take what they were sent.
    public internal(set) var slowSocketsCut = 0

    /// Paths and commands counted by name; the rest are one.
    private static let bound = 200

    mutating func count(_ name: String) {
        calls[calls[name] != nil || calls.count < SandboxCounters.bound ? name : "other", default: 0] += 1
    }

    /// What a command is called in counters and faults.
    static func name(_ command: UInt8, isTrade: Bool) -> String {
        switch (command, isTrade) {
        case (ControlCommand.heartbeat, _): return "heartbeat"
        case (ControlCommand.auth, _): return "auth"
        case (ControlCommand.reconnect, _): return "reconnect"
        case (TradeCommand.subscribe, true): return "tradeSubscribe"
        case (TradeCommand.unsubscribe, true): return "tradeUnsubscribe"
        default: break
        }
        guard !isTrade, let known = QuoteCommand(rawValue: command) else { return "command\(command)" }
        return "\(known)"
    }
}
