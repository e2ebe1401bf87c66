internal import Clocks
internal import OpenDWire
internal import Protobuf

/// Subscriptions, registrations and the pulls that need them.
extension OpenDGateway {
    func answerSubscriptions(_ request: GatewayRequest, _ client: GatewayConnection) throws(GatewayRefusal)
        -> (any Message)?
    {
        switch request.id {
        case 3001: return try subscribe(try request.read(), client)
        case 3002: return try register(try request.read(), client)
        case 3003: return try subscriptionInfo(try request.read(), client)
        case 3004: return try basicQuotes(try request.read(), client)
        case 3006: return try candles(try request.read(), client)
        case 3008: return try timeShares(try request.read(), client)
        case 3010: return try tickers(try request.read(), client)
        case 3012: return try orderBook(try request.read(), client)
        case 3014: return try brokers(try request.read(), client)
        default: return nil
        }
    }

    private static let types: Set<Int32> = Set([1, 2, 4, 5, 14, 22] + GatewayPeriod.bySubscription.keys)

    /// Every combination of securities and types.
    private func units(_ securities: [OpenD.QotCommon.Security], _ types: [Int32]) throws(GatewayRefusal)
        -> [SubscriptionLedger.Unit]
    {
        guard !securities.isEmpty, !types.isEmpty else { throw .invalid("securityList or subTypeList") }
        guard securities.count <= 2000, types.count <= OpenDGateway.types.count else { throw .tooMany }
        for type in types where !OpenDGateway.types.contains(type) { throw .invalid("subTypeList") }
        var units: [SubscriptionLedger.Unit] = []
        for security in securities {
            let instrument: GatewayInstrument
            do throws(GatewayRefusal) { instrument = try self.instrument(security) } catch {
                guard choices.subscribesInPart else { throw error }
                continue
            }
            for type in types { units.append(.init(code: instrument.code, type: type)) }
        }
        return units
    }

