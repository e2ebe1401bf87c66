internal import Clocks

/// Money and securities of the simulated account. Money is thousandths of the currency. What goes out of cash goes into
/// a position, a fee, or nowhere; every movement is in the journal, and the journal of a currency adds up to its cash.
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

    /// What was sold: what it had cost, and what it brought above that, fees aside.
    struct Realized: Sendable, Equatable {
        var cost: Int64 = 0
        var gain: Int64 = 0
    }

    /// One movement of cash.
    struct Movement: Sendable, Equatable {
        enum Kind: Sendable { case deposit, buy, sell, fee, dividend }

        var kind: Kind
        var currency: String
        /// Below zero when it goes out.
        var amount: Int64
        /// Empty for what has none.
        var symbol: String
        var quantity: Int64
        var time: WallTime
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
    /// By currency.
    private(set) var realized: [String: Realized] = [:]
    /// Oldest first, but for what was remembered.
    private(set) var journal: [Movement]

    /// Movements kept; of more, the oldest half becomes one deposit a currency.
    private static let bound = 200_000

    /// An account that was opened with its cash at `opened`.
    init(opened: WallTime) {
        journal = []
        for (currency, amount) in cash.sorted(by: { $0.key < $1.key }) {
            journal.append(
                Movement(kind: .deposit, currency: currency, amount: amount, symbol: "", quantity: 0, time: opened))
        }
    }

    func available(_ currency: String) -> Int64 { cash[currency, default: 0] - held[currency, default: 0] }

    func sellable(_ symbol: String) -> Int64 {
        guard let holding = holdings[symbol] else { return 0 }
        return holding.quantity - holding.held
    }

    // MARK: Holding back

    mutating func hold(_ amount: Int64, _ currency: String) { held[currency, default: 0] += amount }

    mutating func holdShares(_ quantity: Int64, _ symbol: String) {
        guard quantity != 0 else { return }
        holdings[symbol, default: Holding(quantity: 0, cost: 0, initial: 0)].held += quantity
    }

    // MARK: Fills

    /// Moves cash and shares for a fill, and what it cost in fees.
    mutating func settle(_ fill: SimulatedOrder.Fill, fee: Int64) {
        var holding = holdings[fill.symbol] ?? Holding(quantity: 0, cost: 0, initial: 0)
        switch fill.side {
        case .buy:
            holding.quantity += fill.quantity
            holding.cost += fill.value
        case .sell:
            let cost = holding.quantity == 0 ? 0 : part(holding.cost, fill.quantity, of: holding.quantity)
            holding.cost -= cost
            realized[fill.currency, default: Realized()].cost += cost
            realized[fill.currency, default: Realized()].gain += fill.value - cost
            holding.quantity -= fill.quantity
        }
        holdings[fill.symbol] = holding.quantity == 0 && holding.held == 0 && holding.initial == 0 ? nil : holding
        fees[fill.currency, default: 0] += fee
        for movement in SimulatedAccount.movements(of: fill, fee: fee) { move(movement) }
    }

    /// `value` times `quantity` by `whole`, without a product too large.
    private func part(_ value: Int64, _ quantity: Int64, of whole: Int64) -> Int64 {
        guard quantity < whole else { return value }
        return whole.dividingFullWidth(value.multipliedFullWidth(by: quantity)).quotient
    }

    private static func movements(of fill: SimulatedOrder.Fill, fee: Int64) -> [Movement] {
        let isBuying = fill.side == .buy
        let trade = Movement(
            kind: isBuying ? .buy : .sell, currency: fill.currency, amount: isBuying ? -fill.value : fill.value,
            symbol: fill.symbol, quantity: fill.quantity, time: fill.time)
        guard fee != 0 else { return [trade] }
        let cost = Movement(
            kind: .fee, currency: fill.currency, amount: -fee, symbol: fill.symbol, quantity: 0, time: fill.time)
        return [trade, cost]
    }

    private mutating func move(_ movement: Movement) {
        cash[movement.currency, default: 0] += movement.amount
        journal.append(movement)
        guard journal.count > SimulatedAccount.bound else { return }
        let old = journal.prefix(SimulatedAccount.bound / 2)
        let time = old.first?.time ?? movement.time
        let sums = old.reduce(into: [String: Int64]()) { $0[$1.currency, default: 0] += $1.amount }
        journal.removeFirst(SimulatedAccount.bound / 2)
        journal.insert(
            contentsOf: sums.sorted { $0.key < $1.key }.map { currency, amount in
                Movement(kind: .deposit, currency: currency, amount: amount, symbol: "", quantity: 0, time: time)
            }, at: 0)
    }

    // MARK: The past

    /// Adds what happened before it was opened here: the first deposit was the larger or smaller for it.
    mutating func remember(_ movement: Movement) {
        journal.append(movement)
        let first = journal.firstIndex { $0.kind == .deposit && $0.currency == movement.currency }
        if let first { journal[first].amount -= movement.amount }
    }

    mutating func remember(_ fill: SimulatedOrder.Fill, fee: Int64) {
        for movement in SimulatedAccount.movements(of: fill, fee: fee) { remember(movement) }
    }
}
