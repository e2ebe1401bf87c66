public import BrokerModel
public import BrokerSessions
internal import Clocks
public import EventLoops
public import HTTPCalling
internal import Limits
internal import LongbridgeWire
internal import Protobuf
public import Storage

/// A Longbridge account's sessions, kept alive: the adapter between the vendor's wire and ``BrokerModel``.
@LoopActor
public final class LongbridgeBroker: Broker {
    /// Alias, environment, markets, capabilities.
    public private(set) var account: AccountDescription
    /// Told of everything the broker pushes.
    public var onEvent: (@LoopActor (BrokerEvent) -> Void)?

    let link: SocketLink
    let orders: LongbridgeTrading?
    private let rawCalls: LongbridgeRawCalls
    let tokens: TokenKeeper
    /// Both sockets log in with one credential, and are refused as one.
    private let refusals: RefusalRecord
    let logins: any BrokerAuthorizer
    let method: AuthorizationStatus.Method
    private var describedCenter: String?
    var reported: AuthorizationStatus?
    var feed = MarketFeed()
    var plan = SubscriptionPlan(batch: QuoteLimits.symbolsPerRequest)
    var wanted: Set<MarketTopic> = []
    var subscribing: Task<Void, Never>?
    var directory = ParticipantDirectory()
    var loadingDirectory: Task<Void, Never>?
    var historyUse = HistoryUse()
    var wantedCandles: Set<CandleTopic> = []
    /// The same by security: each push of it feeds them.
    var candlesBySymbol: [Symbol: [CandleTopic]] = [:]
    var builders: [CandleTopic: LiveCandle] = [:]
    var seeding: [CandleTopic: Task<Void, Never>] = [:]
    /// What was pushed between the answer that seeds a candle and its builder.
    var earlyPushes: [CandleTopic: [CandleBuilder.Push]] = [:]
    lazy var candleTimer = LoopTimer { [weak self] in self?.endCandles() }
    var feedWatch: FeedWatch
    var askingForVolumes: Task<Void, Never>?
    private lazy var feedTimer = LoopTimer { [weak self] in self?.watchFeed() }
    var boards: [Symbol: String] = [:]
    var halfDays: [Market: (asked: CivilDate, days: [CivilDate])] = [:]
    /// Hours of a full day, as the broker last told them.
    var toldHours: [Market: BrokerModel.MarketHours] = [:]
    private var interruption: (since: WallTime?, topics: Set<MarketTopic>, candles: Set<CandleTopic>)?

    /// A session that is not started.
    ///
    /// - Parameter secrets: where tokens are kept; without it they are forgotten with the process.
    public init(_ settings: LongbridgeAccountSettings, caller: HTTPCaller, secrets: (any SecretKeeping)? = nil) {
        account = AccountDescription(
            alias: settings.alias, broker: "longbridge", environment: settings.environment,
            markets: [.hongKong, .unitedStates, .shanghai, .shenzhen, .singapore],
            capabilities: [
                .quotes, .instruments, .depth, .trades, .candles, .intraday, .quoteStream, .depthStream, .tradeStream,
                .brokerQueue, .brokerQueueStream, .participants, .candleHistory, .indicators, .capitalFlow, .calendar,
                .options, .warrants, .candleStream, .securities, .temperature, .watchlists, .priceAlerts,
                .raw,
            ])
        feedWatch = FeedWatch(patience: settings.feedPatience)
        let gateway = LongbridgeGateway(settings, caller: caller)
        let secrets = secrets ?? VolatileSecrets()
        switch settings.access {
        case .apiKey(let key, let secret, let token):
            let source = AccessTokenRenewal(key: key, secret: secret, token: token, gateway: gateway)
            method = .apiKey
            tokens = TokenKeeper(alias: settings.alias, source: source, store: secrets)
            logins = AccessTokenAuthorizer(keeper: tokens)
        case .oauth(let login):
            let client = OAuthClient(
                login, base: login.server ?? settings.httpURL, alias: settings.alias, caller: caller, store: secrets)
            let source = LoginTokens(login, client: client)
            method = .oauth
            tokens = TokenKeeper(alias: settings.alias, source: source, store: secrets)
            logins = LongbridgeAuthorizer(client: client, keeper: tokens)
        }
        gateway.credentials = tokens
        let refusals = RefusalRecord(of: settings.alias, credential: settings.access.digest, in: secrets)
        self.refusals = refusals
        link = SocketLink(.quote, settings, gateway: gateway, refusals: refusals)
        orders = settings.tradeURL.map { _ in LongbridgeTrading(settings, gateway: gateway, refusals: refusals) }
        rawCalls = LongbridgeRawCalls(
            gateway: gateway, quotes: link, trading: orders, bounds: settings.bounds)
        orders?.onStatus = { [weak self] in self?.tradeStatusChanged() }
        link.onPush = { [weak self] command, body throws(PushFault) in try self?.pushed(command, body) }
        link.onStatus = { [weak self] in self?.statusChanged() }
        link.onLost = { [weak self] in self?.linkLost() }
        link.onReady = { [weak self] in self?.linkReady() }
        tokens.onChange = { [weak self] in
            self?.describeTrading()
            self?.authorizationChanged()
        }
        tokens.onAdopted = { [weak self] in
            self?.describeTrading()
            self?.tokenAdopted()
        }
        tokens.onAuthorized = { refusals.forget() }
        tokens.onWarning = { [weak self] in self?.tokenEnds(within: $0) }
        (logins as? LongbridgeAuthorizer)?.onForgotten = { [weak self] in self?.tokensForgotten() }
        describeTrading()
    }

