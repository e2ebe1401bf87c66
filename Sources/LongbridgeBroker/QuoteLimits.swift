internal import BrokerSessions
internal import Clocks
internal import Limits
internal import LongbridgeWire

/// The vendor's limits on calls about quotes, kept on our side so that the broker never has to refuse. The numbers are
/// those of ``LongbridgeLimit``; the profile of the session adds a bucket per command.
enum QuoteLimits {
    /// "Get Real-time Quotes" and the other pages of lists: securities in one request.
    static let symbolsPerRequest = 500
    /// "Get Security Trades", "Get Security Candlesticks" and "Get Security History Candlesticks": rows in one answer.
    static let rowsPerRequest = 1000
    /// "Get Trading Days of The Market": the days may be a month apart. The shortest month but February has 30 days.
    static let calendarDays = 29

    /// How long nothing is sent after the broker said that calls come too fast.
    static let pauseAfterRefusal = Duration.seconds(1)

    /// What is waited for first.
    enum Rank: Int {
        /// What keeps streams alive.
        case subscription
        /// What somebody asked for.
        case asked
        /// What nobody waits for.
        case background
    }

    /// The budgets of the line: of all calls, and of those for past candles.
    static let all = 0
    static let history = 1

    /// A line with nobody in it.
    static func line(_ bounds: LongbridgeBounds, maximumWaiting: Int) -> CallLine {
        CallLine(
            budgets: [
                HeldWindow(limit: bounds.quoteCalls, window: window(of: .quote)),
                HeldWindow(limit: bounds.historyCalls, window: window(of: .history)),
            ],
            atOnce: bounds.quoteCallsAtOnce, maximumWaiting: maximumWaiting)
    }

    /// The vendor's, and a little more: its clock may run faster than ours.
    static func window(of limit: LongbridgeLimit) -> Duration {
        (limit.row.window ?? .zero) + .milliseconds(10)
    }

    /// What a call is to the line; `nil` is one over HTTP.
    static func call(_ command: QuoteCommand?, at now: Instant) -> CallLine.Call {
        let caller = UpstreamCaller.current
        let rank: Rank
        switch command {
        case .subscribe, .unsubscribe: rank = .subscription
        default: rank = caller.name.isEmpty ? .background : .asked
        }
        return CallLine.Call(
            rank: rank.rawValue, budgets: command == .historyCandlesticks ? [all, history] : [all],
            bucket: command?.rawValue, caller: caller.name, isExpected: caller.isExpected(at: now),
            isHurried: caller.isHurried)
    }

    /// The buckets a profile gives. Limits below 1 are ignored.
    static func buckets(_ profile: Longbridge.Quote.UserQuoteProfileResponse) -> [UInt8: TokenBucket] {
        var buckets: [UInt8: TokenBucket] = [:]
        for rule in profile.rateLimit where rule.limit > 0 && rule.burst > 0 {
            guard let command = UInt8(exactly: rule.command.rawValue) else { continue }
            buckets[command] = TokenBucket(ratePerSecond: Int(rule.limit), capacity: Int(rule.burst))
        }
        return buckets
    }
}
