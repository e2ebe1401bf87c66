internal import Clocks
internal import OpenDWire
internal import Protobuf

/// What needs no subscription. Snapshots are everything about many instruments at once.
extension OpenDGateway {
    func answerMarket(_ request: GatewayRequest) throws(GatewayRefusal) -> (any Message)? {
        switch request.id {
        case 3203: return try snapshots(try request.read())
        case 3209: return try optionChain(try request.read())
        case 3210: return try warrants(try request.read())
        case 3211: return try capitalFlow(try request.read())
        case 3212: return try capitalDistribution(try request.read())
        case 3215: return try screen(try request.read())
        case 3224: return try optionExpirations(try request.read())
        default: return nil
        }
    }

    func snapshots(_ c2s: OpenD.QotGetSecuritySnapshot.C2S) throws(GatewayRefusal) -> OpenD.QotGetSecuritySnapshot.S2C {
        guard !c2s.securityList.isEmpty else { throw .invalid("securityList") }
        guard c2s.securityList.count <= 400 else { throw .tooMany }
        var answer = OpenD.QotGetSecuritySnapshot.S2C()
        for security in c2s.securityList {
            guard let snapshot = try view(security).snapshot() else { throw .unknown(GatewayCode(security)) }
            answer.snapshotList.append(snapshot)
        }
        return answer
    }
}

extension GatewayView {
    typealias Shot = OpenD.QotGetSecuritySnapshot

    /// `nil` before there was a session.
    func snapshot() -> Shot.Snapshot? {
        guard let figures else { return nil }
        var shot = Shot.Snapshot()
        shot.basic = basicShot(figures)
        switch instrument.kind {
        case .share: shot.equityExData = equity(figures)
        case .index:
            var data = Shot.IndexSnapshotExData()
            data.raiseCount = Int32(30 + listing.tradeCount % 20)
            data.fallCount = 80 - data.raiseCount
            data.equalCount = 2
            shot.indexExData = data
        case .future(let lastDay):
            var data = Shot.FutureSnapshotExData()
            data.lastSettlePrice = GatewayView.amount(figures.previousClose)
            data.position = 98_000
            data.positionChange = Int32(clamping: listing.tradeCount % 500)
            data.lastTradeTime = instrument.isContinuous ? "" : lastDay.iso
            data.isMainContract = instrument.isContinuous
            shot.futureExData = data
        case .option(let option): shot.optionExData = self.option(option)
        case .warrant(let warrant): shot.warrantExData = self.warrant(warrant)
        }
        return shot
    }

    private func basicShot(_ figures: Figures) -> Shot.SnapshotBasicData {
        let zone = instrument.zone
        let listed = instrument.market.firstDay
        var basic = Shot.SnapshotBasicData()
        basic.security = instrument.code.message
        basic.name = name
        basic.type = instrument.type
        basic.isSuspend = isSuspended
        basic.listTime = listed.iso
        basic.listTimestamp = GatewayTime.stamp(zone.wallTime(listed, secondOfDay: 0))
        basic.lotSize = Int32(clamping: instrument.lotSize)
        basic.priceSpread = spread
        basic.updateTime = GatewayTime.text(figures.at, zone, milliseconds: true)
        basic.updateTimestamp = GatewayTime.stamp(figures.at)
        basic.highPrice = GatewayView.amount(figures.high)
        basic.openPrice = GatewayView.amount(figures.open)
        basic.lowPrice = GatewayView.amount(figures.low)
        basic.lastClosePrice = GatewayView.amount(figures.previousClose)
        basic.curPrice = GatewayView.amount(figures.last)
        basic.volume = figures.volume
        basic.turnover = GatewayView.amount(figures.turnover)
        basic.turnoverRate = turnoverRate
        let book = self.book
        basic.askPrice = book.asks.first.map { GatewayView.amount($0.price) }
        basic.bidPrice = book.bids.first.map { GatewayView.amount($0.price) }
        basic.askVol = book.asks.first?.quantity
        basic.bidVol = book.bids.first?.quantity
        basic.amplitude = figures.amplitude
        if figures.volume > 0, case .share = instrument.kind {
            basic.avgPrice = GatewayView.rounded(Double(figures.turnover) / Double(figures.volume) / 1000)
        }
        basic.volumeRatio = 1
        basic.bidAskRatio = GatewayView.imbalance(book)
        basic.enableMargin = instrument.isListed && instrument.hasBook
        basic.enableShortSell = basic.enableMargin
        let (high, low) = yearRange(figures)
        basic.highest52WeeksPrice = GatewayView.amount(high)
        basic.lowest52WeeksPrice = GatewayView.amount(low)
        basic.highestHistoryPrice = basic.highest52WeeksPrice
        basic.lowestHistoryPrice = basic.lowest52WeeksPrice
        basic.preMarket = extended(.preMarket)
        basic.afterMarket = extended(.postMarket)
        basic.overnight = extended(.overnight)
        basic.secStatus = isSuspended ? 9 : 1
        basic.closePrice5Minute = GatewayView.amount(minutesAgo(5) ?? figures.previousClose)
        return basic
    }

