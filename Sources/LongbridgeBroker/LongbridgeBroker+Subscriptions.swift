public import BrokerModel
internal import Clocks
internal import EventLoops
internal import LongbridgeWire

/// Keeps the broker's subscriptions equal to what is wanted, across reconnections.
extension LongbridgeBroker {
    /// Makes exactly these topics the wanted ones.
    public func setWanted(_ topics: Set<MarketTopic>) {
        wanted = topics
        updateWishes()
    }

    /// What is subscribed: the topics, and what candles are built of.
    func updateWishes() {
        let topics = wanted.union(candleSources)
        var wishes: SubscriptionPlan.Wishes = [:]
        for topic in topics { wishes[topic.symbol.wire, default: []].insert(topic.kind.subscriptionType) }
        plan.setWanted(wishes)
        feed.keep(only: topics)
        subscribe()
    }

    /// Does what the plan says until it is content; one task at a time.
    func subscribe() {
        guard subscribing == nil, link.isReady else { return }
        subscribing = spawn { [weak self] in
            // Wishes of one turn go out together.
            await Task.yield()
            while let self, !Task.isCancelled, link.isReady, let step = plan.next() { await carryOut(step) }
            if !Task.isCancelled { self?.subscribing = nil }
        }
    }

    /// Does one step and tells the plan how it ended, unless the link was lost meanwhile and the plan began anew.
    private func carryOut(_ step: SubscriptionPlan.Step) async {
        do throws(BrokerFailure) {
            switch step {
            case .subscribe(let symbols, let types):
                var request = Longbridge.Quote.SubscribeRequest()
                request.symbol = symbols
                request.subType = types.map { Longbridge.Quote.SubType(rawValue: $0) }
                request.isFirstPush = true
                let answer = try await link.request(
                    .subscribe, request, as: Longbridge.Quote.SubscriptionResponse.self, wait: .seconds(60))
                guard !Task.isCancelled else { return }
                refused(plan.succeeded(listed: answer.wishes), .leftOut)
                seedCandles()
            case .unsubscribe(let symbols, let types):
                var request = Longbridge.Quote.UnsubscribeRequest()
                request.symbol = symbols
                request.subType = types.map { Longbridge.Quote.SubType(rawValue: $0) }
                _ = try await link.request(
                    .unsubscribe, request, as: Longbridge.Quote.UnsubscribeResponse.self, wait: .seconds(60))
                guard !Task.isCancelled else { return }
                _ = plan.succeeded()
            case .pull(let symbols):
                try await pullRecords(symbols)
            case .refuse(let items):
                refused(items, BrokerFailure(.quotaExceeded, "The broker's subscription limit is reached."))
            }
        } catch {
            guard !Task.isCancelled else { return }
            await failed(error)
        }
    }

    private func failed(_ failure: BrokerFailure) async {
        switch failure.kind {
        case .unknownSymbol, .invalidRequest, .invalidPrice, .orderRefused, .noData, .notPermitted, .quotaExceeded,
            .notSupported, .tradeLocked:
            refused(plan.failed(), failure)
        case .sessionNotReady, .authorizationRequired, .connectionLost, .cancelled, .rateLimited, .timedOut, .badAnswer,
            .notRecorded:
            plan.retryLater()
            try? await sleep(for: failure.retryAfter ?? .seconds(2))
        }
    }

    private func refused(_ items: [SubscriptionPlan.Item], _ failure: BrokerFailure) {
        for item in items {
            guard let topic = MarketTopic(item) else { continue }
            // With its parameters fixed, a subscription can only be wrong in its security.
            let failure =
                failure.kind == .invalidRequest
                ? BrokerFailure(.unknownSymbol, BrokerFailure.leftOut.message, upstream: failure.upstream) : failure
            if wanted.contains(topic) { onEvent?(.refused(topic, failure)) }
            for candle in wantedCandles where candle.symbol == topic.symbol && candleSources.contains(topic) {
                onEvent?(.candleRefused(candle, failure))
            }
        }
    }

    /// Complete records of newly subscribed securities: pushes carry no previous close.
    private func pullRecords(_ symbols: [String]) async throws(BrokerFailure) {
        var request = Longbridge.Quote.MultiSecurityRequest()
        request.symbol = symbols
        let answer = try await link.request(
            .securityQuote, request, as: Longbridge.Quote.SecurityQuoteResponse.self, wait: .seconds(60))
        guard !Task.isCancelled else { return }
        let now = WallTime.now()
        refused(plan.pulled(Set(answer.secuQuote.map(\.symbol))), .leftOut)
        for record in answer.secuQuote where plan.isWanted(record.symbol, MarketTopicKind.quote.subscriptionType) {
            guard let symbol = Symbol(record.symbol) else { continue }
            let quote = feed.take(record, symbol: symbol, at: now)
            guard wanted.contains(MarketTopic(.quote, symbol)) else { continue }
            onEvent?(.quote(quote.value, receivedAt: quote.at, isSnapshot: true))
        }
    }
}

extension Longbridge.Quote.SubscriptionResponse {
    /// What it says was subscribed.
    fileprivate var wishes: SubscriptionPlan.Wishes {
        Dictionary(subList.map { ($0.symbol, Set($0.subType.map(\.rawValue))) }) { $0.union($1) }
    }
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

    /// `nil` for a number that is none of ours.
    init?(subscriptionType: Int32) {
        guard let kind = MarketTopicKind.allCases.first(where: { $0.subscriptionType == subscriptionType }) else {
            return nil
        }
        self = kind
    }
}

extension MarketTopic {
    /// `nil` for a security or type that is none of ours.
    init?(_ item: SubscriptionPlan.Item) {
        guard let symbol = Symbol(item.symbol), let kind = MarketTopicKind(subscriptionType: item.type) else {
            return nil
        }
        self.init(kind, symbol)
    }
}
