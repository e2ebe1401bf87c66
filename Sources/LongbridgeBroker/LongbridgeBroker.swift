public import BrokerModel
public import BrokerSessions
internal import Clocks
public import EventLoops
public import HTTPCalling
internal import LongbridgeWire
internal import Protobuf

/// A Longbridge account's quote session, kept alive: the adapter between the vendor's wire and ``BrokerModel``.
@LoopActor
public final class LongbridgeBroker: Broker {
    /// Alias, environment, markets, capabilities.
    public let account: AccountDescription
    /// Told of everything the broker pushes.
    public var onEvent: (@LoopActor (BrokerEvent) -> Void)?

    let link: QuoteLink
    var feed = MarketFeed()
    private var plan = SubscriptionPlan(batch: QuoteLimits.symbolsPerRequest)
    private var wanted: Set<MarketTopic> = []
    private var subscribing: Task<Void, Never>?
    private var lostAt: WallTime?

    /// A session that is not started.
    public init(_ settings: LongbridgeAccountSettings, caller: HTTPCaller) {
        account = AccountDescription(
            alias: settings.alias, broker: "longbridge", environment: settings.environment,
            markets: [.hongKong, .unitedStates, .shanghai, .shenzhen, .singapore],
            capabilities: [
                .quotes, .instruments, .depth, .trades, .candles, .intraday, .quoteStream, .depthStream, .tradeStream,
            ])
        link = QuoteLink(settings, gateway: LongbridgeGateway(settings, caller: caller))
        link.onPush = { [weak self] command, body in self?.pushed(command, body) }
        link.onStatus = { [weak self] in self?.statusChanged() }
        link.onLost = { [weak self] in self?.linkLost() }
        link.onReady = { [weak self] in self?.linkReady() }
    }

    // MARK: The session

    /// One link: quotes.
    public var links: [LinkStatus] {
        var status = LinkStatus(name: .quote, since: link.since)
        status.state = link.state
        status.attempts = link.attempts
        status.nextAttempt = link.nextAttempt
        status.lastMessage = link.lastMessage
        status.subscriptionsUsed = plan.confirmedCount
        status.subscriptionLimit = link.subscriptionLimit
        status.reason = link.reason
        status.losses = link.losses
        return [status]
    }

    /// By API key; it works until the broker refuses it.
    public var authorization: AuthorizationStatus {
        AuthorizationStatus(
            method: .apiKey, state: link.areCredentialsRefused ? .authorizationRequired : .ready,
            lastError: link.areCredentialsRefused ? link.reason : nil)
    }

    /// Begins to dial.
    public func start() { link.start() }

    /// Closes the link for good.
    public func stop() async {
        subscribing?.cancel()
        link.stop()
    }

    /// Dials now; `false` if an attempt is under way.
    public func reconnect() -> Bool { link.reconnect() }

    private func statusChanged() {
        if let status = links.first { onEvent?(.link(status)) }
    }

    private func linkLost() {
        lostAt = link.lastMessage
        plan.connectionLost()
        subscribing?.cancel()
        subscribing = nil
        feed.forget()
    }

    private func linkReady() {
        if let lostAt, !wanted.isEmpty {
            onEvent?(.gap(Array(wanted), StreamGap(from: lostAt, to: .now(), reason: "link_lost")))
        }
        lostAt = nil
        subscribe()
    }

    // MARK: Subscriptions

    /// Makes exactly these topics the wanted ones.
    public func setWanted(_ topics: Set<MarketTopic>) {
        wanted = topics
        var wishes: SubscriptionPlan.Wishes = [:]
        for topic in topics { wishes[topic.symbol.text, default: []].insert(topic.kind.subscriptionType) }
        plan.setWanted(wishes)
        feed.keep(only: topics)
        subscribe()
    }

    /// Sends what the plan says until it is content; one task at a time.
    private func subscribe() {
        guard subscribing == nil, link.isReady else { return }
        subscribing = spawn { [weak self] in
            // Wishes of one turn go out together.
            await Task.yield()
            while !Task.isCancelled, let self, link.isReady, let step = plan.next() {
                guard await carryOut(step) else { return }
            }
            if !Task.isCancelled { self?.subscribing = nil }
        }
    }

