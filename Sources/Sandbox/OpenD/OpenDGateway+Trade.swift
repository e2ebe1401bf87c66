internal import Bytes
internal import Clocks
internal import Cryptography
internal import OpenDWire
internal import Protobuf

/// Accounts, the lock, and the lists of orders and fills.
extension OpenDGateway {
    func answerTrade(_ request: GatewayRequest, _ client: GatewayConnection) throws(GatewayRefusal) -> (any Message)? {
        guard login.isReady else { throw .notLoggedIn }
        switch request.id {
        case 2001: return accountList(try request.read())
        case 2005: return try unlock(try request.read())
        case 2008: return try follow(try request.read(), client)
        case 2202: return try placeOrder(try request.read(), client)
        case 2205: return try modifyOrder(try request.read(), client)
        case 2201: return try orderList(try request.read())
        case 2211: return try fillList(try request.read())
        case 2221: return try pastOrders(try request.read())
        case 2222: return try pastFills(try request.read())
        default: return try answerHoldings(request)
        }
    }

    private func accountList(_ c2s: OpenD.TrdGetAccList.C2S) -> OpenD.TrdGetAccList.S2C {
        var answer = OpenD.TrdGetAccList.S2C()
        guard c2s.trdCategory ?? 1 <= 1 else { return answer }
        // An account for several markets is shown to those who ask for such.
        answer.accList = accounts.filter { $0.markets.count == 1 || c2s.needGeneralSecAccount == true }.map(\.message)
        return answer
    }

    private func unlock(_ c2s: OpenD.TrdUnlockTrade.C2S) throws(GatewayRefusal) -> OpenD.TrdUnlockTrade.S2C {
        try admit(2005)
        if c2s.unlock {
            let wanted = Hex.encode(Digest.md5(Array(OpenDGateway.tradePassword.utf8)))
            guard c2s.pwdMD5 == wanted else { throw GatewayRefusal("The trade password is wrong") }
        }
        isUnlocked = c2s.unlock
        return OpenD.TrdUnlockTrade.S2C()
    }

    func requireUnlocked(_ account: GatewayAccount) throws(GatewayRefusal) {
        guard isUnlocked || !account.isReal else { throw GatewayRefusal("Trading is locked: unlock it first") }
    }

    private func follow(_ c2s: OpenD.TrdSubAccPush.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.TrdSubAccPush.S2C
    {
        let known = Set(accounts.map(\.id))
        guard c2s.accIDList.allSatisfy(known.contains) else { throw .unknownAccount }
        client.accounts = Set(c2s.accIDList)
        return OpenD.TrdSubAccPush.S2C()
    }

    /// The account of a header: environment and number must fit, and the market must be one of the account's.
    func account(_ header: OpenD.TrdCommon.TrdHeader) throws(GatewayRefusal) -> Int {
        guard let index = accounts.firstIndex(where: { $0.id == header.accID }) else { throw .unknownAccount }
        guard (header.trdEnv == 1) == accounts[index].isReal, (0...1).contains(header.trdEnv) else {
            throw .invalid("trdEnv")
        }
        guard accounts[index].covers(header.trdMarket) else { throw .invalid("trdMarket") }
        return index
    }

    // MARK: Lists

    private func orderList(_ c2s: OpenD.TrdGetOrderList.C2S) throws(GatewayRefusal) -> OpenD.TrdGetOrderList.S2C {
        let account = accounts[try account(c2s.header)]
        try admit(2201, account: account.id, isRefreshing: c2s.refreshCache == true)
        var answer = OpenD.TrdGetOrderList.S2C()
        answer.header = c2s.header
        let filter = TradeFilter(c2s.filterConditions)
        answer.orderList = orders(account) { GatewayAccount.isCurrent($0, at: now) && filter.admits($0, account) }
            .sorted { $0.id < $1.id }.map { account.message($0) }
            .filter { c2s.filterStatusList.isEmpty || c2s.filterStatusList.contains($0.orderStatus) }
        return answer
    }

    private func pastOrders(_ c2s: OpenD.TrdGetHistoryOrderList.C2S) throws(GatewayRefusal)
        -> OpenD.TrdGetHistoryOrderList.S2C
    {
        let account = accounts[try account(c2s.header)]
        try admit(2221, account: account.id)
        let filter = TradeFilter(c2s.filterConditions)
        guard filter.hasRange else { throw .invalid("beginTime or endTime") }
        var answer = OpenD.TrdGetHistoryOrderList.S2C()
        answer.header = c2s.header
        answer.orderList = orders(account) { filter.admits($0, account) }
            .sorted { $0.id > $1.id }.map { account.message($0) }
            .filter { c2s.filterStatusList.isEmpty || c2s.filterStatusList.contains($0.orderStatus) }
        return answer
    }

    private func orders(_ account: GatewayAccount, _ isWanted: (SimulatedOrder) -> Bool) -> [SimulatedOrder] {
        // What somebody was not told of yet is hidden for a while, if that was asked for.
        account.engine.orders.values.filter { isWanted($0) && now - $0.submitted >= faults.hiding }
    }

    private func fillList(_ c2s: OpenD.TrdGetOrderFillList.C2S) throws(GatewayRefusal) -> OpenD.TrdGetOrderFillList.S2C
    {
        let account = accounts[try account(c2s.header)]
        guard account.isReal else { throw GatewayRefusal("Paper trading has no deals") }
        try admit(2211, account: account.id, isRefreshing: c2s.refreshCache == true)
        let filter = TradeFilter(c2s.filterConditions)
        var answer = OpenD.TrdGetOrderFillList.S2C()
        answer.header = c2s.header
        answer.orderFillList = fills(account) { fill in
            guard let instrument = GatewayInstrument(trading: fill.symbol) else { return false }
            return GatewayAccount.isToday(fill.time, instrument.market, at: now) && filter.admits(fill, account)
        }
        return answer
    }

    private func pastFills(_ c2s: OpenD.TrdGetHistoryOrderFillList.C2S) throws(GatewayRefusal)
        -> OpenD.TrdGetHistoryOrderFillList.S2C
    {
        let account = accounts[try account(c2s.header)]
        guard account.isReal else { throw GatewayRefusal("Paper trading has no deals") }
        try admit(2222, account: account.id)
        let filter = TradeFilter(c2s.filterConditions)
        guard filter.hasRange else { throw .invalid("beginTime or endTime") }
        var answer = OpenD.TrdGetHistoryOrderFillList.S2C()
        answer.header = c2s.header
        answer.orderFillList = fills(account) { filter.admits($0, account) }
        return answer
    }

    private func fills(
        _ account: GatewayAccount, _ isWanted: (SimulatedOrder.Fill) -> Bool
    ) -> [OpenD.TrdCommon.OrderFill] {
        account.engine.fills.filter(isWanted)
            .sorted { choices.newestFillFirst ? $0.time > $1.time : $0.time < $1.time }
            .map { account.message($0) }
    }
}

/// Which orders or fills are wanted; everything that is named must fit.
struct TradeFilter {
    private let conditions: OpenD.TrdCommon.TrdFilterConditions

