internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

extension AccountBalance {
    /// - Parameter currency: that of the totals where the gateway does not say it.
    init(_ funds: OpenD.TrdCommon.Funds, currency: String) {
        self.init(currency: CurrencyCodes.text(funds.currency) ?? currency)
        totalCash = DecimalText(double: funds.cash)
        netAssets = DecimalText(double: funds.totalAssets)
        buyingPower = DecimalText(double: funds.power)
        initialMargin = funds.initialMargin.flatMap { DecimalText(double: $0) }
        maintenanceMargin = funds.maintenanceMargin.flatMap { DecimalText(double: $0) }
        riskLevel = Self.riskLevel(funds.riskLevel)
        cash = funds.cashInfoList.compactMap { CashBalance($0) }
        guard cash.isEmpty else { return }
        // An account of one currency has no list.
        var only = CashBalance(currency: self.currency)
        only.cash = totalCash
        only.frozen = DecimalText(double: funds.frozenCash)
        only.withdrawable = DecimalText(double: funds.maxWithdrawal ?? funds.avlWithdrawalCash)
        only.available = funds.netCashPower.flatMap { DecimalText(double: $0) }
        if only.available == nil, let all = only.cash, let frozen = only.frozen {
            only.available = all.subtracting(frozen)
        }
        cash = [only]
    }

    private static func riskLevel(_ code: Int32?) -> String? {
        switch code {
        case OpenD.TrdCommon.CltRiskLevel.safe.rawValue, OpenD.TrdCommon.CltRiskLevel.absoluteSafe.rawValue: "safe"
        case OpenD.TrdCommon.CltRiskLevel.warning.rawValue: "warning"
        case OpenD.TrdCommon.CltRiskLevel.danger.rawValue, OpenD.TrdCommon.CltRiskLevel.optDanger.rawValue: "danger"
        default: nil
        }
    }
}

extension CashBalance {
    fileprivate init?(_ cash: OpenD.TrdCommon.AccCashInfo) {
        guard let currency = CurrencyCodes.text(cash.currency) else { return nil }
        self.init(currency: currency)
        self.cash = cash.cash.flatMap { DecimalText(double: $0) }
        available = (cash.netCashPower ?? cash.availableBalance).flatMap { DecimalText(double: $0) }
        withdrawable = cash.availableBalance.flatMap { DecimalText(double: $0) }
    }
}

extension OpenD.TrdCommon.Position {
    /// Whether it is of a fund.
    var isFund: Bool { trdMarket.map { TradeMarkets.funds.contains($0) } ?? false }
}

extension Position {
    /// `nil` for a fund, and for a holding whose security is of a market we do not know.
    init?(_ held: OpenD.TrdCommon.Position, header: OpenD.TrdCommon.TrdHeader) {
        guard !held.isFund,
            let symbol = Symbol(
                traded: held.code, securityMarket: held.secMarket, orderMarket: held.trdMarket ?? header.trdMarket),
            let quantity = DecimalText(double: held.qty)
        else { return nil }
        let isShort = held.positionSide == OpenD.TrdCommon.PositionSide.short.rawValue
        // Whether the gateway writes a short holding below zero is not documented.
        self.init(symbol: symbol, quantity: isShort && !quantity.isNegative ? quantity.negated : quantity)
        name = held.name.isEmpty ? nil : held.name
        currency = CurrencyCodes.text(held.currency)
        available = DecimalText(double: held.canSellQty)
        costPrice = (held.averageCostPrice ?? held.costPrice ?? held.dilutedCostPrice).flatMap {
            DecimalText(double: $0)
        }
        // Futures have none.
        let hasValue = held.trdMarket.map { !TradeMarkets.futures.contains($0) } ?? true
        if hasValue { marketValue = DecimalText(double: held.val) }
        unrealizedPnL = DecimalText(double: held.unrealizedPL ?? held.plVal)
    }
}

extension FundPosition {
    /// `nil` for what is no fund.
    init?(_ held: OpenD.TrdCommon.Position) {
        guard held.isFund else { return nil }
        self.init(symbol: held.code)
        name = held.name.isEmpty ? nil : held.name
        currency = CurrencyCodes.text(held.currency)
        units = DecimalText(double: held.qty)
        netAssetValue = DecimalText(double: held.price)
        costValue = (held.averageCostPrice ?? held.costPrice).flatMap { DecimalText(double: $0) }
    }
}

extension CashFlowEntry {
    /// - Parameter zone: the clock of its times.
    init(_ flow: OpenD.TrdFlowSummary.FlowSummaryInfo, zone: TimeZoneRule) {
        self.init(name: flow.cashFlowType ?? "")
        kind = "cash"
        amount = flow.cashFlowAmount.flatMap { DecimalText(double: $0) }
        switch flow.cashFlowDirection {
        case OpenD.TrdFlowSummary.TrdCashFlowDirection.in.rawValue: direction = "in"
        case OpenD.TrdFlowSummary.TrdCashFlowDirection.out.rawValue:
            direction = "out"
            // Whether the gateway signs what goes out is not documented.
            if let amount, !amount.isNegative { self.amount = amount.negated }
        default: break
        }
        currency = CurrencyCodes.text(flow.currency)
        detail = flow.cashFlowRemark.flatMap { $0.isEmpty ? nil : $0 }
        time =
            [flow.createTime, flow.clearingDate].compactMap { $0 }.lazy
            .compactMap { ExchangeTime.read($0, zone: zone) }.first
    }
}

extension MarginRatio {
    /// The gateway has percents. Below which the broker sells it does not tell.
    init(_ ratio: OpenD.TrdGetMarginRatio.MarginRatioInfo) {
        self.init()
        initial = Self.fraction(ratio.imLongRatio)
        maintenance = Self.fraction(ratio.mmLongRatio)
    }

    private static func fraction(_ percent: Double?) -> DecimalText? {
        percent.flatMap { DecimalText(double: $0) }?.multiplied(by: DecimalText(units: 1, scale: 2))?.normalized
    }
}

extension MaximumQuantity {
    /// What counts for the side: to buy, with cash or credit; to sell, what is held, and with credit what can be sold
    /// short on top.
    init(_ quantities: OpenD.TrdCommon.MaxTrdQtys, side: OrderSide) {
        self.init()
        func decimal(_ value: Double?) -> DecimalText? { value.flatMap { DecimalText(double: $0) } }
        switch side {
        case .buy:
            cash = decimal(quantities.maxCashBuy)
            margin = decimal(quantities.maxCashAndMarginBuy)
        case .sell:
            cash = decimal(quantities.maxPositionSell)
            if let cash, let short = decimal(quantities.maxSellShort) { margin = cash.adding(short) }
        case .sellShort: margin = decimal(quantities.maxSellShort)
        case .buyToCover: cash = decimal(quantities.maxBuyBack)
        }
    }
}

extension DecimalText {
    fileprivate var negated: DecimalText { DecimalText.zero.subtracting(self) ?? self }
}
