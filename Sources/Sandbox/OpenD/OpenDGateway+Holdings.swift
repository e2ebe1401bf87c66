internal import Clocks
internal import OpenDWire
internal import Protobuf

/// Money, holdings and what they cost.
extension OpenDGateway {
    func answerHoldings(_ request: GatewayRequest) throws(GatewayRefusal) -> (any Message)? {
        switch request.id {
        case 2101: return try funds(try request.read())
        case 2102: return try positions(try request.read())
        case 2111: return try mostTradable(try request.read())
        case 2223: return try marginRatios(try request.read())
        case 2225: return try orderFees(try request.read())
        case 2226: return try flows(try request.read())
        default: throw .unsupported
        }
    }

    /// Hong Kong dollars for one, in thousandths.
    private static let rates: [String: Int64] = ["HKD": 1000, "USD": 7800, "CNH": 1080]

    private func converted(_ amount: Int64, _ currency: String, to target: String) -> Int64 {
        let from = OpenDGateway.rates[currency] ?? 1000
        let to = OpenDGateway.rates[target] ?? 1000
        return from == to ? amount : Int64((Double(amount) * Double(from) / Double(to)).rounded())
    }

    private func isReal(_ account: GatewayAccount) throws(GatewayRefusal) {
        guard account.isReal else { throw GatewayRefusal("Paper trading has none of this") }
    }

    // MARK: Money

    private func funds(_ c2s: OpenD.TrdGetFunds.C2S) throws(GatewayRefusal) -> OpenD.TrdGetFunds.S2C {
        let account = accounts[try account(c2s.header)]
        try admit(2101, account: account.id, isRefreshing: c2s.refreshCache == true)
        let currencies = account.currencies
        let target: String
        switch c2s.currency ?? 0 {
        case 0:
            guard !account.isReal else { throw .invalid("currency") }
            target = currencies.first ?? "HKD"
        case 1: target = "HKD"
        case 2: target = "USD"
        case 3: target = "CNH"
        default: throw .invalid("currency")
        }
        let engine = account.engine.account
        func total(_ amounts: [String: Int64]) -> Int64 {
            currencies.reduce(0) { $0 + converted(amounts[$1] ?? 0, $1, to: target) }
        }
        let cash = total(engine.cash)
        let held = total(engine.held)
        let worth = holdings(account).reduce(0) { sum, holding in
            sum + converted(holding.value, holding.instrument.source.currency, to: target)
        }
        var funds = OpenD.TrdCommon.Funds()
        funds.power = GatewayView.amount(max(0, cash - held))
        funds.totalAssets = GatewayView.amount(cash + worth)
        funds.cash = GatewayView.amount(cash)
        funds.marketVal = GatewayView.amount(worth)
        funds.frozenCash = GatewayView.amount(held)
        funds.debtCash = 0
        funds.avlWithdrawalCash = GatewayView.amount(max(0, cash - held))
        funds.currency = GatewayAccount.currency(target)
        funds.maxPowerShort = 0
        funds.netCashPower = funds.power
        funds.longMv = funds.marketVal
        funds.shortMv = 0
        funds.pendingAsset = 0
        funds.maxWithdrawal = funds.avlWithdrawalCash
        funds.riskStatus = 1
        funds.riskLevel = 0
        funds.securitiesAssets = funds.totalAssets
        funds.fundAssets = 0
        funds.bondAssets = 0
        if account.isReal {
            funds.initialMargin = GatewayView.amount(worth / 2)
            funds.maintenanceMargin = GatewayView.amount(worth * 3 / 10)
            funds.marginCallMargin = GatewayView.amount(worth * 35 / 100)
        }
        funds.cashInfoList = currencies.map { currency in
            var info = OpenD.TrdCommon.AccCashInfo()
            info.currency = GatewayAccount.currency(currency)
            info.cash = GatewayView.amount(engine.cash[currency] ?? 0)
            info.availableBalance = GatewayView.amount(engine.available(currency))
            info.netCashPower = info.availableBalance
            return info
        }
        var answer = OpenD.TrdGetFunds.S2C()
        answer.header = c2s.header
        answer.funds = funds
        return answer
    }

    // MARK: Holdings

    private struct Holding {
        let instrument: GatewayInstrument
        let symbol: String
        let holding: SimulatedAccount.Holding
        let price: Int64
        var value: Int64 { price * holding.quantity }
        var id: UInt64 { PricePath.hash(symbol) >> 1 }
    }

