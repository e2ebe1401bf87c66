public import BrokerModel
public import BrokerSessions
internal import Clocks
public import EventLoops
internal import OpenDWire
public import Storage

/// An account at a Futu or moomoo gateway: the adapter between the gateway's wire and ``BrokerModel``.
@LoopActor
public final class OpenDBroker: Broker {
    /// Alias, environment, markets, capabilities.
    public let account: AccountDescription
    /// Told of everything the gateway pushes.
    public var onEvent: (@LoopActor (BrokerEvent) -> Void)?

    let settings: OpenDAccountSettings
    let link: OpenDLink
    let rawCalls: OpenDRawCalls
    let orders: OpenDTrading?
    let userLists: OpenDUserLists
    /// A simulation's markets never close.
    var sessionRule: SessionRule { SessionRule(isAlwaysOpen: settings.environment == .sandbox) }
    var ledger = SubscriptionLedger()
    var feed = OpenDFeed()
    var wanted: Set<MarketTopic> = []
    var wantedCandles: Set<CandleTopic> = []
    /// The same by what brings them: each push feeds them.
    var candlesByItem: [SubscriptionLedger.Item: [CandleTopic]] = [:]
    var subscribing: Task<Void, Never>?
    /// Pulls that wait until their security is subscribed.
    var pullWaiters: [SubscriptionLedger.Item: [Completion<BrokerFailure?>]] = [:]
    lazy var releaseTimer = LoopTimer { [weak self] in self?.subscribe() }
    lazy var candleTimer = LoopTimer { [weak self] in self?.endCandles() }
    private var reported: AuthorizationStatus?
    private var interruption: (since: WallTime?, topics: Set<MarketTopic>, candles: Set<CandleTopic>)?

    /// A session that is not started.
    ///
    /// - Parameters:
    ///   - limits: those of the gateway; accounts at one gateway share them.
    ///   - secrets: where a refused trade password is remembered; without it that is forgotten with the process.
    public init(
        _ settings: OpenDAccountSettings, limits: OpenDLimits = OpenDLimits(), secrets: (any SecretKeeping)? = nil
    ) {
        self.settings = settings
        account = AccountDescription(
            alias: settings.alias, broker: settings.broker, environment: settings.environment,
            markets: [.hongKong, .unitedStates, .shanghai, .shenzhen, .singapore],
            capabilities: [
                .quotes, .instruments, .depth, .trades, .candles, .intraday, .quoteStream, .depthStream, .tradeStream,
                .brokerQueue, .brokerQueueStream, .candleHistory, .indicators, .capitalFlow, .calendar, .options,
                .warrants, .candleStream, .securities, .watchlists, .priceAlerts, .sectors, .adjustments, .newIssues,
                .futures, .screener, .raw,
            ] + (settings.trade.map { OpenDTrading.capabilities(isPaper: $0.isPaper) } ?? []))
        link = OpenDLink(settings, limits: limits)
        rawCalls = OpenDRawCalls(link: link)
        userLists = OpenDUserLists(calls: link)
        let link = link
        orders = settings.trade.map { trade in
            let refusals = secrets.flatMap { store in
                trade.password.map { RefusalRecord(of: settings.alias, credential: $0.digest, in: store) }
            }
            return OpenDTrading(trade, calls: link, refusals: refusals)
        }
        orders?.onStatus = { [weak self] in self?.tradeStatusChanged() }
        link.onStatus = { [weak self] in self?.statusChanged() }
        link.observe { [weak self] news in self?.linkChanged(news) }
        registerPushes()
    }

    // MARK: The session

    /// The gateway's own interface.
    public var raw: (any RawCalls)? { rawCalls }

    /// Orders, holdings, money.
    public var trading: (any TradingBroker)? { orders }

    /// The connection, and what stands on it for trading: the account, its pushes.
    public var links: [LinkStatus] {
        var status = link.status
        status.subscriptionsUsed = ledger.used
        status.subscriptionLimit = ledger.limit
        return [status] + (orders.map { [$0.status] } ?? [])
    }

    /// The gateway is logged in and trading not locked, or its user must act there.
    public var authorization: AuthorizationStatus {
        if !link.needsUser, case .locked(let reason) = orders?.lock.state {
            return AuthorizationStatus(method: .opend, state: .locked, lastError: reason)
        }
        return AuthorizationStatus(
            method: .opend, state: link.needsUser ? .authorizationRequired : .ready,
            lastError: link.needsUser ? link.reason : nil)
    }

    /// Begins to dial.
    public func start() { link.start() }

    /// Closes the link for good.
    public func stop() async {
        subscribing?.cancel()
        releaseTimer.cancel()
        candleTimer.cancel()
        orders?.stop()
        link.stop()
        await orders?.refusals?.settle()
    }

    /// Dials now; `false` if an attempt is under way.
    public func reconnect() -> Bool { link.reconnect() }

    private func statusChanged() {
        if let status = links.first { onEvent?(.link(status)) }
        authorizationChanged()
    }

    private func tradeStatusChanged() {
        if let status = orders?.status { onEvent?(.link(status)) }
        authorizationChanged()
    }

    private func authorizationChanged() {
        let status = authorization
        guard status != reported else { return }
        let isFirst = reported == nil
        reported = status
        if !isFirst || status.state != .ready { onEvent?(.authorization(status, remaining: nil)) }
    }

    private func linkChanged(_ news: OpenDLinkNews) {
        switch news {
        case .ready: linkReady()
        case .changed: break
        case .lost: linkLost()
        }
    }

    private func linkLost() {
        let live = ledger.registered
        let missed = wanted.filter { live.contains(.init($0.symbol, $0.kind.subscription)) }
        let candles = wantedCandles.filter { feed.candle($0) != nil }
        // A second loss before the first was made good is one interruption.
        interruption = (
            interruption?.since ?? link.lastMessage, missed.union(interruption?.topics ?? []),
            candles.union(interruption?.candles ?? [])
        )
        ledger.connectionLost()
        subscribing?.cancel()
        subscribing = nil
        feed.forget()
        let failure = BrokerFailure(.connectionLost, "The connection to the gateway was lost.")
        for waiters in pullWaiters.values { for waiter in waiters { waiter.resolve(failure) } }
        pullWaiters = [:]
    }

    private func linkReady() {
        if let interruption {
            let gap = StreamGap(from: interruption.since, to: .now(), reason: "link_lost")
            for topic in interruption.candles.intersection(wantedCandles).sorted(by: { $0.text < $1.text }) {
                onEvent?(.candleGap(topic, gap))
            }
            let topics = interruption.topics.intersection(wanted)
            if !topics.isEmpty {
                onEvent?(.gap(topics.sorted { ($0.symbol, $0.kind.rawValue) < ($1.symbol, $1.kind.rawValue) }, gap))
            }
        }
        interruption = nil
        subscribe()
    }

    // MARK: Live figures

    /// The newest figures while they are live.
    public func liveQuote(_ symbol: Symbol) -> Received<Quote>? { feed.quotes[symbol] }

    /// The newest book while it is live.
    public func liveDepth(_ symbol: Symbol) -> Received<OrderBook>? { feed.books[symbol] }

    /// The newest queue while it is live.
    public func liveBrokerQueue(_ symbol: Symbol) -> Received<BrokerQueue>? { feed.queues[symbol] }

    /// The running candle while it is live.
    public func liveCandle(_ topic: CandleTopic) -> Received<Candle>? { feed.candle(topic) }
}
