internal import Clocks
internal import Limits
internal import LongbridgeWire

/// The vendor's limits on the quote socket, kept on our side so that the broker never has to refuse.
///
/// - Source: open.longbridge.com/docs, as of May 2026; the page stands beside each number. The profile of the session
///   adds a bucket per command.
struct QuoteLimits {
    /// "Overview", rate limit: calls of all kinds a second.
    static let callsPerSecond = 10
    /// The same place: calls at once.
    static let callsAtOnce = 5
    /// The same ten are for the HTTP calls about quotes too, which are not counted with those of the socket: half.
    static let listCallsPerSecond = 5
    /// "Get Security History Candlesticks": calls in ``historyWindow``.
    static let historyCalls = 60
    static let historyWindow = Duration.seconds(30)
    /// "Get Real-time Quotes" and the other pages of lists: securities in one request.
    static let symbolsPerRequest = 500
    /// "Get Security Trades", "Get Security Candlesticks" and "Get Security History Candlesticks": rows in one answer.
    static let rowsPerRequest = 1000
    /// "Get Trading Days of The Market": the days may be a month apart. The shortest month but February has 30 days.
    static let calendarDays = 29

    /// The broker's second, and a twentieth more: calls may catch up with each other on the way.
    static let window = Duration.milliseconds(1050)
    /// How long nothing is sent after the broker said that calls come too fast.
    static let pauseAfterRefusal = Duration.seconds(1)

    private var all = SlidingWindow(limit: callsPerSecond, window: window)
    private var history = SlidingWindow(limit: historyCalls, window: historyWindow)
    private var byCommand: [UInt8: TokenBucket] = [:]
    private var pausedUntil: Instant?

    /// Takes what the session's profile says. Limits below 1 are ignored.
    mutating func apply(_ profile: Longbridge.Quote.UserQuoteProfileResponse) {
        byCommand = [:]
        for rule in profile.rateLimit where rule.limit > 0 && rule.burst > 0 {
            guard let command = UInt8(exactly: rule.command.rawValue) else { continue }
            byCommand[command] = TokenBucket(ratePerSecond: Int(rule.limit), capacity: Int(rule.burst))
        }
    }

    /// The broker refused a call as one too many: its count differs from ours, and its count is what matters.
    mutating func refused(at now: Instant) {
        pausedUntil = now + QuoteLimits.pauseAfterRefusal
    }

    /// The earliest instant, not before `now`, at which every budget the call counts against has room.
    func nextAdmission(_ command: QuoteCommand, at now: Instant) -> Instant {
        var due = max(all.nextAdmission(at: now), pausedUntil ?? now)
        if command == .historyCandlesticks { due = max(due, history.nextAdmission(at: now)) }
        if let bucket = byCommand[command.rawValue] { due = max(due, bucket.nextAdmission(at: now)) }
        return due
    }

    /// Counts a call that ``nextAdmission(_:at:)`` admits now.
    mutating func take(_ command: QuoteCommand, at now: Instant) {
        _ = all.take(at: now)
        if command == .historyCandlesticks { _ = history.take(at: now) }
        _ = byCommand[command.rawValue]?.take(at: now)
    }
}
