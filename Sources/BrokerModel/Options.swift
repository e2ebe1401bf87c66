public import Bytes
public import Clocks

/// One strike of an option chain.
public struct OptionChainRow: Equatable, Sendable {
    /// The strike.
    public var strike: DecimalText
    /// The call at it; `nil` where there is none.
    public var call: Symbol?
    /// The put at it; `nil` where there is none.
    public var put: Symbol?
    /// Whether its contracts are standard, that is, not adjusted for an event of the company.
    public var isStandard: Bool

    /// One strike.
    public init(strike: DecimalText, call: Symbol?, put: Symbol?, isStandard: Bool) {
        self.strike = strike
        self.call = call
        self.put = put
        self.isStandard = isStandard
    }
}

/// When an option may be exercised.
public enum ExerciseStyle: String, Sendable, CaseIterable {
    case american, european
}

/// How an option's price moves, for one unit of the underlying.
public struct OptionGreeks: Equatable, Sendable {
    /// By the underlying's price.
    public var delta: DecimalText?
    /// Delta's, by the underlying's price.
    public var gamma: DecimalText?
    /// By a day.
    public var theta: DecimalText?
    /// By a hundredth of volatility.
    public var vega: DecimalText?
    /// By a hundredth of interest.
    public var rho: DecimalText?

    /// Everything unknown.
    public init() {}
}

/// The present figures of an option.
public struct OptionQuote: Equatable, Sendable {
    /// Prices, volume and status.
    public var figures: Quote
    /// The security behind it.
    public var underlying: Symbol?
    /// Call or put.
    public var right: OptionRight?
    /// The strike.
    public var strike: DecimalText?
    /// The day it expires.
    public var expiry: CivilDate?
    /// When it may be exercised.
    public var style: ExerciseStyle?
    /// What a price is multiplied by to give the money of a contract.
    public var multiplier: DecimalText?
    /// Shares of a contract.
    public var contractSize: DecimalText?
    /// A fraction a year.
    public var impliedVolatility: DecimalText?
    /// Of the underlying, a fraction a year.
    public var historicalVolatility: DecimalText?
    /// Contracts open.
    public var openInterest: DecimalText?
    /// How its price moves; `nil` if that was not asked for, or the broker does not say.
    public var greeks: OptionGreeks?

    /// Nothing known but prices.
    public init(figures: Quote) {
        self.figures = figures
    }
}
