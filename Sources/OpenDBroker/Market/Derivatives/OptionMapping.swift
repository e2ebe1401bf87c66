internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

/// 20 for 20 % as the fraction 0.2; 0 is a value.
func gatewayPercent(_ value: Double?) -> DecimalText? {
    gatewayFigure(value).flatMap { $0.multiplied(by: DecimalText(units: 1, scale: 2)) }.map(\.normalized)
}

/// The same where the gateway's 0 stands for none, as of volatilities.
func gatewayRate(_ value: Double?) -> DecimalText? {
    value.flatMap { $0 == 0 ? nil : gatewayPercent($0) }
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

    /// The rows of one expiry, by strike; of one strike the standard contracts come first.
    static func rows(_ answer: OpenD.QotGetOptionChain.S2C, expiry: CivilDate) -> [OptionChainRow] {
        answer.optionChain.filter { ExchangeTime.day($0.strikeTime) == expiry }.flatMap(\.option)
            .compactMap { OptionChainRow($0) }
            .sorted { ($0.strike, $0.isStandard ? 0 : 1) < ($1.strike, $1.isStandard ? 0 : 1) }
    }

    /// The days of expiry that are not past, ascending. Weekly and monthly contracts of one day are one.
    static func expiries(_ answer: OpenD.QotGetOptionExpirationDate.S2C) -> [CivilDate] {
        Set(
            answer.dateList.filter { $0.optionExpiryDateDistance >= 0 }
                .compactMap { $0.strikeTime.flatMap { ExchangeTime.day($0) } }
        ).sorted()
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
        multiplier = gatewayPrice(option.contractMultiplier)
        contractSize =
            gatewayPrice(option.contractSizeFloat)
            ?? (option.contractSize == 0 ? nil : DecimalText(Int64(option.contractSize)))
        impliedVolatility = gatewayRate(option.impliedVolatility)
        openInterest = DecimalText(Int64(option.openInterest))
        if includesGreeks { greeks = OptionGreeks(option) }
    }
}

extension OptionGreeks {
    /// `nil` if the gateway has not calculated them: all are 0 then, and so is the volatility behind them.
    init?(_ option: OpenD.QotGetSecuritySnapshot.OptionSnapshotExData) {
        let figures = [option.impliedVolatility, option.delta, option.gamma, option.theta, option.vega, option.rho]
        guard figures.contains(where: { $0 != 0 && $0.isFinite }) else { return nil }
        self.init()
        delta = gatewayFigure(option.delta)
        gamma = gatewayFigure(option.gamma)
        theta = gatewayFigure(option.theta)
        vega = gatewayFigure(option.vega)
        rho = gatewayFigure(option.rho)
    }
}

extension SymbolResults {
    /// The same results as something else is made of them; `nil` is a security of another kind.
    func mapped<Other: Sendable>(
        orElse failure: BrokerFailure, _ transform: (Symbol, Value) -> Other?
    ) -> SymbolResults<Other> {
        var results = SymbolResults<Other>(failures: failures)
        for (symbol, value) in values {
            if let other = transform(symbol, value) {
                results.values[symbol] = other
            } else {
                results.failures[symbol] = failure
            }
        }
        return results
    }
}