    private func subscribe(_ c2s: OpenD.QotSub.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.QotSub.S2C
    {
        if c2s.isUnsubAll == true {
            try unsubscribeAll(client)
            return OpenD.QotSub.S2C()
        }
        let units = try units(c2s.securityList, c2s.subTypeList)
        guard c2s.isSubOrUnSub else {
            let young = subscriptions.tooYoung(units, of: client.id, minimum: limits.minimumHold, at: .now())
            guard young.isEmpty else { throw GatewayRefusal("Unsubscribing is possible one minute after subscribing") }
            subscriptions.unsubscribe(units, of: client.id)
            return OpenD.QotSub.S2C()
        }
        guard c2s.session ?? 0 != 4 else { throw .invalid("session") }
        let isExtended = c2s.extendedTime == true || (c2s.session ?? 0) >= 2
        guard
            subscriptions.subscribe(
                units, of: client.id, isExtended: isExtended, quota: limits.subscriptionQuota, at: .now())
        else { throw GatewayRefusal("The subscription quota is used up") }
        if let isOn = c2s.isRegOrUnRegPush {
            register(
                units, client, adjustments: c2s.regPushRehabTypeList, isOn: isOn, pushesFirst: c2s.isFirstPush ?? true)
        }
        // Half of a refused request has taken effect by now.
        if choices.subscribesInPart {
            for security in c2s.securityList { _ = try instrument(security) }
        }
        return OpenD.QotSub.S2C()
    }

    private func unsubscribeAll(_ client: GatewayConnection) throws(GatewayRefusal) {
        let units = Array(subscriptions.entries(client.id).keys)
        let young = subscriptions.tooYoung(units, of: client.id, minimum: limits.minimumHold, at: .now())
        if choices.unsubscribesAllOrNothing, !young.isEmpty {
            throw GatewayRefusal("Unsubscribing is possible one minute after subscribing")
        }
        subscriptions.register(units, of: client.id, adjustments: [], isOn: false)
        subscriptions.unsubscribe(units.filter { !young.contains($0) }, of: client.id)
        if !young.isEmpty { throw GatewayRefusal("Unsubscribing is possible one minute after subscribing") }
    }

    private func register(_ c2s: OpenD.QotRegQotPush.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.QotRegQotPush.S2C
    {
        let units = try units(c2s.securityList, c2s.subTypeList)
        if c2s.isRegOrUnReg, units.contains(where: { subscriptions.entry(client.id, $0) == nil }) {
            throw .notSubscribed
        }
        register(
            units, client, adjustments: c2s.rehabTypeList, isOn: c2s.isRegOrUnReg, pushesFirst: c2s.isFirstPush ?? true)
        return OpenD.QotRegQotPush.S2C()
    }

    private func register(
        _ units: [SubscriptionLedger.Unit], _ client: GatewayConnection, adjustments: [Int32], isOn: Bool,
        pushesFirst: Bool
    ) {
        let adjustments = adjustments.isEmpty ? [1] : Set(adjustments)
        subscriptions.register(units, of: client.id, adjustments: adjustments, isOn: isOn)
        guard isOn, pushesFirst else { return }
        for unit in units {
            guard let instrument = GatewayInstrument(unit.code, at: now), let view = view(instrument) else { continue }
            let isExtended = subscriptions.entry(client.id, unit)?.isExtended ?? false
            for adjustment in GatewayPeriod.bySubscription[unit.type] == nil ? [0] : adjustments.sorted() {
                guard
                    let push = push(unit.type, view, newTrades: 50, adjustment, isExtended: isExtended, isFirst: true)
                else { continue }
                later(push.id, push.payload, to: client.id)
            }
        }
    }

    private func subscriptionInfo(_ c2s: OpenD.QotGetSubInfo.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.QotGetSubInfo.S2C
    {
        var answer = OpenD.QotGetSubInfo.S2C()
        let used = subscriptions.used(at: .now()).count
        answer.totalUsedQuota = Int32(clamping: used)
        answer.remainQuota = Int32(clamping: max(0, limits.subscriptionQuota - used))
        answer.optionUsedQuota = 0
        answer.optionRemainQuota = answer.remainQuota
        for (id, entries) in subscriptions.connections where c2s.isReqAllConn == true || id == client.id {
            var info = OpenD.QotCommon.ConnSubInfo()
            info.isOwnConnData = id == client.id
            info.usedQuota = Int32(clamping: entries.count)
            let byType = Dictionary(grouping: entries.keys, by: \.type)
            for (type, units) in byType.sorted(by: { $0.key < $1.key }) {
                var sub = OpenD.QotCommon.SubInfo()
                sub.subType = type
                sub.securityList = units.map(\.code).sorted { $0.text < $1.text }.map(\.message)
                info.subInfoList.append(sub)
            }
            answer.connSubInfoList.append(info)
        }
        return answer
    }

    // MARK: Pulls

    private func subscribed(_ security: OpenD.QotCommon.Security, _ type: Int32, _ client: GatewayConnection)
        throws(GatewayRefusal) -> (view: GatewayView, entry: SubscriptionLedger.Entry)
    {
        let view = try view(security)
        let unit = SubscriptionLedger.Unit(code: view.instrument.code, type: type)
        guard let entry = subscriptions.entry(client.id, unit) else { throw .notSubscribed }
        return (view, entry)
    }

    private func basicQuotes(_ c2s: OpenD.QotGetBasicQot.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.QotGetBasicQot.S2C
    {
        guard c2s.securityList.count <= 2000 else { throw .tooMany }
        var answer = OpenD.QotGetBasicQot.S2C()
        for security in c2s.securityList {
            if let quote = try subscribed(security, 1, client).view.basic() { answer.basicQotList.append(quote) }
        }
        return answer
    }

    private func candles(_ c2s: OpenD.QotGetKL.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.QotGetKL.S2C
    {
        guard let period = GatewayPeriod.period(c2s.klType), let type = GatewayPeriod.subscription(of: c2s.klType),
            (0...2).contains(c2s.rehabType)
        else { throw .invalid("klType or rehabType") }
        guard (1...1000).contains(c2s.reqNum) else { throw .invalid("reqNum") }
        let (view, entry) = try subscribed(c2s.security, type, client)
        var answer = OpenD.QotGetKL.S2C()
        answer.security = c2s.security
        answer.name = view.name
        answer.klList = GatewayCandles(
            view: view, period: period, adjustment: c2s.rehabType, includesExtended: entry.isExtended,
            isDatedAtStart: choices.datesBarsAtStart, now: now
        ).lines(CandleRange(count: Int(c2s.reqNum)))
        return answer
    }

    private func timeShares(_ c2s: OpenD.QotGetRT.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.QotGetRT.S2C
    {
        let (view, entry) = try subscribed(c2s.security, 5, client)
        var answer = OpenD.QotGetRT.S2C()
        answer.security = c2s.security
        answer.name = view.name
        answer.rtList = view.timeShares(isExtended: entry.isExtended)
        return answer
    }

    private func tickers(_ c2s: OpenD.QotGetTicker.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.QotGetTicker.S2C
    {
        guard (1...1000).contains(c2s.maxRetNum) else { throw .invalid("maxRetNum") }
        let view = try subscribed(c2s.security, 4, client).view
        var answer = OpenD.QotGetTicker.S2C()
        answer.security = c2s.security
        answer.name = view.name
        answer.tickerList = view.tickers(Int(c2s.maxRetNum))
        return answer
    }

    private func orderBook(_ c2s: OpenD.QotGetOrderBook.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.QotGetOrderBook.S2C
    {
        guard c2s.num > 0 else { throw .invalid("num") }
        let view = try subscribed(c2s.security, c2s.orderBookType == 1 ? 22 : 2, client).view
        let book = view.orderBook(Int(c2s.num))
        var answer = OpenD.QotGetOrderBook.S2C()
        answer.security = c2s.security
        answer.name = view.name
        answer.orderBookAskList = book.asks
        answer.orderBookBidList = book.bids
        answer.orderBookType = c2s.orderBookType
        if let at = view.figures?.at {
            answer.svrRecvTimeBid = GatewayTime.text(at, view.instrument.zone, milliseconds: true)
            answer.svrRecvTimeAsk = answer.svrRecvTimeBid
            answer.svrRecvTimeBidTimestamp = GatewayTime.stamp(at)
            answer.svrRecvTimeAskTimestamp = answer.svrRecvTimeBidTimestamp
        }
        return answer
    }

    private func brokers(_ c2s: OpenD.QotGetBroker.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.QotGetBroker.S2C
    {
        let view = try subscribed(c2s.security, 14, client).view
        let queue = view.brokers()
        var answer = OpenD.QotGetBroker.S2C()
        answer.security = c2s.security
        answer.name = view.name
        answer.brokerAskList = queue.asks
        answer.brokerBidList = queue.bids
        return answer
    }
}
