import Clocks

@testable import Sandbox

/// An engine with one market that a test moves by hand.
struct EngineOnTheTable {
    var engine: MatchingEngine
    var now = WallTime(seconds: 1_770_000_000)
    var last: Int64 = 400_000
    var lots: Int64 = 1000
    var session: TradingSession? = .regular
    var isHalted = false
    private var version = 0

    static let symbol = "700.HK"

    init(confirmation: Duration = .zero) {
        engine = MatchingEngine(opened: WallTime(seconds: 1_760_000_000))
        engine.confirmation = confirmation
    }

    /// One row a hundred and one two hundred thousandths away on each side.
    var market: MatchingEngine.Market {
        MatchingEngine.Market(
            last: last,
            asks: [
                .init(price: last + 100, quantity: lots, orders: 1),
                .init(price: last + 200, quantity: lots, orders: 1),
            ],
            bids: [
                .init(price: last - 100, quantity: lots, orders: 1),
                .init(price: last - 200, quantity: lots, orders: 1),
            ], version: version, session: session, isHalted: isHalted)
    }

    mutating func place(
        _ side: SimulatedOrder.Side, _ kind: OrderKind, _ quantity: Int64, limit: Int64? = nil, trigger: Int64? = nil,
        trail: Int64? = nil, _ more: (inout SimulatedOrder) -> Void = { _ in }
    ) -> [SimulatedOrder] {
        var order = SimulatedOrder(
            id: engine.nextID(at: now), symbol: Self.symbol, market: .hongKong, currency: "HKD", side: side, kind: kind,
            quantity: quantity, submitted: now, updated: now)
        order.limit = limit
        order.trigger = trigger
        order.trail = trail
        more(&order)
        return engine.submit(order, market, at: now)
    }

    /// The book is another one, and the engine looks at it.
    mutating func move(to last: Int64? = nil, lots: Int64? = nil) -> [SimulatedOrder] {
        self.last = last ?? self.last
        self.lots = lots ?? self.lots
        version += 1
        return look()
    }

    mutating func look() -> [SimulatedOrder] { engine.match(Self.symbol, market, at: now) }

    mutating func pass(_ duration: Duration) -> [SimulatedOrder] {
        now = now + duration
        return engine.advance(to: now)
    }
}
