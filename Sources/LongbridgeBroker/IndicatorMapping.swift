internal import BrokerModel
internal import Bytes
internal import Clocks
internal import LongbridgeWire

extension Indicator {
    /// The vendor's number of the index: 1 to 40 in the order of its table.
    var number: Int32 { Int32(clamping: (Indicator.allCases.firstIndex(of: self) ?? -1) + 1) }

    /// What it says in a record; `nil` if it does not apply or was not asked for.
    ///
    /// The vendor leaves texts empty and numbers 0 then, so that a count of 0 cannot be told from none: the counts of
    /// derivatives are `nil` then, the volume of the day is not.
    /// - Source: "Calculate Indexes Of Securities". Theta, vega and rho come a hundredfold.
    fileprivate func value(in record: Longbridge.Quote.SecurityCalcIndex) -> IndicatorValue? {
        switch self {
        case .volume: return .decimal(DecimalText(record.volume))
        case .outstandingQuantity:
            return record.outstandingQty == 0 ? nil : .decimal(DecimalText(record.outstandingQty))
        case .openInterest: return record.openInterest == 0 ? nil : .decimal(DecimalText(record.openInterest))
        case .expiry: return CivilDate(compact: record.expiryDate).map { .date($0) }
        case .theta: return Indicator.hundredth(record.theta)
        case .vega: return Indicator.hundredth(record.vega)
        case .rho: return Indicator.hundredth(record.rho)
        default: return decimal(text(in: record)).map { .decimal($0) }
        }
    }

    private static func hundredth(_ text: String) -> IndicatorValue? {
        guard let raw = decimal(text) else { return nil }
        return raw.divided(by: DecimalText(100), scale: min(raw.scale + 2, 18)).map { .decimal($0.normalized) }
    }

    private func text(in record: Longbridge.Quote.SecurityCalcIndex) -> String {
        switch self {
        case .last: record.lastDone
        case .change: record.changeVal
        case .changePercent: record.changeRate
        case .turnover: record.turnover
        case .yearToDateChangePercent: record.ytdChangeRate
        case .turnoverRate: record.turnoverRate
        case .marketValue: record.totalMarketValue
        case .capitalFlow: record.capitalFlow
        case .amplitude: record.amplitude
        case .volumeRatio: record.volumeRatio
        case .priceEarningsTTM: record.peTtmRatio
        case .priceBook: record.pbRatio
        case .dividendYieldTTM: record.dividendRatioTtm
        case .fiveDayChangePercent: record.fiveDayChangeRate
        case .tenDayChangePercent: record.tenDayChangeRate
        case .halfYearChangePercent: record.halfYearChangeRate
        case .fiveMinuteChangePercent: record.fiveMinutesChangeRate
        case .strike: record.strikePrice
        case .upperStrike: record.upperStrikePrice
        case .lowerStrike: record.lowerStrikePrice
        case .outstandingRatio: record.outstandingRatio
        case .premium: record.premium
        case .moneyness: record.itmOtm
        case .impliedVolatility: record.impliedVolatility
        case .warrantDelta: record.warrantDelta
        case .callPrice: record.callPrice
        case .toCallPrice: record.toCallPrice
        case .effectiveLeverage: record.effectiveLeverage
        case .leverage: record.leverageRatio
        case .conversionRatio: record.conversionRatio
        case .breakEven: record.balancePoint
        case .delta: record.delta
        case .gamma: record.gamma
        case .volume, .expiry, .outstandingQuantity, .openInterest, .theta, .vega, .rho: ""
        }
    }
}

extension IndicatorValues {
    /// A record of the vendor's, as far as it was asked for.
    init(_ record: Longbridge.Quote.SecurityCalcIndex, symbol: Symbol, fields: [Indicator]) {
        self.init(symbol: symbol)
        for field in fields { values[field] = field.value(in: record) }
    }
}
