internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

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
    /// `WarrantStatus` of the gateway; one whose trading has stopped for good is suspended.
    init?(warrantStatus: Int32) {
        switch warrantStatus {
        case 1: self = .normal
        case 2, 3: self = .suspended
        case 4: self = .toBeListed
        default: return nil
        }
    }

    var warrantStatus: Int32 {
        switch self {
        case .normal: 1
        case .suspended: 2
        case .toBeListed: 4
        }
    }
}

extension WarrantColumn {
    /// `SortField`; `nil` for a column the gateway cannot sort by.
    var sortField: Int32? {
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
        case .toCallPrice: nil
        }
    }
}

extension OpenD.QotGetWarrant.C2S {
    /// The vendor's form of a filter, which takes one status and one stretch of expiries, and knows nothing of bounds:
    /// its `priceType` is about the strike.
    init(_ filter: WarrantFilter, today: CivilDate) throws(BrokerFailure) {
        self.init()
        begin = Int32(clamping: filter.offset)
        num = Int32(clamping: min(filter.count, OpenDLimits.pageRows))
        guard let field = filter.column.sortField else {
            throw BrokerFailure(.notSupported, "The broker cannot sort by this column.", field: "sort")
        }
        sortField = field
        ascend = !filter.isDescending
        typeList = filter.kinds.map(\.warrantType)
        issuerList = filter.issuers
        guard Set(filter.bounds).count != 1 else {
            throw BrokerFailure(.notSupported, "The broker cannot filter by the place to the bounds.", field: "bounds")
        }
        switch Set(filter.statuses).count {
        case 1: status = filter.statuses.first?.warrantStatus
        case 0, WarrantStatus.allCases.count: break
        default: throw BrokerFailure(.notSupported, "The broker filters by one status or by none.", field: "status")
        }
        try set(filter.expiries, today: today)
    }

    /// Neighbouring stretches are one. Each begins the day behind the one before it.
    private mutating func set(_ expiries: [WarrantExpiry], today: CivilDate) throws(BrokerFailure) {
        let all = WarrantExpiry.allCases
        let places = Set(expiries.compactMap { all.firstIndex(of: $0) })
        guard let first = places.min(), let last = places.max(), places.count < all.count else { return }
        guard places.count == last - first + 1 else {
            throw BrokerFailure(.notSupported, "The broker filters by one stretch of expiries.", field: "expiry")
        }
        maturityTimeMin = today.adding(days: Self.firstDays[first]).iso
        if last + 1 < Self.firstDays.count { maturityTimeMax = today.adding(days: Self.firstDays[last + 1] - 1).iso }
    }

    /// The first day of each of ``WarrantExpiry``, from today.
    private static let firstDays = [0, 91, 183, 366]
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
        // Without a price there is no change of it.
        if row.curPrice != 0 {
            figures[.changePercent] = gatewayPercent(row.changeRate)
            figures[.change] = gatewayFigure(row.priceChangeVal)
        }
        figures[.volume] = DecimalText(row.volume)
        figures[.turnover] = gatewayFigure(row.turnover)
        figures[.outstandingQuantity] = DecimalText(row.streetVol)
        figures[.outstandingRatio] = gatewayPercent(row.streetRate)
        figures[.leverage] = gatewayPrice(row.leverage)
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
            figures[.impliedVolatility] = gatewayRate(row.impliedVolatility)
            // It is calculated from the volatility, and 0 without it.
            if row.impliedVolatility != 0 || row.delta != 0 { figures[.delta] = gatewayFigure(row.delta) }
            figures[.effectiveLeverage] = gatewayPrice(row.effectiveLeverage)
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
        if kind == .inline {
            upperStrike = gatewayPrice(warrant.upperStrikePrice)
            lowerStrike = gatewayPrice(warrant.lowerStrikePrice)
        } else {
            strike = gatewayPrice(warrant.strikePrice)
            conversionRatio = gatewayPrice(warrant.conversionRate)
        }
        callPrice = kind == .bull || kind == .bear ? gatewayPrice(warrant.recoveryPrice) : nil
        impliedVolatility = kind == .call || kind == .put ? gatewayRate(warrant.impliedVolatility) : nil
        outstandingRatio = gatewayPercent(warrant.streetRate)
        outstandingQuantity = DecimalText(warrant.streetVolumn)
    }
}