    /// How much more is bid than asked, in percent of both.
    static func imbalance(_ book: (asks: [SimulatedBook.Row], bids: [SimulatedBook.Row])) -> Double {
        let asks = book.asks.reduce(0) { $0 + $1.quantity }
        let bids = book.bids.reduce(0) { $0 + $1.quantity }
        guard asks + bids > 0 else { return 0 }
        return rounded(Double(bids - asks) / Double(bids + asks) * 100)
    }

    /// The close of the minute so many minutes before the newest; `nil` when the session is younger.
    func minutesAgo(_ count: Int) -> Int64? {
        guard let minutes = listing.regular?.minutes, minutes.count > count else { return nil }
        return bar(minutes[minutes.count - 1 - count]).close
    }

    /// The highest and the lowest of a year: of the closes of its weeks, and of today.
    func yearRange(_ figures: Figures) -> (high: Int64, low: Int64) {
        guard instrument.isListed else { return (figures.high, figures.low) }
        var high = figures.high
        var low = figures.low
        for week in 1...52 {
            let day = TradingCalendar.previous(instrument.market, before: today.adding(days: -7 * week + 1))
            let close = listing.history.close(day)
            high = max(high, close)
            low = min(low, close)
        }
        return (high, low)
    }

    // MARK: By kind

    private func equity(_ figures: Figures) -> Shot.EquitySnapshotExData {
        let source = instrument.source
        let shares = source.millionShares * 1_000_000
        let worth = Double(figures.last) * Double(shares) / 1000
        func ratio(_ part: Int64, _ whole: Int64) -> Double {
            whole == 0 ? 0 : GatewayView.rounded(Double(part) / Double(whole))
        }
        var data = Shot.EquitySnapshotExData()
        data.issuedShares = shares
        data.issuedMarketVal = worth
        data.netAsset = Double(source.bookValue) * Double(shares) / 1000
        data.netProfit = Double(source.earnings) * Double(shares) / 1000
        data.earningsPershare = GatewayView.amount(source.earnings)
        data.outstandingShares = shares
        data.outstandingMarketVal = worth
        data.netAssetPershare = GatewayView.amount(source.bookValue)
        data.eyRate = GatewayView.rounded(ratio(source.earnings, figures.last) * 100)
        data.peRate = ratio(figures.last, source.earnings)
        data.pbRate = ratio(figures.last, source.bookValue)
        data.peTTMRate = data.peRate
        data.dividendTTM = GatewayView.amount(source.price * source.dividendYield / 10_000)
        data.dividendRatioTTM = Double(source.dividendYield) / 100
        data.dividendLFY = data.dividendTTM
        data.dividendLFYRatio = data.dividendRatioTTM
        return data
    }

    private func option(_ option: SimulatedOption) -> Shot.OptionSnapshotExData {
        let figures = OptionFigures(option, self)
        var data = Shot.OptionSnapshotExData()
        data.type = option.isCall ? 1 : 2
        data.owner = GatewayCode(option.underlying).message
        data.strikeTime = option.expiry.iso
        data.strikeTimestamp = GatewayTime.stamp(TimeZoneRule.newYork.wallTime(option.expiry, secondOfDay: 0))
        data.strikePrice = GatewayView.amount(option.strike)
        data.contractSize = 100
        data.contractSizeFloat = 100
        data.contractMultiplier = 100
        data.openInterest = Int32(clamping: option.openInterest)
        data.netOpenInterest = Int32(clamping: option.openInterest / 10)
        data.impliedVolatility = figures.volatility
        data.premium = figures.premium
        data.delta = figures.delta
        data.gamma = figures.gamma
        data.vega = figures.vega
        data.theta = figures.theta
        data.rho = figures.rho
        data.expiryDateDistance = Int32(clamping: option.expiry.daysSinceEpoch - today.daysSinceEpoch)
        data.contractNominalValue = GatewayView.amount((listing.regular?.last ?? 0) * 100)
        data.optionAreaType = 1
        return data
    }

    private func warrant(_ warrant: SimulatedWarrant) -> Shot.WarrantSnapshotExData {
        let figures = WarrantFigures(warrant, self)
        var data = Shot.WarrantSnapshotExData()
        data.conversionRate = Double(warrant.conversion)
        data.warrantType = warrant.kind.gatewayNumber
        data.strikePrice = GatewayView.amount(figures.terms.strike)
        data.maturityTime = figures.expiry.iso
        data.endTradeTime = TradingCalendar.previous(.hongKong, before: figures.expiry).iso
        data.owner = GatewayCode(warrant.underlying).message
        data.recoveryPrice = GatewayView.amount(figures.terms.callPrice)
        data.streetVolumn = warrant.outstanding
        data.issueVolumn = warrant.issued
        data.streetRate = figures.streetRate
        data.delta = figures.delta
        data.impliedVolatility = figures.volatility
        data.premium = figures.premium
        data.leverage = figures.leverage
        data.ipop = figures.moneyness
        data.breakEvenPoint = figures.breakEven
        data.conversionPrice = GatewayView.rounded(
            GatewayView.amount(self.figures?.last ?? 0) * Double(warrant.conversion))
        data.priceRecoveryRatio = figures.toRecovery
        data.score = 0
        if warrant.kind == .inline {
            data.upperStrikePrice = GatewayView.amount(figures.terms.upper)
            data.lowerStrikePrice = GatewayView.amount(figures.terms.lower)
            data.inLinePriceStatus = 2
        }
        data.issuerCode = warrant.issuer.english
        return data
    }
}
