internal import Clocks

/// What an option is worth besides its price; ratios in percent.
struct OptionFigures: Sendable {
    let volatility: Double
    let premium: Double
    let delta: Double
    let gamma: Double
    let vega: Double
    let theta: Double
    let rho: Double

    init(_ option: SimulatedOption, _ view: GatewayView) {
        let record = view.listing.regular
        let spot = record?.last ?? option.underlying.price
        let at = record?.lastTime ?? option.end
        let value = option.value(spot: spot, now: at)
        let last = option.price(spot: spot, now: at)
        volatility = GatewayView.rounded(option.volatility * 100)
        let distance = option.isCall ? option.strike + last - spot : spot - option.strike + last
        premium = GatewayView.rounded(Double(distance) / Double(max(1, spot)) * 100)
        func rounded(_ value: Double) -> Double { (value * 100_000).rounded() / 100_000 }
        delta = rounded(option.isCall ? value.delta : value.delta - 1)
        gamma = rounded(value.gamma)
        vega = rounded(value.vega / 1000)
        theta = rounded(value.theta / 1000)
        rho = rounded((option.isCall ? value.rho : value.rho - value.strike * value.years / 100) / 1000)
    }
}

/// What a warrant is worth besides its price; ratios in percent, prices in the currency.
struct WarrantFigures: Sendable {
    let terms: WarrantTerms
    let expiry: CivilDate
    let volatility: Double
    let delta: Double
    let premium: Double
    let leverage: Double
    let breakEven: Double
    /// How far the underlying is in the money; below zero when it is out.
    let moneyness: Double
    /// How far it is from the price at which a callable contract ends; 0 for others.
    let toRecovery: Double
    let streetRate: Double

    init(_ warrant: SimulatedWarrant, _ view: GatewayView) {
        terms = warrant.terms(view.listing.history, view.today)
        expiry = warrant.expiry(view.today)
        let record = view.listing.regular
        let spot = record?.last ?? warrant.underlying.price
        let at = record?.lastTime ?? TimeZoneRule.hongKong.wallTime(view.today, secondOfDay: 0)
        let last = warrant.price(terms, spot: spot, today: view.today, now: at)
        let end = TimeZoneRule.hongKong.wallTime(expiry, secondOfDay: 16 * 3600)
        let value = SimulatedValue(
            spot: spot, strike: max(1, terms.strike), volatility: warrant.volatility, seconds: end.seconds - at.seconds)
        let isCall = warrant.kind == .call || warrant.kind == .bull
        let share: Double =
            switch warrant.kind {
            case .call: value.delta
            case .put: value.delta - 1
            case .bull: 1
            case .bear: -1
            case .inline: 0
            }
        delta = GatewayView.rounded(share)
        volatility = GatewayView.rounded(warrant.volatility * 100)
        let even = isCall ? terms.strike + last * warrant.conversion : terms.strike - last * warrant.conversion
        breakEven = GatewayView.amount(even)
        func percent(_ part: Int64) -> Double { GatewayView.rounded(Double(part) / Double(max(1, spot)) * 100) }
        premium = percent(isCall ? even - spot : spot - even)
        leverage = GatewayView.rounded(Double(spot) / Double(max(1, last * warrant.conversion)))
        moneyness = percent(isCall ? spot - terms.strike : terms.strike - spot)
        toRecovery =
            switch warrant.kind {
            case .bull: percent(spot - terms.callPrice)
            case .bear: percent(terms.callPrice - spot)
            case .call, .put, .inline: 0
            }
        streetRate = GatewayView.rounded(Double(warrant.outstanding) / Double(warrant.issued) * 100)
    }
}

extension SimulatedWarrant.Kind {
    /// The gateway's number.
    var gatewayNumber: Int32 {
        switch self {
        case .call: 1
        case .put: 2
        case .bull: 3
        case .bear: 4
        case .inline: 5
        }
    }
}
