internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

extension IndicatorValues {
    /// What a snapshot has of the figures asked for.
    init(_ snapshot: OpenD.QotGetSecuritySnapshot.Snapshot, symbol: Symbol, fields: [Indicator]) {
        self.init(symbol: symbol)
        let reader = SnapshotFigures(snapshot, symbol: symbol)
        for field in fields { values[field] = reader.value(field) }
    }
}

/// The figures of one snapshot. Rates are in percent there, as in ours.
private struct SnapshotFigures {
    private let snapshot: OpenD.QotGetSecuritySnapshot.Snapshot
    private let quote: Quote
    private let greeks: OptionGreeks?
    private let kind: WarrantKind?

    private var option: OpenD.QotGetSecuritySnapshot.OptionSnapshotExData? { snapshot.optionExData }
    private var warrant: OpenD.QotGetSecuritySnapshot.WarrantSnapshotExData? { snapshot.warrantExData }
    private var equity: OpenD.QotGetSecuritySnapshot.EquitySnapshotExData? { snapshot.equityExData }
    /// What has a volatility.
    private var optional: OpenD.QotGetSecuritySnapshot.WarrantSnapshotExData? {
        kind == .call || kind == .put ? warrant : nil
    }
    /// What can be called.
    private var callable: OpenD.QotGetSecuritySnapshot.WarrantSnapshotExData? {
        kind == .bull || kind == .bear ? warrant : nil
    }
    /// What has a strike.
    private var struck: OpenD.QotGetSecuritySnapshot.WarrantSnapshotExData? { kind == .inline ? nil : warrant }

    init(_ snapshot: OpenD.QotGetSecuritySnapshot.Snapshot, symbol: Symbol) {
        self.snapshot = snapshot
        quote = Quote(snapshot.basic, symbol: symbol)
        greeks = snapshot.optionExData.flatMap { OptionGreeks($0) }
        kind = snapshot.warrantExData.flatMap { WarrantKind(warrantType: $0.warrantType) }
    }

    /// `nil` if it does not apply, or the gateway has none.
    func value(_ field: Indicator) -> IndicatorValue? {
        guard field == .expiry else { return decimal(field).map { .decimal($0) } }
        let day = option.map(\.strikeTime) ?? warrant.map(\.maturityTime)
        return day.flatMap { ExchangeTime.day($0) }.map { .date($0) }
    }

    private func decimal(_ field: Indicator) -> DecimalText? {
        switch field {
        case .last: quote.last
        case .change: quote.change
        case .changePercent: quote.changePercent
        case .volume: quote.volume
        case .turnover: quote.turnover
        case .turnoverRate: gatewayFigure(snapshot.basic.turnoverRate)
        case .marketValue: gatewayPrice(equity?.issuedMarketVal)
        case .amplitude: gatewayFigure(snapshot.basic.amplitude)
        case .volumeRatio: gatewayPrice(snapshot.basic.volumeRatio)
        case .priceEarningsTTM: gatewayPrice(equity?.peTTMRate)
        case .priceBook: gatewayPrice(equity?.pbRate)
        case .dividendYieldTTM: gatewayFigure(equity?.dividendRatioTTM)
        case .fiveMinuteChangePercent: fiveMinuteChangePercent
        case .strike: gatewayPrice(option?.strikePrice ?? struck?.strikePrice)
        case .upperStrike: gatewayPrice(warrant?.upperStrikePrice)
        case .lowerStrike: gatewayPrice(warrant?.lowerStrikePrice)
        case .outstandingQuantity: warrant.map { DecimalText($0.streetVolumn) }
        case .outstandingRatio: gatewayFigure(warrant?.streetRate)
        case .premium: gatewayFigure(option?.premium ?? struck?.premium)
        case .moneyness: gatewayFigure(struck?.ipop)
        case .impliedVolatility: gatewayPrice(option?.impliedVolatility ?? optional?.impliedVolatility)
        case .warrantDelta:
            optional.flatMap { $0.impliedVolatility == 0 && $0.delta == 0 ? nil : gatewayFigure($0.delta) }
        case .callPrice: gatewayPrice(callable?.recoveryPrice)
        case .toCallPrice: gatewayFigure(callable?.priceRecoveryRatio)
        case .leverage: gatewayPrice(warrant?.leverage)
        case .conversionRatio: gatewayPrice(struck?.conversionRate)
        case .breakEven: gatewayPrice(struck?.breakEvenPoint)
        case .openInterest: option.map { DecimalText(Int64($0.openInterest)) }
        case .delta: greeks?.delta
        case .gamma: greeks?.gamma
        case .theta: greeks?.theta
        case .vega: greeks?.vega
        case .rho: greeks?.rho
        case .yearToDateChangePercent, .capitalFlow, .fiveDayChangePercent, .tenDayChangePercent,
            .halfYearChangePercent, .effectiveLeverage, .expiry:
            nil
        }
    }

    private var fiveMinuteChangePercent: DecimalText? {
        guard let last = quote.last, let before = gatewayPrice(snapshot.basic.closePrice5Minute) else { return nil }
        return last.subtracting(before)?.multiplied(by: DecimalText(100))?.divided(by: before, scale: 2)
    }
}