    /// What the trading side can do depends on the data centre, and that on the token: a login's is known once it is there.
    private func describeTrading() {
        guard let orders else { return }
        let dataCenter = tokens.dataCenter
        guard dataCenter != describedCenter else { return }
        describedCenter = dataCenter
        let all = LongbridgeTrading.capabilities(orders.settings.environment, dataCenter: DataCenter.asia)
        let offered = LongbridgeTrading.capabilities(orders.settings.environment, dataCenter: dataCenter)
        account.capabilities = account.capabilities.filter { !all.contains($0) } + offered
    }

    // MARK: The session

    /// The vendor's own HTTP interface.
    public var raw: (any RawCalls)? { rawCalls }

    /// Orders, holdings, money.
    public var trading: (any TradingBroker)? { orders }

    /// Two links: quotes, orders.
    public var links: [LinkStatus] { [quoteStatus] + (orders.map { [$0.status] } ?? []) }

    private var quoteStatus: LinkStatus {
        var status = LinkStatus(name: .quote, since: link.since)
        status.state = link.state
        status.attempts = link.attempts
        status.nextAttempt = link.nextAttempt
        status.lastMessage = link.lastMessage
        status.subscriptionsUsed = plan.confirmedCount
        status.subscriptionLimit = link.subscriptionLimit
        status.reason = link.reason
        status.losses = link.losses
        return status
    }

    /// Begins to dial.
    public func start() {
        tokens.start()
        link.start()
        orders?.start()
        feedTimer.schedule(every: .milliseconds(500))
    }

    /// Closes the links for good. A token that is on its way is taken in and kept.
    public func stop() async {
        feedTimer.cancel()
        askingForVolumes?.cancel()
        subscribing?.cancel()
        loadingDirectory?.cancel()
        forgetCandles()
        await link.stop()
        await orders?.stop()
        (logins as? LongbridgeAuthorizer)?.stop()
        await tokens.stop(within: .seconds(5))
        await refusals.settle()
    }

    /// Dials now; `false` if an attempt is under way.
    public func reconnect() -> Bool {
        if method == .apiKey { tokens.reset() }
        refusals.forget()
        let isDialing = [link.reconnect(), orders?.reconnect() ?? false]
        return isDialing.contains(true)
    }

    private func statusChanged() {
        onEvent?(.link(quoteStatus))
        // A refused login is the end of the authorization too.
        authorizationChanged()
    }

    private func tradeStatusChanged() {
        if let status = orders?.status { onEvent?(.link(status)) }
        authorizationChanged()
    }

    private func linkLost() {
        let missed = Set(plan.confirmedItems.compactMap { MarketTopic($0) })
        // A second loss before the first was made good is one interruption.
        interruption = (
            interruption?.since ?? link.lastMessage, missed.union(interruption?.topics ?? []),
            Set(builders.keys).union(interruption?.candles ?? [])
        )
        forgetCandles()
        feedWatch.end()
        askingForVolumes?.cancel()
        plan.connectionLost()
        subscribing?.cancel()
        subscribing = nil
        feed.forget()
    }

    private func linkReady() {
        plan.limit = link.subscriptionLimit
        if let interruption {
            let topics = interruption.topics.intersection(wanted)
            let gap = StreamGap(from: interruption.since, to: .now(), reason: "link_lost")
            for topic in interruption.candles.intersection(wantedCandles).sorted(by: { $0.text < $1.text }) {
                onEvent?(.candleGap(topic, gap))
            }
            if !topics.isEmpty {
                onEvent?(.gap(topics.sorted { ($0.symbol, $0.kind.rawValue) < ($1.symbol, $1.kind.rawValue) }, gap))
            }
        }
        interruption = nil
        subscribe()
    }

    // MARK: Live figures

    /// The newest figures while they are live.
    public func liveQuote(_ symbol: Symbol) -> Received<Quote>? { feed.quote(symbol) }

    /// The newest book while it is live.
    public func liveDepth(_ symbol: Symbol) -> Received<OrderBook>? { feed.book(symbol) }
}
