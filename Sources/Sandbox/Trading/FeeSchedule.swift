/// One item of what an order cost, in thousandths.
struct Charge: Sendable, Equatable {
    /// Whether the broker takes it, rather than an exchange or a state.
    var isBrokers: Bool
    var code: String
    var name: String
    var amount: Int64
}

/// What an order costs by what was done of it: rates of the right size, the same for the same fills, and never less for
/// more.
enum FeeSchedule {
    /// - Parameters:
    ///   - value: of all fills, in thousandths.
    ///   - quantity: of all fills.
    static func charges(
        _ market: SimulatedMarket, _ side: SimulatedOrder.Side, value: Int64, quantity: Int64
    ) -> [Charge] {
        guard quantity > 0 else { return [] }
        let isSelling = side == .sell
        var charges: [Charge] = []
        func add(_ isBrokers: Bool, _ code: String, _ name: String, _ amount: Int64) {
            if amount > 0 { charges.append(Charge(isBrokers: isBrokers, code: code, name: name, amount: amount)) }
        }
        switch market {
        case .hongKong:
            add(true, "PLATFORM", "Platform fee", 15_000)
            // A thousandth, each begun dollar whole.
            add(false, "STAMP", "Stamp duty", (value / 1000 + 999) / 1000 * 1000)
            add(false, "TRADING", "Trading fee", share(value, 565))
            add(false, "LEVY", "Transaction levy", share(value, 270))
            add(false, "SETTLEMENT", "Settlement fee", share(value, 420))
        case .unitedStates:
            add(true, "COMMISSION", "Commission", 990)
            add(true, "PLATFORM", "Platform fee", 1000)
            add(false, "SETTLEMENT", "Settlement fee", share(quantity, 30_000_000))
            if isSelling {
                add(false, "SEC", "Regulatory fee", max(10, share(value, 278)))
                add(false, "TAF", "Trading activity fee", max(10, share(quantity, 1_660_000)))
            }
        case .mainland:
            add(true, "PLATFORM", "Platform fee", 15_000)
            add(false, "HANDLING", "Handling fee", share(value, 341))
            add(false, "STAMP", "Stamp duty", isSelling ? share(value, 5000) : 0)
        case .singapore:
            add(true, "PLATFORM", "Platform fee", 990)
            add(false, "CLEARING", "Clearing fee", share(value, 3250))
            add(false, "TRADING", "Trading access fee", share(value, 750))
        }
        return charges
    }

    static func total(
        _ market: SimulatedMarket, _ side: SimulatedOrder.Side, value: Int64, quantity: Int64
    ) -> Int64 {
        charges(market, side, value: value, quantity: quantity).reduce(0) { $0 + $1.amount }
    }

    /// So many ten millionths of an amount, rounded to a hundredth of the currency.
    private static func share(_ amount: Int64, _ tenMillionths: Int64) -> Int64 {
        let whole = Int64(10_000_000).dividingFullWidth(amount.multipliedFullWidth(by: tenMillionths)).quotient
        return (whole + 5) / 10 * 10
    }
}