    private func holdings(_ account: GatewayAccount) -> [Holding] {
        account.engine.account.holdings.sorted { $0.key < $1.key }.compactMap { symbol, holding in
            guard holding.quantity != 0, let instrument = GatewayInstrument(trading: symbol),
                account.covers(account.market(of: instrument.code))
            else { return nil }
            let price = tradingMarket(symbol)?.last ?? holding.averageCost
            return Holding(instrument: instrument, symbol: symbol, holding: holding, price: price)
        }
    }

    private func positions(_ c2s: OpenD.TrdGetPositionList.C2S) throws(GatewayRefusal) -> OpenD.TrdGetPositionList.S2C {
        let account = accounts[try account(c2s.header)]
        try admit(2102, account: account.id, isRefreshing: c2s.refreshCache == true)
        let filter = TradeFilter(c2s.filterConditions)
        var answer = OpenD.TrdGetPositionList.S2C()
        answer.header = c2s.header
        for holding in holdings(account) {
            guard filter.admits(holding: holding.instrument, id: holding.id, account) else { continue }
            let position = position(holding, account)
            if let least = c2s.filterPLRatioMin, (position.plRatio ?? 0) < least { continue }
            if let most = c2s.filterPLRatioMax, (position.plRatio ?? 0) > most { continue }
            answer.positionList.append(position)
        }
        return answer
    }

    private func position(_ held: Holding, _ account: GatewayAccount) -> OpenD.TrdCommon.Position {
        let instrument = held.instrument
        let gain = held.value - held.holding.cost
        var position = OpenD.TrdCommon.Position()
        position.positionID = held.id
        position.positionSide = 0
        position.code = instrument.code.code
        position.name = instrument.name(instrument.zone.civil(at: now).date)
        position.qty = Double(held.holding.quantity)
        position.canSellQty = Double(held.holding.quantity - held.holding.held)
        position.price = GatewayView.amount(held.price)
        position.costPrice = GatewayView.amount(held.holding.averageCost)
        position.dilutedCostPrice = position.costPrice
        position.averageCostPrice = position.costPrice
        position.val = GatewayView.amount(held.value)
        position.plVal = GatewayView.amount(gain)
        if held.holding.cost > 0 {
            position.plRatio = (Double(gain) / Double(held.holding.cost) * 1_000_000).rounded() / 1_000_000
            position.averagePlRatio = position.plRatio
        }
        position.unrealizedPL = position.plVal
        position.secMarket = instrument.code.orderMarket
        position.trdMarket = account.market(of: instrument.code)
        position.currency = GatewayAccount.currency(instrument.source.currency)
        let today = account.engine.fills.filter {
            $0.symbol == held.symbol && GatewayAccount.isToday($0.time, instrument.market, at: now)
        }
        func sum(_ side: SimulatedOrder.Side, _ of: (SimulatedOrder.Fill) -> Int64) -> Int64 {
            today.filter { $0.side == side }.reduce(0) { $0 + of($1) }
        }
        position.tdBuyQty = Double(sum(.buy) { $0.quantity })
        position.tdSellQty = Double(sum(.sell) { $0.quantity })
        position.tdBuyVal = GatewayView.amount(sum(.buy) { $0.value })
        position.tdSellVal = GatewayView.amount(sum(.sell) { $0.value })
        position.tdTrdVal = GatewayView.amount(sum(.buy) { $0.value } + sum(.sell) { $0.value })
        return position
    }

    private func mostTradable(_ c2s: OpenD.TrdGetMaxTrdQtys.C2S) throws(GatewayRefusal) -> OpenD.TrdGetMaxTrdQtys.S2C {
        let account = accounts[try account(c2s.header)]
        try admit(2111, account: account.id)
        guard
            let code = GatewayCode(orderMarket: c2s.secMarket, tradeMarket: c2s.header.trdMarket, code: c2s.code),
            let instrument = GatewayInstrument(code, at: now), let symbol = instrument.tradingSymbol
        else { throw .unknown(GatewayCode(0, c2s.code)) }
        guard let price = OrderTicket.thousandths(c2s.price), price > 0 else { throw .invalid("price") }
        let lot = instrument.market == .unitedStates ? 1 : instrument.lotSize
        var cash = account.engine.account.available(instrument.source.currency)
        var free = account.engine.account.sellable(symbol)
        if let order = account.order(c2s.orderID ?? 0, c2s.orderIDEx), order.symbol == symbol, !order.status.isFinal {
            cash += order.held
            if order.side == .sell { free += order.remaining }
        }
        var most = OpenD.TrdCommon.MaxTrdQtys()
        let shares = max(0, cash) / price / lot * lot
        most.maxCashBuy = Double(shares)
        most.maxCashAndMarginBuy = Double(shares)
        most.maxPositionSell = Double(max(0, free))
        most.maxSellShort = 0
        most.maxBuyBack = 0
        var answer = OpenD.TrdGetMaxTrdQtys.S2C()
        answer.header = c2s.header
        answer.maxTrdQtys = most
        return answer
    }

