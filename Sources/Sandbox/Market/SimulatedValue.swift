/// What a right to buy or sell at a strike is worth: `((S-K) + √((S-K)² + a²)) / 2` for a call, with `a` growing with the
/// volatility and the square root of time.
///
/// Not the market's formula but one with its properties: never below the intrinsic value, falling with the strike for a
/// call and rising for a put, call less put equal to spot less strike, and at the money what the market's gives.
struct SimulatedValue: Equatable, Sendable {
    /// The underlying's price and the strike, in thousandths.
    var spot: Double
    var strike: Double
    /// A fraction a year.
    var volatility: Double
    /// Until expiry; at least an hour counts.
    var years: Double

    init(spot: Int64, strike: Int64, volatility: Double, seconds: Int64) {
        self.spot = Double(spot)
        self.strike = Double(strike)
        self.volatility = volatility
        years = Double(max(seconds, 3600)) / (365 * 86_400)
    }

    private var reach: Double { 0.8 * volatility * spot * years.squareRoot() }
    private var distance: Double { spot - strike }
    private var root: Double { (distance * distance + reach * reach).squareRoot() }

    var call: Double { (distance + root) / 2 }
    var put: Double { (root - distance) / 2 }

    /// Of a call; a put's is one less.
    var delta: Double { (1 + distance / root) / 2 }
    /// By one unit of the currency.
    var gamma: Double { reach * reach / (2 * root * root * root) * 1000 }
    /// A day, in thousandths.
    var theta: Double { -reach * reach / (4 * years * root) / 365 }
    /// By a hundredth of volatility, in thousandths.
    var vega: Double { reach * reach / (2 * volatility * root) / 100 }
    /// By a hundredth of interest, of a call, in thousandths.
    var rho: Double { strike * years * delta / 100 }
}
