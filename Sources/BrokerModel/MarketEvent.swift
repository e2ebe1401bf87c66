public import Clocks

/// What can be subscribed of a security.
public enum MarketTopicKind: String, Sendable, Hashable, CaseIterable {
    case quote, depth, trade
    case brokerQueue = "broker-queue"
}

/// One subscription: what, of which security.
public struct MarketTopic: Hashable, Sendable {
    /// What.
    public var kind: MarketTopicKind
    /// Of which security.
    public var symbol: Symbol

    /// One subscription.
    public init(_ kind: MarketTopicKind, _ symbol: Symbol) {
        self.kind = kind
        self.symbol = symbol
    }
}

/// Why something may have been missed.
public struct StreamGap: Equatable, Sendable {
    /// When the last message before the gap came; `nil` if none ever did.
    public var from: WallTime?
    /// When messages came again.
    public var to: WallTime
    /// For people and programs: `link_lost`, `overflow`.
    public var reason: String

    /// One gap.
    public init(from: WallTime?, to: WallTime, reason: String) {
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// What a broker tells without being asked. Values are complete: an adapter merges partial pushes first.
public enum BrokerEvent: Sendable {
    /// New figures. The first after subscribing, or after a gap, is a snapshot.
    case quote(Quote, receivedAt: WallTime, isSnapshot: Bool)
    /// A new book.
    case depth(OrderBook, receivedAt: WallTime, isSnapshot: Bool)
    /// A new broker queue.
    case brokerQueue(BrokerQueue, receivedAt: WallTime, isSnapshot: Bool)
    /// New trades of a security, oldest first.
    case trades(Symbol, [Trade], receivedAt: WallTime)
    /// A running candle changed, or ended when it is final. The first after subscribing, or after a gap, is a snapshot.
    case candle(CandleTopic, Candle, receivedAt: WallTime, isSnapshot: Bool)
    /// The broker refused what a candle is built of, for good.
    case candleRefused(CandleTopic, BrokerFailure)
    /// Trades a candle is built of may have been missed; a fresh snapshot follows.
    case candleGap(CandleTopic, StreamGap)
    /// A link changed its state.
    case link(LinkStatus)
    /// The authorization changed its state; or the token ends within `remaining` and could not be renewed.
    case authorization(AuthorizationStatus, remaining: Duration?)
    /// Pushes of these topics may have been missed; fresh snapshots follow.
    case gap([MarketTopic], StreamGap)
    /// The broker refused a subscription for good; it is no longer wanted.
    case refused(MarketTopic, BrokerFailure)
}
