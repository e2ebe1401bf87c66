internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

/// 20 for 20 % as the fraction 0.2.
func gatewayPercent(_ value: Double?) -> DecimalText? {
    gatewayFigure(value).flatMap { $0.multiplied(by: DecimalText(units: 1, scale: 2)) }.map(\.normalized)
}

extension OptionChainRow {
    /// One strike; `nil` if it cannot be read.
    init?(_ item: OpenD.QotGetOptionChain.OptionItem) {
        guard let info = item.call ?? item.put, let strike = gatewayFigure(info.optionExData?.strikePrice) else {
            return nil
        }
        let isAdjusted = [item.call, item.put].contains { $0?.optionExData?.optionStandardType == 2 }
        self.init(
            strike: strike, call: item.call.flatMap { Symbol($0.basic.security) },
            put: item.put.flatMap { Symbol($0.basic.security) }, isStandard: !isAdjusted)
    }
}

extension OptionQuote {
    /// What a snapshot has of an option.
    init(_ option: OpenD.QotGetSecuritySnapshot.OptionSnapshotExData, figures: Quote, includesGreeks: Bool) {
        self.init(figures: figures)
        underlying = Symbol(option.owner)
        right = option.type == 1 ? .call : option.type == 2 ? .put : nil
        strike = gatewayFigure(option.strikePrice)
        expiry = ExchangeTime.day(option.strikeTime)
        style = option.optionAreaType == 1 ? .american : option.optionAreaType == 2 ? .european : nil
        multiplier = gatewayFigure(option.contractMultiplier)
        contractSize = gatewayFigure(option.contractSizeFloat) ?? DecimalText(Int64(option.contractSize))
        impliedVolatility = gatewayPercent(option.impliedVolatility)
        openInterest = DecimalText(Int64(option.openInterest))
        guard includesGreeks else { return }
        var greeks = OptionGreeks()
        greeks.delta = gatewayFigure(option.delta)
        greeks.gamma = gatewayFigure(option.gamma)
        greeks.theta = gatewayFigure(option.theta)
        greeks.vega = gatewayFigure(option.vega)
        greeks.rho = gatewayFigure(option.rho)
        self.greeks = greeks
    }
}

extension WarrantKind {
    /// `WarrantType`.
    var warrantType: Int32 {
        switch self {
        case .call: 1
        case .put: 2
        case .bull: 3
        case .bear: 4
        case .inline: 5
        }
    }

    /// `nil` for a number that is none of the table.
    init?(warrantType: Int32) {
        guard let kind = WarrantKind.allCases.first(where: { $0.warrantType == warrantType }) else { return nil }
        self = kind
    }
}

extension WarrantStatus {
    /// `WarrantStatus` of the vendor; one whose trading has stopped for good is suspended.
    init?(warrantStatus: Int32) {
        switch warrantStatus {
        case 1: self = .normal
        case 2, 3: self = .suspended
        case 4: self = .toBeListed
        default: return nil
        }
    }

    fileprivate var warrantStatus: Int32 {
        switch self {
        case .normal: 1
        case .suspended: 2
        case .toBeListed: 4
        }
    }
}

extension WarrantColumn {
    /// `SortField`.
    fileprivate var sortField: Int32 {
        switch self {
        case .last: 2
        case .change: 3
        case .changePercent: 4
        case .status: 5
        case .volume: 10
        case .turnover: 11
        case .premium: 13
        case .effectiveLeverage: 14
        case .delta: 15
        case .impliedVolatility: 16
        case .strike: 18
        case .breakEven: 19
        case .expiry: 20
        case .leverage: 23
        case .moneyness: 24
        case .callPrice: 25
        case .conversionRatio: 27
        case .outstandingRatio: 28
        case .outstandingQuantity: 29
        case .upperStrike: 45
        case .lowerStrike: 46
        case .toCallPrice: 26
        }
    }
}

