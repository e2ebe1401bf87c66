public import Bytes
public import Clocks

/// A figure calculated from quotes, candles and static data. Rates, ratios marked so and yields are in percent.
public enum Indicator: String, Sendable, Hashable, CaseIterable {
    case last, change
    case changePercent = "change_percent"
    case volume, turnover
    case yearToDateChangePercent = "ytd_change_percent"
    case turnoverRate = "turnover_rate"
    case marketValue = "market_value"
    case capitalFlow = "capital_flow"
    case amplitude
    case volumeRatio = "volume_ratio"
    case priceEarningsTTM = "pe_ttm"
    case priceBook = "pb"
    case dividendYieldTTM = "dividend_yield_ttm"
    case fiveDayChangePercent = "five_day_change_percent"
    case tenDayChangePercent = "ten_day_change_percent"
    case halfYearChangePercent = "half_year_change_percent"
    case fiveMinuteChangePercent = "five_minute_change_percent"
    case expiry, strike
    case upperStrike = "upper_strike"
    case lowerStrike = "lower_strike"
    case outstandingQuantity = "outstanding_quantity"
    case outstandingRatio = "outstanding_ratio"
    case premium
    case moneyness
    case impliedVolatility = "implied_volatility"
    case warrantDelta = "warrant_delta"
    case callPrice = "call_price"
    case toCallPrice = "to_call_price"
    case effectiveLeverage = "effective_leverage"
    case leverage
    case conversionRatio = "conversion_ratio"
    case breakEven = "break_even"
    case openInterest = "open_interest"
    case delta, gamma, theta, vega, rho
}

/// What an indicator says.
public enum IndicatorValue: Equatable, Sendable {
    case decimal(DecimalText)
    case date(CivilDate)
}

/// A security's indicators. What does not apply to it, or is not known, is absent.
public struct IndicatorValues: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// By indicator.
    public var values: [Indicator: IndicatorValue]

    /// One security's figures.
    public init(symbol: Symbol, values: [Indicator: IndicatorValue] = [:]) {
        self.symbol = symbol
        self.values = values
    }
}
