internal import Clocks

/// Orders of earlier days, so that lists of the past have something to show: the same for the same day.
enum SimulatedPast {
    private static let figures:
        [(days: Int, symbol: String, side: SimulatedOrder.Side, quantity: Int64, price: Int64, isFilled: Bool)] = [
            (3, "700.HK", .buy, 100, 402_400, true), (5, "AAPL.US", .buy, 20, 189_120, true),
            (9, "5.HK", .buy, 400, 64_150, true), (12, "700.HK", .sell, 100, 415_000, false),
            (30, "AAPL.US", .sell, 10, 192_480, true), (75, "5.HK", .buy, 800, 63_950, true),
        ]

    /// The account was opened so many days ago.
    static let days = 120

    static func fill(_ engine: inout MatchingEngine, now: WallTime) {
        let midnight = now.seconds / 86_400 * 86_400
        for (index, figure) in figures.enumerated() {
            guard let security = SimulatedSecurity.bySymbol[figure.symbol] else { continue }
            // The middle of the market's trading day.
            let hour: Int64 = security.market == .unitedStates ? 18 : 6
            let time = WallTime(seconds: midnight - Int64(figure.days) * 86_400 + hour * 3600)
            remember(
                &engine, security, figure.side, figure.quantity, figure.price, isFilled: figure.isFilled,
                id: time.milliseconds << 20 + Int64(index), at: time)
        }
        engine.remember(
            SimulatedAccount.Movement(
                kind: .dividend, currency: "HKD", amount: 1_240_000, symbol: "5.HK", quantity: 0,
                time: WallTime(seconds: midnight - 25 * 86_400 + 6 * 3600)))
    }

    /// Adds so many filled orders, spread evenly over the `days` before today, for lists that are cut into pages.
    static func fill(_ engine: inout MatchingEngine, orders: Int, days: Int, now: WallTime) {
        guard let security = SimulatedSecurity.bySymbol["5.HK"], orders > 0 else { return }
        let end = now.seconds / 86_400 * 86_400 - 86_400
        let span = Int64(max(1, days)) * 86_400
        for index in 0..<Int64(orders) {
            let time = WallTime(seconds: end - span * index / Int64(orders))
            remember(
                &engine, security, index.isMultiple(of: 2) ? .buy : .sell, security.lotSize, 64_000, isFilled: true,
                id: time.milliseconds << 20 + 1000 + index, at: time)
        }
    }

    private static func remember(
        _ engine: inout MatchingEngine, _ security: SimulatedSecurity, _ side: SimulatedOrder.Side, _ quantity: Int64,
        _ price: Int64, isFilled: Bool, id: Int64, at time: WallTime
    ) {
        var order = SimulatedOrder(
            id: id, symbol: security.symbol, market: security.market, currency: security.currency, side: side,
            kind: .limit, quantity: quantity, limit: price, submitted: time, updated: time)
        order.note(.waitToNew, at: time)
        order.note(.open, at: time)
        guard isFilled else {
            order.note(.expired, "Expired", at: time + .seconds(7200))
            return engine.remember(order, nil)
        }
        order.filled = quantity
        order.filledValue = quantity * price
        order.last = price
        order.lastQuantity = quantity
        order.charges = FeeSchedule.charges(security.market, side, value: order.filledValue, quantity: quantity)
        let end = time + .seconds(60)
        order.note(.filled, price: price, quantity: quantity, "Execution of \(quantity)", at: end)
        engine.remember(
            order,
            SimulatedOrder.Fill(
                id: "\(order.id)-0", order: order.id, symbol: order.symbol, currency: order.currency, side: side,
                price: price, quantity: quantity, time: end))
    }
}