extension OpenD.QotGetWarrant.C2S {
    /// The vendor's form of a filter, which takes one status, one place to the bounds and one stretch of expiries.
    init(_ filter: WarrantFilter, today: CivilDate) throws(BrokerFailure) {
        self.init()
        begin = Int32(clamping: filter.offset)
        num = Int32(clamping: min(filter.count, OpenDLimits.pageRows))
        sortField = filter.column.sortField
        ascend = !filter.isDescending
        typeList = filter.kinds.map(\.warrantType)
        issuerList = filter.issuers
        let statuses = Set(filter.statuses)
        if statuses.count == 1 {
            status = filter.statuses.first?.warrantStatus
        } else if statuses.count == 2 {
            throw BrokerFailure(.notSupported, "The broker filters by one status or by none.", field: "status")
        }
        // `PriceType`: 1 outside, 2 within; both together are none.
        if Set(filter.bounds).count == 1 { priceType = filter.bounds.first == .outside ? 1 : 2 }
        let places = Set(filter.expiries.compactMap { WarrantExpiry.allCases.firstIndex(of: $0) }).sorted()
        guard let first = places.first, let last = places.last, places.count < WarrantExpiry.allCases.count else {
            return
        }
        guard places.count == last - first + 1 else {
            throw BrokerFailure(.notSupported, "The broker filters by one stretch of expiries.", field: "expiry")
        }
        let bounds = [0, 91, 183, 365]
        maturityTimeMin = today.adding(days: bounds[first]).iso
        if last < bounds.count - 1 { maturityTimeMax = today.adding(days: bounds[last + 1]).iso }
    }
}

extension WarrantRow {
    /// One row of the vendor's list; `nil` for a security that is none of ours. Figures that do not apply are 0 there.
    init?(_ row: OpenD.QotGetWarrant.WarrantData) {
        guard let symbol = Symbol(row.stock) else { return nil }
        self.init(symbol: symbol)
        name = row.name.isEmpty ? nil : row.name
        kind = WarrantKind(warrantType: row.type)
        status = WarrantStatus(warrantStatus: row.status)
        expiry = ExchangeTime.day(row.maturityTime)
        figures[.last] = gatewayPrice(row.curPrice)
        figures[.changePercent] = gatewayPercent(row.changeRate)
        figures[.change] = gatewayFigure(row.priceChangeVal)
        figures[.volume] = DecimalText(row.volume)
        figures[.turnover] = gatewayFigure(row.turnover)
        figures[.outstandingQuantity] = DecimalText(row.streetVol)
        figures[.outstandingRatio] = gatewayPercent(row.streetRate)
        figures[.leverage] = gatewayFigure(row.leverage)
        if kind == .inline {
            figures[.upperStrike] = gatewayPrice(row.upperStrikePrice)
            figures[.lowerStrike] = gatewayPrice(row.lowerStrikePrice)
            return
        }
        figures[.strike] = gatewayPrice(row.strikePrice)
        figures[.premium] = gatewayPercent(row.premium)
        figures[.moneyness] = gatewayPercent(row.ipop)
        figures[.conversionRatio] = gatewayPrice(row.conversionRatio)
        figures[.breakEven] = gatewayPrice(row.breakEvenPoint)
        if kind == .call || kind == .put {
            figures[.impliedVolatility] = gatewayPercent(row.impliedVolatility)
            figures[.delta] = gatewayFigure(row.delta)
            figures[.effectiveLeverage] = gatewayFigure(row.effectiveLeverage)
        } else {
            figures[.callPrice] = gatewayPrice(row.recoveryPrice)
            figures[.toCallPrice] = gatewayPercent(row.priceRecoveryRatio)
        }
    }
}

extension WarrantQuote {
    /// What a snapshot has of a warrant.
    init(_ warrant: OpenD.QotGetSecuritySnapshot.WarrantSnapshotExData, figures: Quote) {
        self.init(figures: figures)
        underlying = Symbol(warrant.owner)
        kind = WarrantKind(warrantType: warrant.warrantType)
        expiry = ExchangeTime.day(warrant.maturityTime)
        lastTradingDay = ExchangeTime.day(warrant.endTradeTime)
        strike = kind == .inline ? nil : gatewayPrice(warrant.strikePrice)
        upperStrike = gatewayPrice(warrant.upperStrikePrice)
        lowerStrike = gatewayPrice(warrant.lowerStrikePrice)
        callPrice = kind == .bull || kind == .bear ? gatewayPrice(warrant.recoveryPrice) : nil
        conversionRatio = gatewayPrice(warrant.conversionRate)
        impliedVolatility = kind == .call || kind == .put ? gatewayPercent(warrant.impliedVolatility) : nil
        outstandingRatio = gatewayPercent(warrant.streetRate)
        outstandingQuantity = DecimalText(warrant.streetVolumn)
    }
}
