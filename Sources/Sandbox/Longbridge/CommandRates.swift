internal import Clocks
internal import Limits
internal import LongbridgeWire

/// The rate of each command on one socket.
struct CommandRates: Sendable {
    private var buckets: [UInt8: TokenBucket] = [:]

    /// Calls a second, and at once, as the profile tells them.
    static func rate(_ command: QuoteCommand, _ limits: SandboxLimits) -> (limit: Int, burst: Int) {
        // 60 calls in 30 seconds.
        if command == .historyCandlesticks { return (2, 20) }
        let limit = max(1, limits.callsPerSecond)
        return (limit, limit)
    }

    /// The commands that have a rate.
    static let limited = QuoteCommand.allCases.filter { $0 != .userQuoteProfile && $0.rawValue < 100 }

    /// Counts a call; whether it may pass. A client that refills its own bucket once a second may run up to a second's
    /// worth ahead of a steady rate: that much is let pass.
    mutating func admits(_ command: QuoteCommand, _ limits: SandboxLimits, at now: Instant) -> Bool {
        guard command != .userQuoteProfile else { return true }
        let (limit, burst) = CommandRates.rate(command, limits)
        return buckets[command.rawValue, default: TokenBucket(ratePerSecond: limit, capacity: burst + limit)]
            .take(at: now).isAdmitted
    }
}

/// Securities whose history was asked for this month.
struct HistoryQuota: Sendable {
    private var month = 0
    private var symbols: Set<String> = []

    /// Whether `symbol` is among, or still fits into, the `limit` of the month.
    mutating func admits(_ symbol: String, limit: Int, now: WallTime) -> Bool {
        let date = TimeZoneRule.hongKong.civil(at: now).date
        let month = date.year * 12 + date.month
        if month != self.month {
            self.month = month
            symbols = []
        }
        guard symbols.contains(symbol) || symbols.count < limit else { return false }
        symbols.insert(symbol)
        return true
    }
}
