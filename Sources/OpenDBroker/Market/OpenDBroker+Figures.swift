public import BrokerModel
internal import Bytes
public import Clocks
internal import EventLoops
internal import OpenDWire

/// Calculated figures, money's ways, and when markets trade.
extension OpenDBroker {
    /// The figures a snapshot has; the gateway calculates no others.
    public func indicators(
        _ symbols: [Symbol], _ fields: [Indicator], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<IndicatorValues> {
        let snapshots = try await snapshots(symbols, wait: wait)
        var results = SymbolResults<IndicatorValues>(failures: snapshots.failures)
        for (symbol, snapshot) in snapshots.values {
            var values = IndicatorValues(symbol: symbol)
            for field in fields { values.values[field] = field.value(in: snapshot, symbol: symbol) }
            results.values[symbol] = values
        }
        return results
    }

    /// Net inflow of the day, minute by minute.
    public func capitalFlow(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [CapitalFlowPoint] {
        var request = OpenD.QotGetCapitalFlow.C2S()
        request.security = symbol.security
        let zone = symbol.market.timeZone
        let answer = try await about(symbol, request, wait: wait)
        return answer.flowItemList.compactMap { item in
            ExchangeTime.read(item.timestamp, or: item.time, zone: zone)
                .map { CapitalFlowPoint(time: $0, netInflow: gatewayFigure(item.inFlow)) }
        }
    }

    /// The day's money by the size of orders. The gateway's largest size of four is counted with the large ones.
    public func capitalDistribution(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> CapitalDistribution
    {
        var request = OpenD.QotGetCapitalDistribution.C2S()
        request.security = symbol.security
        let answer = try await about(symbol, request, wait: wait)
        func large(_ big: Double, _ largest: Double?) -> DecimalText? {
            guard let big = gatewayFigure(big) else { return nil }
            return gatewayFigure(largest).flatMap { big.adding($0) } ?? big
        }
        return CapitalDistribution(
            symbol: symbol,
            time: ExchangeTime.read(answer.updateTimestamp, or: answer.updateTime, zone: symbol.market.timeZone),
            inflow: CapitalBySize(
                large: large(answer.capitalInBig, answer.capitalInSuper), medium: gatewayFigure(answer.capitalInMid),
                small: gatewayFigure(answer.capitalInSmall)),
            outflow: CapitalBySize(
                large: large(answer.capitalOutBig, answer.capitalOutSuper),
                medium: gatewayFigure(answer.capitalOutMid), small: gatewayFigure(answer.capitalOutSmall)))
    }

    /// The days a market trades; the gateway knows ten years back, and the running year.
    public func tradingDays(
        _ market: Market, from: CivilDate, through: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> TradingDays {
        var request = OpenD.QotRequestTradeDate.C2S()
        request.market = market.tradeDateMarket
        request.beginTime = from.iso
        request.endTime = through.iso
        let answer = try await link.read(request, wait: wait)
        var days = TradingDays()
        for entry in answer.tradeDateList {
            guard let day = ExchangeTime.day(entry.time), day >= from, day <= through else { continue }
            if entry.tradeDateType ?? 0 == 0 { days.full.append(day) } else { days.half.append(day) }
        }
        days.half = Set(days.half).sorted()
        days.full = Set(days.full).subtracting(days.half).sorted()
        return days
    }

    /// The exchanges' own hours: the gateway tells what a market is doing, not when it does.
    ///
    /// - Source: hkex.com.hk, nyse.com, sse.com.cn, szse.cn, sgx.com, trading hours, as of 2026-11.
    public func marketHours(wait: Duration) async throws(BrokerFailure) -> [BrokerModel.MarketHours] {
        func hours(_ market: Market, _ stretches: [(TradingSession, Int, Int)]) -> BrokerModel.MarketHours {
            BrokerModel.MarketHours(
                market: market, sessions: stretches.map { SessionHours(session: $0.0, begin: $0.1, end: $0.2) })
        }
        return [
            hours(.hongKong, [(.regular, 570, 720), (.regular, 780, 960)]),
            hours(
                .unitedStates,
                [
                    (.preMarket, 240, 570), (.regular, 570, 960), (.postMarket, 960, 1200), (.overnight, 1200, 1440),
                    (.overnight, 0, 240),
                ]),
            hours(.shanghai, [(.regular, 570, 690), (.regular, 780, 900)]),
            hours(.shenzhen, [(.regular, 570, 690), (.regular, 780, 900)]),
            hours(.singapore, [(.regular, 540, 720), (.regular, 780, 1020)]),
        ]
    }

    /// The rights the gateway notified; `nil` until it has.
    public var quotePermissions: QuotePermissions? {
        guard let rights = link.rights else { return nil }
        let table: [(String, Int32?)] = [
            ("hk", rights.hkQotRight), ("us", rights.usQotRight), ("cn", rights.cnQotRight),
            ("hk_option", rights.hkOptionQotRight), ("hk_future", rights.hkFutureQotRight),
            ("us_option", rights.usOptionQotRight), ("sg_stock", rights.sgStockQotRight),
        ]
        let packages = table.compactMap { key, right -> QuotePackage? in
            guard let right, let level = OpenDBroker.level(right) else { return nil }
            var package = QuotePackage(key: key)
            package.name = level
            package.market = String(key.prefix(2)).uppercased()
            return package
        }
        return QuotePermissions(level: nil, packages: packages, historyLimit: nil, subscriptionLimit: ledger.limit)
    }

    /// `QotRight`.
    private static func level(_ right: Int32) -> String? {
        switch right {
        case 1: "BMP"
        case 2: "Level1"
        case 3: "Level2"
        case 4: "SF"
        case 5: "none"
        case 6: "Level3"
        default: nil
        }
    }
}

extension Market {
    /// `TradeDateMarket`.
    fileprivate var tradeDateMarket: Int32 {
        switch self {
        case .hongKong: 1
        case .unitedStates: 2
        case .shanghai, .shenzhen: 3
        case .singapore: 8
        }
    }
}

extension Indicator {
    /// What a snapshot says of it; `nil` if it does not apply or the gateway has none.
    fileprivate func value(in snapshot: OpenD.QotGetSecuritySnapshot.Snapshot, symbol: Symbol) -> IndicatorValue? {
        switch self {
        case .expiry:
            return
                (snapshot.optionExData.flatMap { ExchangeTime.day($0.strikeTime) }
                ?? snapshot.warrantExData.flatMap { ExchangeTime.day($0.maturityTime) }).map { .date($0) }
        default: return decimal(snapshot, symbol).map { .decimal($0) }
        }
    }

    private func decimal(_ snapshot: OpenD.QotGetSecuritySnapshot.Snapshot, _ symbol: Symbol) -> DecimalText? {
        let basic = snapshot.basic
        let option = snapshot.optionExData
        let warrant = snapshot.warrantExData
        switch self {
        case .last: return gatewayPrice(basic.curPrice)
        case .change: return Quote(basic, symbol: symbol).change
        case .changePercent: return Quote(basic, symbol: symbol).changePercent
        case .volume: return gatewayVolume(basic.volume, basic.hpVolume)
        case .turnover: return gatewayFigure(basic.turnover)
        case .turnoverRate: return gatewayFigure(basic.turnoverRate)
        case .marketValue: return gatewayPrice(snapshot.equityExData?.issuedMarketVal)
        case .amplitude: return gatewayFigure(basic.amplitude)
        case .volumeRatio: return gatewayFigure(basic.volumeRatio)
        case .priceEarningsTTM: return gatewayPrice(snapshot.equityExData?.peTTMRate)
        case .priceBook: return gatewayPrice(snapshot.equityExData?.pbRate)
        case .dividendYieldTTM: return gatewayFigure(snapshot.equityExData?.dividendRatioTTM)
        case .fiveMinuteChangePercent:
            guard let last = gatewayPrice(basic.curPrice), let before = gatewayPrice(basic.closePrice5Minute) else {
                return nil
            }
            return last.subtracting(before)?.multiplied(by: DecimalText(100))?.divided(by: before, scale: 2)
        case .strike: return gatewayPrice(option?.strikePrice ?? warrant?.strikePrice)
        case .upperStrike: return gatewayPrice(warrant?.upperStrikePrice)
        case .lowerStrike: return gatewayPrice(warrant?.lowerStrikePrice)
        case .outstandingQuantity: return warrant.map { DecimalText($0.streetVolumn) }
        case .outstandingRatio: return gatewayFigure(warrant?.streetRate)
        case .premium: return gatewayFigure(option?.premium ?? warrant?.premium)
        case .moneyness: return gatewayFigure(warrant?.ipop)
        case .impliedVolatility: return gatewayFigure(option?.impliedVolatility ?? warrant?.impliedVolatility)
        case .warrantDelta: return gatewayFigure(warrant?.delta)
        case .callPrice: return gatewayPrice(warrant?.recoveryPrice)
        case .toCallPrice: return gatewayFigure(warrant?.priceRecoveryRatio)
        case .leverage: return gatewayFigure(warrant?.leverage)
        case .conversionRatio: return gatewayPrice(warrant?.conversionRate)
        case .breakEven: return gatewayPrice(warrant?.breakEvenPoint)
        case .openInterest: return option.map { DecimalText(Int64($0.openInterest)) }
        case .delta: return gatewayFigure(option?.delta)
        case .gamma: return gatewayFigure(option?.gamma)
        case .theta: return gatewayFigure(option?.theta)
        case .vega: return gatewayFigure(option?.vega)
        case .rho: return gatewayFigure(option?.rho)
        case .yearToDateChangePercent, .capitalFlow, .fiveDayChangePercent, .tenDayChangePercent,
            .halfYearChangePercent, .effectiveLeverage, .expiry:
            return nil
        }
    }
}
