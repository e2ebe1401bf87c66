public import Clocks

/// Merges partial quote pushes into the last complete record of a security.
///
/// An empty price and a zero volume or turnover mean "unchanged"; time, status and session are always taken. A push
/// marked as revised after the close is not merged. A push about an extended session changes that session's part of
/// the record and leaves the day's figures alone, so that the merged record says what a pulled one would.
///
/// - Source: Longbridge OpenAPI, "Push Real-time Quotes": only changed members are filled. The vendor's client keeps
///   one set of figures for all sessions; its pulled record has one a session, and that is the form kept here.
public struct QuoteMerger: Sendable {
    /// What a push did.
    public enum Outcome: Equatable, Sendable {
        /// Late, repeated, or not about live figures.
        case ignored
        case merged
        /// Merged, and the first of its session on another day: figures that no push carries (the previous close) are
        /// unknown until the record is pulled again.
        case mergedOnNewDay
    }

    /// The merged record.
    public private(set) var quote: Longbridge.Quote.SecurityQuote
    /// The session of the day the last push was about; `nil` before the first.
    public private(set) var session: Longbridge.Quote.TradeSession?
    private var sequence = SequenceRule()
    private let zone: TimeZoneRule

    /// Starts with a record that was pulled.
    ///
    /// - Parameter zone: the exchange's clock, by which days change.
    public init(_ quote: Longbridge.Quote.SecurityQuote, zone: TimeZoneRule) {
        self.quote = quote
        self.zone = zone
    }

    /// Replaces the record by one pulled anew; pushes repeated from before it stay known.
    public mutating func replace(_ quote: Longbridge.Quote.SecurityQuote) {
        self.quote = quote
    }

    /// Takes a push.
    public mutating func merge(_ push: Longbridge.Quote.PushQuote) -> Outcome {
        guard push.tag == .normal, sequence.takes(push.sequence) else { return .ignored }
        session = push.tradeSession
        quote.tradeStatus = push.tradeStatus
        let before: Int64
        switch push.tradeSession {
        case .preTrade: before = QuoteMerger.merge(push, into: &quote.preMarketQuote)
        case .postTrade: before = QuoteMerger.merge(push, into: &quote.postMarketQuote)
        case .overnightTrade: before = QuoteMerger.merge(push, into: &quote.overNightQuote)
        default: before = mergeDay(push)
        }
        return isNewDay(push.timestamp, after: before) ? .mergedOnNewDay : .merged
    }

    /// The time of the figures before the push.
    private mutating func mergeDay(_ push: Longbridge.Quote.PushQuote) -> Int64 {
        let before = quote.timestamp
        if isNewDay(push.timestamp, after: before) { quote.prevClose = "" }
        if !push.lastDone.isEmpty { quote.lastDone = push.lastDone }
        if !push.open.isEmpty { quote.open = push.open }
        if !push.high.isEmpty { quote.high = push.high }
        if !push.low.isEmpty { quote.low = push.low }
        if push.volume != 0 { quote.volume = push.volume }
        if !push.turnover.isEmpty { quote.turnover = push.turnover }
        quote.timestamp = push.timestamp
        return before
    }

    private static func merge(
        _ push: Longbridge.Quote.PushQuote, into part: inout Longbridge.Quote.PrePostQuote?
    ) -> Int64 {
        var figures = part ?? Longbridge.Quote.PrePostQuote()
        let before = figures.timestamp
        if !push.lastDone.isEmpty { figures.lastDone = push.lastDone }
        if !push.high.isEmpty { figures.high = push.high }
        if !push.low.isEmpty { figures.low = push.low }
        if push.volume != 0 { figures.volume = push.volume }
        if !push.turnover.isEmpty { figures.turnover = push.turnover }
        figures.timestamp = push.timestamp
        part = figures
        return before
    }

    private func isNewDay(_ seconds: Int64, after before: Int64) -> Bool {
        guard seconds > 0, before > 0, seconds > before, seconds < QuoteMerger.latestTime else { return false }
        return zone.civil(at: WallTime(seconds: seconds)).0 > zone.civil(at: WallTime(seconds: before)).0
    }

    /// The year 9999: times behind it are nonsense, and no calendar is asked about them.
    private static let latestTime: Int64 = 253_402_300_800
}