    init(_ conditions: OpenD.TrdCommon.TrdFilterConditions?) { self.conditions = conditions ?? .init() }

    /// Whether both ends are given and are times.
    var hasRange: Bool {
        guard let begin = conditions.beginTime, let end = conditions.endTime else { return false }
        return GatewayTime.parse(begin, .hongKong) != nil && GatewayTime.parse(end, .hongKong, isEnd: true) != nil
    }

    func admits(_ order: SimulatedOrder, _ account: GatewayAccount) -> Bool {
        admits(
            order.symbol, account, order.submitted, ids: [UInt64(clamping: order.id)],
            text: GatewayAccount.text(order.id))
    }

    func admits(_ fill: SimulatedOrder.Fill, _ account: GatewayAccount) -> Bool {
        admits(
            fill.symbol, account, fill.time, ids: [PricePath.hash(fill.id) >> 1, UInt64(clamping: fill.order)],
            text: GatewayAccount.text(fill.order))
    }

    /// Holdings are not filtered by time.
    func admits(holding instrument: GatewayInstrument, id: UInt64, _ account: GatewayAccount) -> Bool {
        admits(instrument, account) && (conditions.idList.isEmpty || conditions.idList.contains(id))
    }

    private func admits(_ instrument: GatewayInstrument, _ account: GatewayAccount) -> Bool {
        if !conditions.codeList.isEmpty, !conditions.codeList.contains(instrument.code.code) { return false }
        if let market = conditions.filterMarket, market != 0, account.market(of: instrument.code) != market {
            return false
        }
        return true
    }

    private func admits(
        _ symbol: String, _ account: GatewayAccount, _ time: WallTime, ids: [UInt64], text: String
    ) -> Bool {
        guard let instrument = GatewayInstrument(trading: symbol), admits(instrument, account) else { return false }
        if !conditions.idList.isEmpty, !ids.contains(where: conditions.idList.contains) { return false }
        if !conditions.orderIDExList.isEmpty, !conditions.orderIDExList.contains(text) { return false }
        if let begin = conditions.beginTime, let from = GatewayTime.parse(begin, instrument.zone), time < from {
            return false
        }
        if let end = conditions.endTime, let through = GatewayTime.parse(end, instrument.zone, isEnd: true),
            time > through
        {
            return false
        }
        return true
    }
}
