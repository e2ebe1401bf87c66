internal import Clocks
internal import OpenDWire

/// Warrants and callable contracts of Hong Kong, filtered and sorted.
extension OpenDGateway {
    func warrants(_ c2s: OpenD.QotGetWarrant.C2S) throws(GatewayRefusal) -> OpenD.QotGetWarrant.S2C {
        guard c2s.begin >= 0 else { throw .invalid("begin") }
        guard (1...200).contains(c2s.num) else { throw .invalid("num") }
        var all = SimulatedWarrant.all
        if let owner = c2s.owner, !owner.code.isEmpty {
            let symbol = try instrument(owner).source.symbol
            all = all.filter { $0.underlying.symbol == symbol }
        }
        if !c2s.typeList.isEmpty { all = all.filter { c2s.typeList.contains($0.kind.gatewayNumber) } }
        let rows = all.compactMap { warrant in view(GatewayInstrument(warrant)).flatMap { $0.row(warrant) } }
            .filter(c2s.admits)
        let key = try OpenDGateway.sortKey(c2s.sortField)
        let keyed: [(row: OpenD.QotGetWarrant.WarrantData, key: Double)] = rows.map { ($0, key($0)) }
        let isAscending = c2s.ascend
        let sorted = keyed.sorted { left, right in
            guard left.key != right.key else { return left.row.stock.code < right.row.stock.code }
            return isAscending ? left.key < right.key : left.key > right.key
        }.map(\.row)
        var answer = OpenD.QotGetWarrant.S2C()
        answer.allCount = Int32(clamping: sorted.count)
        answer.warrantDataList = Array(sorted.dropFirst(Int(c2s.begin)).prefix(Int(c2s.num)))
        answer.lastPage = Int(c2s.begin) + answer.warrantDataList.count >= sorted.count
        return answer
    }

    /// By the gateway's numbers of fields to sort by.
    private static func sortKey(
        _ field: Int32
    ) throws(GatewayRefusal) -> (OpenD.QotGetWarrant.WarrantData) -> Double {
        switch field {
        case 0, 1: { Double($0.stock.code) ?? 0 }
        case 2: { $0.curPrice }
        case 3: { $0.priceChangeVal }
        case 4: { $0.changeRate }
        case 5: { Double($0.status) }
        case 6: { $0.bidPrice }
        case 7: { $0.askPrice }
        case 8: { Double($0.bidVol) }
        case 9: { Double($0.askVol) }
        case 10: { Double($0.volume) }
        case 11: { $0.turnover }
        case 12: { $0.score }
        case 13: { $0.premium }
        case 14: { $0.effectiveLeverage }
        case 15: { $0.delta ?? 0 }
        case 16: { $0.impliedVolatility ?? 0 }
        case 17: { Double($0.type) }
        case 18: { $0.strikePrice }
        case 19: { $0.breakEvenPoint }
        case 20: { $0.maturityTimestamp ?? 0 }
        case 21, 22: { $0.lastTradeTimestamp ?? 0 }
        case 23: { $0.leverage }
        case 24: { $0.ipop }
        case 25: { $0.recoveryPrice ?? 0 }
        case 26: { $0.conversionPrice }
        case 27: { $0.conversionRatio }
        case 28: { $0.streetRate }
        case 29: { Double($0.streetVol) }
        case 30: { $0.amplitude }
        case 32: { Double($0.issuer) }
        case 33: { Double($0.lotSize) }
        case 34: { Double($0.issueSize) }
        case 45: { $0.upperStrikePrice ?? 0 }
        case 46: { $0.lowerStrikePrice ?? 0 }
        case 47: { Double($0.inLinePriceStatus ?? 0) }
        default: throw .invalid("sortField")
        }
    }
}

