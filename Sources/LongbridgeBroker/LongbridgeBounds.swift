/// The limits in force for an account: the vendor's, or lower ones of its owner. A simulated broker may allow more.
public struct LongbridgeBounds: Sendable, Equatable {
    /// Calls of the trading interface in 30 s.
    public var tradeCalls = LongbridgeLimit.trade.row.count
    /// Calls about quotes a second.
    public var quoteCalls = LongbridgeLimit.quote.row.count
    /// Calls about quotes at once.
    public var quoteCallsAtOnce = LongbridgeLimit.quote.row.atOnce ?? 1
    /// Calls for past candles in 30 s.
    public var historyCalls = LongbridgeLimit.history.row.count
    /// Securities with past candles a month; `nil` for what the broker tells.
    public var historySymbols: Int?
    /// Securities subscribed at once; `nil` for what the broker tells.
    public var subscriptions: Int?

    /// The vendor's.
    public init() {}
}
