public import BrokerModel
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// Keeps the gateway's subscriptions equal to what is wanted and pulled, across reconnections.
extension OpenDBroker {
    /// Makes exactly these topics the wanted ones.
    public func setWanted(_ topics: Set<MarketTopic>) {
        wanted = topics
        updateWishes()
    }

    /// Makes exactly these the candles that are told of. Lengths the gateway has none of are refused.
    public func setWantedCandles(_ topics: Set<CandleTopic>) {
        guard topics != wantedCandles else { return }
        let added = topics.subtracting(wantedCandles)
        wantedCandles = topics
        candlesByItem = [:]
        for topic in topics {
            guard let type = topic.interval.subscription else { continue }
            candlesByItem[.init(topic.symbol, type), default: []].append(topic)
        }
        updateWishes()
        for topic in added where topic.interval.subscription == nil {
            onEvent?(.candleRefused(topic, .noInterval(topic.interval)))
        }
        if topics.isEmpty {
            candleTimer.cancel()
        } else if !candleTimer.isScheduled {
            candleTimer.schedule(every: .seconds(5))
        }
    }

    private func updateWishes() {
        feed.keep(only: wanted, wantedCandles)
        ledger.setWanted(
            Set(wanted.map { .init($0.symbol, $0.kind.subscription) }).union(candlesByItem.keys))
        subscribe()
    }

    /// What the gateway says is subscribed on this connection.
    public func subscribedUpstream(wait: Duration) async throws(BrokerFailure) -> [MarketTopic] {
        let answer = try await link.read(OpenD.QotGetSubInfo.C2S(), wait: wait)
        var topics: [MarketTopic] = []
        for connection in answer.connSubInfoList where connection.isOwnConnData {
            for entry in connection.subInfoList {
                guard let kind = MarketTopicKind.allCases.first(where: { $0.subscription.rawValue == entry.subType })
                else { continue }
                topics += entry.securityList.compactMap { Symbol($0) }.map { MarketTopic(kind, $0) }
            }
        }
        return topics
    }

    // MARK: Pulls

    /// Has the security subscribed, lets `pull` ask, and lets go afterwards. The gateway answers these pulls for nothing
    /// else.
    func withSubscription<Value: Sendable>(
        _ symbol: Symbol, _ type: SubscriptionType, wait: Duration,
        _ pull: @LoopActor () async throws(BrokerFailure) -> Value
    ) async throws(BrokerFailure) -> Value {
        guard link.session != nil else { throw BrokerFailure(OpenDCallFailure(.notReady, link.state, link.reason)) }
        let item = SubscriptionLedger.Item(symbol, type)
        ledger.pullBegan(item, now: .now())
        defer {
            ledger.pullEnded(item, now: .now())
            scheduleRelease()
        }
        if !ledger.isHeld(item) {
            let held = Completion<BrokerFailure?>()
            pullWaiters[item, default: []].append(held)
            subscribe()
            let failure: BrokerFailure?
            do throws(CancellationError) { failure = try await held.value() } catch {
                throw BrokerFailure(.cancelled, "The caller went away.")
            }
            if let failure { throw failure }
        }
        return try await pull()
    }

    private func settle(_ items: [SubscriptionLedger.Item], _ failure: BrokerFailure?) {
        for item in items {
            for waiter in pullWaiters.removeValue(forKey: item) ?? [] { waiter.resolve(failure) }
        }
    }

    // MARK: Steps

    /// Does what the ledger says until it is content; one task at a time.
    func subscribe() {
        guard subscribing == nil, link.session != nil else { return }
        subscribing = spawn { [weak self] in
            // Wishes of one turn go out together.
            await Task.yield()
            while let self, !Task.isCancelled, link.session != nil, let step = ledger.next(now: .now()) {
                await carryOut(step)
                if !Task.isCancelled { settle(pullWaiters.keys.filter { ledger.isHeld($0) }, nil) }
            }
            guard !Task.isCancelled else { return }
            self?.subscribing = nil
            self?.scheduleRelease()
        }
    }