extension OpenD.QotGetWarrant.C2S {
    /// Whether a row is within every bound that was given.
    fileprivate func admits(_ row: OpenD.QotGetWarrant.WarrantData) -> Bool {
        if !issuerList.isEmpty, !issuerList.contains(row.issuer) { return false }
        if let status, status != 0, status != row.status { return false }
        // What is out of the money has a moneyness below zero.
        if let priceType, priceType != 0, (priceType == 2) != (row.ipop >= 0) { return false }
        if let least = maturityTimeMin.flatMap({ GatewayTime.day($0.prefix(10)) }), row.maturityTime < least.iso {
            return false
        }
        if let most = maturityTimeMax.flatMap({ GatewayTime.day($0.prefix(10)) }), row.maturityTime > most.iso {
            return false
        }
        let bounds: [(value: Double, least: Double?, most: Double?)] = [
            (row.curPrice, curPriceMin, curPriceMax), (row.strikePrice, strikePriceMin, strikePriceMax),
            (row.streetRate, streetMin, streetMax), (row.conversionRatio, conversionMin, conversionMax),
            (Double(row.volume), volMin.map { Double($0) }, volMax.map { Double($0) }),
            (row.premium, premiumMin, premiumMax), (row.leverage, leverageRatioMin, leverageRatioMax),
            (row.delta ?? 0, deltaMin, deltaMax), (row.impliedVolatility ?? 0, impliedMin, impliedMax),
            (row.recoveryPrice ?? 0, recoveryPriceMin, recoveryPriceMax),
            (row.priceRecoveryRatio ?? 0, priceRecoveryRatioMin, priceRecoveryRatioMax),
        ]
        return bounds.allSatisfy { $0.value >= $0.least ?? -.infinity && $0.value <= $0.most ?? .infinity }
    }
}

extension SimulatedIssuer {
    /// The gateway's number.
    fileprivate var gatewayNumber: Int32 {
        switch english {
        case "SG": 1
        case "CT": 4
        case "HS": 7
        case "MB": 9
        case "UB": 11
        default: 0
        }
    }
}

extension GatewayView {
    fileprivate func row(_ warrant: SimulatedWarrant) -> OpenD.QotGetWarrant.WarrantData? {
        guard let prices = self.figures else { return nil }
        let figures = WarrantFigures(warrant, self)
        let zone = instrument.zone
        let book = self.book
        let lastDay = TradingCalendar.previous(.hongKong, before: figures.expiry)
        var row = OpenD.QotGetWarrant.WarrantData()
        row.stock = instrument.code.message
        row.owner = GatewayCode(warrant.underlying).message
        row.type = warrant.kind.gatewayNumber
        row.issuer = warrant.issuer.gatewayNumber
        row.maturityTime = figures.expiry.iso
        row.maturityTimestamp = GatewayTime.stamp(zone.wallTime(figures.expiry, secondOfDay: 0))
        row.listTime = instrument.market.firstDay.iso
        row.listTimestamp = GatewayTime.stamp(zone.wallTime(instrument.market.firstDay, secondOfDay: 0))
        row.lastTradeTime = lastDay.iso
        row.lastTradeTimestamp = GatewayTime.stamp(zone.wallTime(lastDay, secondOfDay: 0))
        if warrant.kind == .bull || warrant.kind == .bear {
            row.recoveryPrice = GatewayView.amount(figures.terms.callPrice)
            row.priceRecoveryRatio = figures.toRecovery
        } else {
            row.impliedVolatility = figures.volatility
            row.delta = figures.delta
        }
        row.conversionRatio = Double(warrant.conversion)
        row.lotSize = Int32(clamping: instrument.lotSize)
        row.strikePrice = GatewayView.amount(figures.terms.strike)
        row.lastClosePrice = GatewayView.amount(prices.previousClose)
        row.name = name
        row.curPrice = GatewayView.amount(prices.last)
        row.priceChangeVal = GatewayView.amount(prices.last - prices.previousClose)
        row.changeRate = prices.changeRate
        row.status = warrant.status == 2 ? 2 : warrant.status == 3 ? 4 : 1
        row.bidPrice = GatewayView.amount(book.bids.first?.price ?? 0)
        row.askPrice = GatewayView.amount(book.asks.first?.price ?? 0)
        row.bidVol = book.bids.first?.quantity ?? 0
        row.askVol = book.asks.first?.quantity ?? 0
        row.volume = prices.volume
        row.turnover = GatewayView.amount(prices.turnover)
        row.score = 0
        row.premium = figures.premium
        row.breakEvenPoint = figures.breakEven
        row.leverage = figures.leverage
        row.ipop = figures.moneyness
        row.conversionPrice = GatewayView.rounded(GatewayView.amount(prices.last) * Double(warrant.conversion))
        row.streetRate = figures.streetRate
        row.streetVol = warrant.outstanding
        row.amplitude = prices.amplitude
        row.issueSize = warrant.issued
        row.highPrice = GatewayView.amount(prices.high)
        row.lowPrice = GatewayView.amount(prices.low)
        row.effectiveLeverage = GatewayView.rounded(figures.leverage * abs(figures.delta))
        if warrant.kind == .inline {
            row.upperStrikePrice = GatewayView.amount(figures.terms.upper)
            row.lowerStrikePrice = GatewayView.amount(figures.terms.lower)
            row.inLinePriceStatus = 2
        }
        return row
    }
}
