public import BrokerModel
public import EventLoops

/// One account's session with its broker: the seam between the product and an adapter.
///
/// Reads throw ``BrokerFailure`` and nothing else. They wait for the broker's limits and answers up to `wait`, and end
/// early when the calling task is cancelled. Nothing here waits for a link that is not ready: that is
/// `.sessionNotReady`, at once.
@LoopActor
public protocol Broker: MarketDataReads, DerivativeReads, UserListCalls, ReferenceReads {
    /// Alias, broker, environment, markets, capabilities.
    var account: AccountDescription { get }
    /// Each connection's state, in a fixed order.
    var links: [LinkStatus] { get }
    /// Whether the account is authorized.
    var authorization: AuthorizationStatus { get }
    /// Told of everything the broker pushes. Set once, before ``start()``; called on the loop.
    var onEvent: (@LoopActor (BrokerEvent) -> Void)? { get set }

    /// The broker's limits and how far they are used, in a fixed order; names are unique.
    var upstreamLimits: [UpstreamLimit] { get }
    /// The trading side, where the account has one.
    var trading: (any TradingBroker)? { get }
    /// Its own interface, where it can be called.
    var raw: (any RawCalls)? { get }
    /// Logins and renewals, where the account has them.
    var authorizer: (any BrokerAuthorizer)? { get }

    /// Begins to dial. Returns at once.
    func start()
    /// Closes every link for good, politely.
    func stop() async
    /// Drops the back-off or the hold and dials now. `false` if an attempt is already under way.
    func reconnect() -> Bool

    /// Present figures; unknown securities are failures of the result.
    func quotes(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> SymbolResults<Quote>
    /// What is fixed about securities.
    func instruments(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> SymbolResults<Instrument>
    /// The order book.
    func depth(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> OrderBook
    /// The newest `limit` trades (1 to 1000), oldest first.
    func trades(_ symbol: Symbol, limit: Int, wait: Duration) async throws(BrokerFailure) -> [Trade]
    /// The newest candles, oldest first, the running one included.
    func candles(_ request: CandleRequest, wait: Duration) async throws(BrokerFailure) -> [Candle]
    /// The minutes of the running or last day, oldest first.
    func intraday(_ symbol: Symbol, sessions: SessionFilter, wait: Duration) async throws(BrokerFailure)
        -> [IntradayPoint]

    /// Makes exactly these topics the wanted ones, now and after every reconnection. Idempotent; returns at once.
    func setWanted(_ topics: Set<MarketTopic>)

    /// The newest figures, while the security's quote is subscribed and live; otherwise `nil`.
    func liveQuote(_ symbol: Symbol) -> Received<Quote>?
    /// The newest book, while subscribed and live; otherwise `nil`.
    func liveDepth(_ symbol: Symbol) -> Received<OrderBook>?
}

extension Broker {
    /// None known.
    public var upstreamLimits: [UpstreamLimit] { [] }
    /// None.
    public var raw: (any RawCalls)? { nil }
    /// None.
    public var trading: (any TradingBroker)? { nil }
}

extension Broker {
    /// None, unless the adapter says otherwise.
    public var authorizer: (any BrokerAuthorizer)? { nil }
}
