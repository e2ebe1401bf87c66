/// The steps prices move by, in thousandths of the currency.
enum TickTable {
    /// Hong Kong's spread table for applicable securities: below a price, the step.
    /// - Source: Rules of the Exchange, Second Schedule, as in force since 4 August 2025.
    private static let hongKong: [(below: Int64, step: Int64)] = [
        (250, 1), (500, 5), (20_000, 10), (50_000, 20), (100_000, 50), (200_000, 100), (500_000, 200),
        (1_000_000, 500), (2_000_000, 1000), (5_000_000, 2000), (.max, 5000),
    ]

    /// The step upwards from `price`. Markets other than Hong Kong, and indexes, move by one hundredth, futures by one.
    static func step(_ security: SimulatedSecurity, at price: Int64) -> Int64 {
        guard security.market == .hongKong, !security.isIndex else { return 10 }
        if security.isFuture { return 1000 }
        return hongKong.first { price < $0.below }?.step ?? 5000
    }

    /// The nearest price on the grid, at least one step.
    static func rounded(_ price: Int64, _ security: SimulatedSecurity) -> Int64 {
        let step = step(security, at: price)
        return max((price + step / 2) / step * step, step)
    }
}
