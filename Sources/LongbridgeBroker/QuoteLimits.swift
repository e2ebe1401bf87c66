internal import Clocks
internal import Limits
internal import LongbridgeWire

/// The vendor's limits on the quote socket, kept on our side so that the broker never has to refuse.
///
/// - Source: open.longbridge.com, "Quote API rate limits": 10 calls a second, 5 at once; "Get Security History
///   Candlesticks": 60 calls in 30 s (read May 2026). The profile of the session adds a bucket per command.
struct QuoteLimits {
    static let callsPerSecond = 10
    static let callsAtOnce = 5
    static let historyCalls = 60
    static let historyWindow = Duration.seconds(30)
    static let symbolsPerRequest = 500

    private var all = SlidingWindow(limit: callsPerSecond, window: .seconds(1))
    private var history = SlidingWindow(limit: historyCalls, window: historyWindow)
    private var byCommand: [UInt8: TokenBucket] = [:]

    /// Takes what the session's profile says. Limits below 1 are ignored.
    mutating func apply(_ profile: Longbridge.Quote.UserQuoteProfileResponse) {
        byCommand = [:]
        for rule in profile.rateLimit where rule.limit > 0 && rule.burst > 0 {
            guard let command = UInt8(exactly: rule.command.rawValue) else { continue }
            byCommand[command] = TokenBucket(ratePerSecond: Int(rule.limit), capacity: Int(rule.burst))
        }
    }

    /// Takes one call from every budget it counts against, or none of them and says when to come again.
    mutating func admit(_ command: QuoteCommand, now: Instant) -> Instant? {
        var due = all.nextAdmission(at: now)
        if command == .historyCandlesticks { due = max(due, history.nextAdmission(at: now)) }
        if let bucket = byCommand[command.rawValue] { due = max(due, bucket.nextAdmission(at: now)) }
        guard due <= now else { return due }
        _ = all.take(at: now)
        if command == .historyCandlesticks { _ = history.take(at: now) }
        _ = byCommand[command.rawValue]?.take(at: now)
        return nil
    }
}