    // MARK: Costs

    private func marginRatios(_ c2s: OpenD.TrdGetMarginRatio.C2S) throws(GatewayRefusal)
        -> OpenD.TrdGetMarginRatio.S2C
    {
        try isReal(accounts[try account(c2s.header)])
        try admit(2223)
        guard c2s.securityList.count <= 100 else { throw .tooMany }
        var answer = OpenD.TrdGetMarginRatio.S2C()
        answer.header = c2s.header
        for security in c2s.securityList {
            let instrument = try instrument(security)
            guard instrument.market == .hongKong || instrument.market == .unitedStates else {
                throw .invalid("securityList")
            }
            var info = OpenD.TrdGetMarginRatio.MarginRatioInfo()
            info.security = instrument.code.message
            var isShare = false
            if case .share = instrument.kind { isShare = true }
            info.isLongPermit = isShare
            info.isShortPermit = isShare
            info.shortPoolRemain = isShare ? Double(instrument.source.millionShares) * 100 : 0
            info.shortFeeRate = 0.89
            info.alertLongRatio = 33
            info.alertShortRatio = 56
            info.imLongRatio = 35
            info.imShortRatio = 60
            info.mcmLongRatio = 32
            info.mcmShortRatio = 53
            info.mmLongRatio = 30
            info.mmShortRatio = 50
            answer.marginRatioInfoList.append(info)
        }
        return answer
    }

    private func orderFees(_ c2s: OpenD.TrdGetOrderFee.C2S) throws(GatewayRefusal) -> OpenD.TrdGetOrderFee.S2C {
        let account = accounts[try account(c2s.header)]
        try isReal(account)
        try admit(2225, account: account.id)
        guard c2s.orderIdExList.count <= 20 else { throw .tooMany }
        var answer = OpenD.TrdGetOrderFee.S2C()
        answer.header = c2s.header
        for text in c2s.orderIdExList {
            guard let order = account.order(0, text) else { throw GatewayRefusal("The order does not exist") }
            var fee = OpenD.TrdCommon.OrderFee()
            fee.orderIDEx = text
            fee.feeAmount = GatewayView.amount(order.fees)
            fee.feeList = order.charges.map { charge in
                var item = OpenD.TrdCommon.OrderFeeItem()
                item.title = charge.name
                item.value = GatewayView.amount(charge.amount)
                return item
            }
            answer.orderFeeList.append(fee)
        }
        return answer
    }

    private func flows(_ c2s: OpenD.TrdFlowSummary.C2S) throws(GatewayRefusal) -> OpenD.TrdFlowSummary.S2C {
        let account = accounts[try account(c2s.header)]
        try isReal(account)
        try admit(2226, account: account.id)
        guard let day = GatewayTime.day(c2s.clearingDate) else { throw .invalid("clearingDate") }
        var answer = OpenD.TrdFlowSummary.S2C()
        answer.header = c2s.header
        for (index, movement) in account.engine.account.journal.enumerated() {
            let zone: TimeZoneRule = movement.currency == "USD" ? .newYork : .hongKong
            guard zone.civil(at: movement.time).date == day else { continue }
            let direction: Int32 = movement.amount < 0 ? 2 : 1
            if let wanted = c2s.cashFlowDirection, wanted != 0, wanted != direction { continue }
            var flow = OpenD.TrdFlowSummary.FlowSummaryInfo()
            flow.clearingDate = day.iso
            flow.settlementDate = day.adding(days: 2).iso
            flow.currency = GatewayAccount.currency(movement.currency)
            flow.cashFlowType = movement.kind.flowName
            flow.cashFlowDirection = direction
            flow.cashFlowAmount = GatewayView.amount(movement.amount)
            flow.cashFlowRemark = movement.symbol
            flow.cashFlowID = UInt64(index + 1)
            flow.createTime = GatewayTime.text(movement.time, zone)
            answer.flowSummaryInfoList.append(flow)
        }
        return answer
    }
}

extension SimulatedAccount.Movement.Kind {
    /// As the gateway calls it, in our words.
    fileprivate var flowName: String {
        switch self {
        case .deposit: "Deposit"
        case .buy: "Stock purchase"
        case .sell: "Stock sale"
        case .fee: "Fees"
        case .dividend: "Cash dividend"
        }
    }
}