    private func scheduleRelease() {
        guard let due = ledger.nextRelease(now: .now()) else { return releaseTimer.cancel() }
        releaseTimer.schedule(after: max(.milliseconds(10), due - Instant.now()))
    }

    /// Does one step and tells the ledger how it ended, unless the link was lost meanwhile and it began anew.
    private func carryOut(_ step: SubscriptionLedger.Step) async {
        do throws(BrokerFailure) {
            switch step {
            case .count:
                let answer = try await link.read(OpenD.QotGetSubInfo.C2S(), wait: .seconds(30))
                guard !Task.isCancelled else { return }
                ledger.counted(remaining: Int(answer.remainQuota))
            case .subscribe(let symbols, let types, let pushes):
                var request = request(symbols, types)
                request.isSubOrUnSub = true
                if pushes {
                    request.isRegOrUnRegPush = true
                    request.regPushRehabTypeList = [0]
                    request.isFirstPush = true
                }
                // Candles, minutes and trades of the United States of all sessions; what a reader does not want of them
                // is left out here.
                if symbols.first?.market == .unitedStates {
                    request.extendedTime = true
                    request.session = OpenDBroker.allSessions
                }
                _ = try await link.read(request, wait: .seconds(30))
                guard !Task.isCancelled else { return }
                ledger.succeeded(now: .now())
            case .register(let symbols, let types), .unregister(let symbols, let types):
                var request = OpenD.QotRegQotPush.C2S()
                request.securityList = symbols.map(\.security)
                request.subTypeList = types.map(\.rawValue)
                request.rehabTypeList = [0]
                if case .register = step { request.isRegOrUnReg = true }
                request.isFirstPush = request.isRegOrUnReg
                _ = try await link.read(request, wait: .seconds(30))
                guard !Task.isCancelled else { return }
                ledger.succeeded(now: .now())
            case .unsubscribe(let symbols, let types):
                _ = try await link.read(request(symbols, types), wait: .seconds(30))
                guard !Task.isCancelled else { return }
                ledger.succeeded(now: .now())
            case .refuse(let items, let retryAfter):
                refused(
                    items,
                    BrokerFailure(
                        .quotaExceeded, "The gateway's subscription quota is used up.", retryAfter: retryAfter))
            }
        } catch {
            guard !Task.isCancelled else { return }
            await failed(error)
        }
    }

    /// `Session`: all of them.
    static let allSessions: Int32 = 3

    private func request(_ symbols: [Symbol], _ types: [SubscriptionType]) -> OpenD.QotSub.C2S {
        var request = OpenD.QotSub.C2S()
        request.securityList = symbols.map(\.security)
        request.subTypeList = types.map(\.rawValue)
        return request
    }

    private func failed(_ failure: BrokerFailure) async {
        switch failure.kind {
        case .quotaExceeded: ledger.quotaExceeded()
        case .unknownSymbol, .invalidRequest, .invalidPrice, .orderRefused, .noData, .notPermitted, .notSupported,
            .tradeLocked:
            // With its type fixed, a subscription can only be wrong in its security.
            refused(ledger.failed(now: .now()), failure.aboutSymbol)
        case .sessionNotReady, .authorizationRequired, .connectionLost, .cancelled, .rateLimited, .timedOut, .badAnswer,
            .notRecorded:
            ledger.retryLater()
            settle(Array(pullWaiters.keys), failure)
            try? await sleep(for: failure.retryAfter ?? .seconds(2))
        }
    }

    private func refused(_ items: [SubscriptionLedger.Item], _ failure: BrokerFailure) {
        settle(items, failure)
        for item in items {
            for topic in wanted where topic.symbol == item.symbol && topic.kind.subscription == item.type {
                onEvent?(.refused(topic, failure))
            }
            for topic in candlesByItem[item] ?? [] { onEvent?(.candleRefused(topic, failure)) }
        }
    }
}
