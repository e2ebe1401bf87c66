public import BrokerModel
public import Clocks
public import EventLoops

/// The market data that not every broker has. Whoever lacks one leaves it to the default, which is `.notSupported`.
///
/// The rules of ``Broker``'s reads hold here too.
@LoopActor
public protocol MarketDataReads: AnyObject {
    /// Who stands at the best prices (Hong Kong).
    func brokerQueue(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> BrokerQueue
    /// The newest queue, while subscribed and live; otherwise `nil`.
    func liveBrokerQueue(_ symbol: Symbol) -> Received<BrokerQueue>?
    /// The exchange's members and their seats (Hong Kong).
    func participants(wait: Duration) async throws(BrokerFailure) -> [Participant]
    /// Past candles, which count against a quota of the broker's.
    func candleHistory(_ request: CandleHistoryRequest, wait: Duration) async throws(BrokerFailure) -> CandleHistory
    /// What is used of the quota of past candles; `nil` where there is none.
    var historyQuota: HistoryQuota? { get }
    /// Securities that earlier runs asked for in a month, `2026-11`: they count no more in it.
    func restoreHistoryUse(_ symbols: [Symbol], month: String)
    /// Calculated figures; those that do not apply to a security are absent.
    func indicators(_ symbols: [Symbol], _ fields: [Indicator], wait: Duration) async throws(BrokerFailure)
        -> SymbolResults<IndicatorValues>
    /// Net inflow minute by minute, oldest first.
    func capitalFlow(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [CapitalFlowPoint]
    /// The day's money by the size of orders.
    func capitalDistribution(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> CapitalDistribution
    /// When the markets trade on a full day.
    func marketHours(wait: Duration) async throws(BrokerFailure) -> [BrokerModel.MarketHours]
    /// The days a market trades. A range longer than the broker takes at once is asked for piece by piece.
    func tradingDays(_ market: Market, from: CivilDate, through: CivilDate, wait: Duration) async throws(BrokerFailure)
        -> TradingDays
    /// Makes exactly these candles the ones that are told of, now and after every reconnection. Idempotent; returns at
    /// once.
    func setWantedCandles(_ topics: Set<CandleTopic>)
    /// The running candle, while it is live; otherwise `nil`.
    func liveCandle(_ topic: CandleTopic) -> Received<Candle>?
    /// What the broker says is subscribed on the session.
    func subscribedUpstream(wait: Duration) async throws(BrokerFailure) -> [MarketTopic]
    /// What the account may see; `nil` until the broker has told.
    var quotePermissions: QuotePermissions? { get }
}

extension MarketDataReads {
    /// Not offered.
    public func brokerQueue(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> BrokerQueue {
        throw .notOffered
    }
    /// Never live.
    public func liveBrokerQueue(_ symbol: Symbol) -> Received<BrokerQueue>? { nil }
    /// Not offered.
    public func participants(wait: Duration) async throws(BrokerFailure) -> [Participant] { throw .notOffered }
    /// Not offered.
    public func candleHistory(
        _ request: CandleHistoryRequest, wait: Duration
    ) async throws(BrokerFailure) -> CandleHistory { throw .notOffered }
    /// None.
    public var historyQuota: HistoryQuota? { nil }
    /// Nothing to know.
    public func restoreHistoryUse(_ symbols: [Symbol], month: String) {}
    /// Not offered.
    public func indicators(
        _ symbols: [Symbol], _ fields: [Indicator], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<IndicatorValues> { throw .notOffered }
    /// Not offered.
    public func capitalFlow(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [CapitalFlowPoint] {
        throw .notOffered
    }
    /// Not offered.
    public func capitalDistribution(
        _ symbol: Symbol, wait: Duration
    ) async throws(BrokerFailure) -> CapitalDistribution { throw .notOffered }
    /// Not offered.
    public func marketHours(wait: Duration) async throws(BrokerFailure) -> [BrokerModel.MarketHours] {
        throw .notOffered
    }
    /// Not offered.
    public func tradingDays(
        _ market: Market, from: CivilDate, through: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> TradingDays { throw .notOffered }
    /// Told of none.
    public func setWantedCandles(_ topics: Set<CandleTopic>) {}
    /// Never live.
    public func liveCandle(_ topic: CandleTopic) -> Received<Candle>? { nil }
    /// Not offered.
    public func subscribedUpstream(wait: Duration) async throws(BrokerFailure) -> [MarketTopic] { throw .notOffered }
    /// Unknown.
    public var quotePermissions: QuotePermissions? { nil }
}

extension BrokerFailure {
    /// The broker has no such thing.
    public static var notOffered: BrokerFailure {
        BrokerFailure(.notSupported, "The account's broker does not offer this.")
    }
}