    /// `false` when the link was lost meanwhile.
    private func carryOut(_ step: SubscriptionPlan.Step) async -> Bool {
        do throws(BrokerFailure) {
            switch step {
            case .subscribe(let symbols, let types):
                var request = Longbridge.Quote.SubscribeRequest()
                request.symbol = symbols
                request.subType = types.map { Longbridge.Quote.SubType(rawValue: $0) }
                request.isFirstPush = true
                _ = try await link.request(
                    .subscribe, request, as: Longbridge.Quote.SubscriptionResponse.self, wait: .seconds(60))
                guard !Task.isCancelled else { return false }
                plan.succeeded()
                if types.contains(MarketTopicKind.quote.subscriptionType) { try await pullSnapshots(symbols) }
            case .unsubscribe(let symbols, let types):
                var request = Longbridge.Quote.UnsubscribeRequest()
                request.symbol = symbols
                request.subType = types.map { Longbridge.Quote.SubType(rawValue: $0) }
                _ = try await link.request(
                    .unsubscribe, request, as: Longbridge.Quote.UnsubscribeResponse.self, wait: .seconds(60))
                guard !Task.isCancelled else { return false }
                plan.succeeded()
            }
            return true
        } catch {
            guard !Task.isCancelled, link.isReady else { return false }
            return await recover(from: error)
        }
    }

    private func recover(from failure: BrokerFailure) async -> Bool {
        switch failure.kind {
        case .unknownSymbol, .invalidRequest, .noData, .notPermitted, .quotaExceeded, .notSupported:
            for (symbol, type) in plan.failed() {
                guard let symbol = Symbol(symbol), let kind = MarketTopicKind(subscriptionType: type) else { continue }
                onEvent?(.refused(MarketTopic(kind, symbol), failure))
            }
            return true
        case .sessionNotReady, .authorizationRequired, .connectionLost, .cancelled:
            return false
        case .rateLimited, .timedOut, .badAnswer:
            plan.retryLater()
            do throws(CancellationError) { try await sleep(for: failure.retryAfter ?? .seconds(2)) } catch {
                return false
            }
            return true
        }
    }

    /// Complete records of newly subscribed securities: pushes carry no previous close.
    private func pullSnapshots(_ symbols: [String]) async throws(BrokerFailure) {
        var request = Longbridge.Quote.MultiSecurityRequest()
        request.symbol = symbols
        let answer = try await link.request(
            .securityQuote, request, as: Longbridge.Quote.SecurityQuoteResponse.self, wait: .seconds(60))
        for record in answer.secuQuote where plan.isConfirmed(record.symbol, MarketTopicKind.quote.subscriptionType) {
            guard let symbol = Symbol(record.symbol) else { continue }
            let quote = feed.begin(record, symbol: symbol, at: .now())
            onEvent?(.quote(quote.value, receivedAt: quote.at, isSnapshot: true))
        }
    }

    // MARK: Pushes

    private func pushed(_ command: UInt8, _ body: [UInt8]) {
        // A push that cannot be decoded or is of no known command costs itself only, as with the vendor's client.
        switch QuoteCommand(rawValue: command) {
        case .pushQuote:
            guard let push = try? Longbridge.Quote.PushQuote.decode(body), let quote = feed.merge(push, at: .now())
            else { return }
            onEvent?(.quote(quote.value, receivedAt: quote.at, isSnapshot: false))
        case .pushDepth:
            guard let push = try? Longbridge.Quote.PushDepth.decode(body), let symbol = Symbol(push.symbol),
                wanted.contains(MarketTopic(.depth, symbol)), let update = feed.merge(push, symbol: symbol, at: .now())
            else { return }
            onEvent?(.depth(update.book.value, receivedAt: update.book.at, isSnapshot: update.isFirst))
        case .pushTrades:
            guard let push = try? Longbridge.Quote.PushTrade.decode(body), let symbol = Symbol(push.symbol),
                wanted.contains(MarketTopic(.trade, symbol))
            else { return }
            onEvent?(.trades(symbol, push.trade.map { BrokerModel.Trade($0) }, receivedAt: .now()))
        default: break
        }
    }

    /// The newest figures while they are live.
    public func liveQuote(_ symbol: Symbol) -> Received<Quote>? { feed.quote(symbol) }

    /// The newest book while it is live.
    public func liveDepth(_ symbol: Symbol) -> Received<OrderBook>? { feed.book(symbol) }
}

extension MarketTopicKind {
    /// The vendor's number of the subscription.
    var subscriptionType: Int32 {
        switch self {
        case .quote: Longbridge.Quote.SubType.quote.rawValue
        case .depth: Longbridge.Quote.SubType.depth.rawValue
        case .brokerQueue: Longbridge.Quote.SubType.brokers.rawValue
        case .trade: Longbridge.Quote.SubType.trade.rawValue
        }
    }

    init?(subscriptionType: Int32) {
        guard let kind = MarketTopicKind.allCases.first(where: { $0.subscriptionType == subscriptionType }) else {
            return nil
        }
        self = kind
    }
}
