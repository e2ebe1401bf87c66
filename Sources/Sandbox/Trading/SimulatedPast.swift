internal import Clocks

/// Orders of earlier days, so that lists of the past have something to show: the same for the same day.
enum SimulatedPast {
    private static let figures:
        [(days: Int, symbol: String, side: SimulatedOrder.Side, quantity: Int64, price: Int64, isFilled: Bool)] = [
            (3, "700.HK", .buy, 100, 402_400, true), (5, "AAPL.US", .buy, 20, 189_120, true),
            (9, "5.HK", .buy, 400, 64_150, true), (12, "700.HK", .sell, 100, 415_000, false),
            (30, "AAPL.US", .sell, 10, 192_480, true), (75, "5.HK", .buy, 800, 63_950, true),
        ]

    static func fill(_ engine: inout MatchingEngine, now: WallTime) {
        for (index, figure) in figures.enumerated() {
            let time = WallTime(seconds: now.seconds / 86_400 * 86_400 - Int64(figure.days) * 86_400 + 6 * 3600)
            var order = SimulatedOrder(
                id: time.milliseconds << 20 + Int64(index), symbol: figure.symbol, side: figure.side, kind: .limit,
                typeName: "LO", quantity: figure.quantity, limit: figure.price, submitted: time, updated: time)
            order.note(.open, price: figure.price, quantity: figure.quantity, at: time)
            let end = time + .seconds(60)
            guard figure.isFilled else {
                order.note(
                    .expired, price: figure.price, quantity: figure.quantity, "Expired", at: time + .seconds(7200))
                engine.remember(order, nil)
                continue
            }
            order.filled = figure.quantity
            order.filledValue = figure.quantity * figure.price
            order.last = figure.price
            order.fees = 15_000
            order.note(
                .filled, price: figure.price, quantity: figure.quantity, "Execution of \(figure.quantity)", at: end)
            engine.remember(
                order,
                SimulatedOrder.Fill(
                    id: "\(order.id)-0", order: order.id, symbol: order.symbol, side: order.side, price: figure.price,
                    quantity: figure.quantity, time: end))
        }
    }
}
