/// Money and securities of the simulated account. Money is thousandths of the currency. What goes out of cash goes into
/// a position, a fee, or nowhere.
struct SimulatedAccount: Sendable, Equatable {
    struct Holding: Sendable, Equatable {
        var quantity: Int64
        /// What the whole holding cost.
        var cost: Int64
        /// At the start of the day.
        var initial: Int64
        /// Held back for sell orders.
        var held: Int64 = 0

        /// A share's cost, rounded to a thousandth.
        var averageCost: Int64 { quantity == 0 ? 0 : (cost + quantity / 2) / quantity }
    }

    /// By currency: all of it, and what is held back for buy orders.
    private(set) var cash: [String: Int64] = ["HKD": 1_000_000_000, "USD": 200_000_000, "CNH": 300_000_000]
    private(set) var held: [String: Int64] = [:]
    /// By symbol.
    private(set) var holdings: [String: Holding] = [
        "700.HK": Holding(quantity: 500, cost: 500 * 401_250, initial: 500),
        "5.HK": Holding(quantity: 1200, cost: 1200 * 64_300, initial: 1200),
        "AAPL.US": Holding(quantity: 100, cost: 100 * 187_450, initial: 100),
    ]
    /// Fees paid, by currency.
    private(set) var fees: [String: Int64] = [:]

    func available(_ currency: String) -> Int64 { cash[currency, default: 0] - held[currency, default: 0] }

    func sellable(_ symbol: String) -> Int64 {
        guard let holding = holdings[symbol] else { return 0 }
        return holding.quantity - holding.held
    }

    // MARK: Holding back

    mutating func hold(_ amount: Int64, _ currency: String) { held[currency, default: 0] += amount }
    mutating func holdShares(_ quantity: Int64, _ symbol: String) {
        holdings[symbol, default: Holding(quantity: 0, cost: 0, initial: 0)].held += quantity
    }

    // MARK: Fills

    mutating func bought(_ quantity: Int64, of symbol: String, for value: Int64, fee: Int64, _ currency: String) {
        cash[currency, default: 0] -= value + fee
        fees[currency, default: 0] += fee
        var holding = holdings[symbol] ?? Holding(quantity: 0, cost: 0, initial: 0)
        holding.quantity += quantity
        holding.cost += value
        holdings[symbol] = holding
    }

    mutating func sold(_ quantity: Int64, of symbol: String, for value: Int64, fee: Int64, _ currency: String) {
        cash[currency, default: 0] += value - fee
        fees[currency, default: 0] += fee
        guard var holding = holdings[symbol] else { return }
        holding.cost -= holding.quantity == 0 ? 0 : holding.cost * quantity / holding.quantity
        holding.quantity -= quantity
        holdings[symbol] = holding.quantity == 0 && holding.held == 0 ? nil : holding
    }
}
