import Clocks
import Testing

@testable import Sandbox

@Suite struct MatchingEngineTests {
    private static let now = WallTime(seconds: 1_770_000_000)

    private static func market(_ last: Int64, lots: Int64 = 1000) -> MatchingEngine.Market {
        MatchingEngine.Market(
            last: last, asks: [.init(price: last + 100, quantity: lots, orders: 1)],
            bids: [.init(price: last - 100, quantity: lots, orders: 1)], currency: "HKD", isHongKong: true)
    }

    private static func order(
        _ engine: inout MatchingEngine, _ side: SimulatedOrder.Side, _ kind: SimulatedOrder.Kind, _ quantity: Int64,
        limit: Int64? = nil, trigger: Int64? = nil, trail: Int64? = nil
    ) -> SimulatedOrder {
        var order = SimulatedOrder(
            id: engine.nextID(at: now), symbol: "700.HK", side: side, kind: kind, typeName: "LO", quantity: quantity,
            submitted: now, updated: now)
        order.limit = limit
        order.trigger = trigger
        order.trail = trail
        return engine.submit(order, currency: "HKD", estimate: 400_000, at: now)
    }

    @Test func aLimitOrderWaitsForItsPriceAndFillsInParts() {
        var engine = MatchingEngine()
        let order = Self.order(&engine, .buy, .limit, 500, limit: 400_000)
        #expect(engine.match("700.HK", Self.market(400_000), at: Self.now).isEmpty)
        let part = engine.match("700.HK", Self.market(399_800, lots: 200), at: Self.now)
        #expect(part.map(\.status) == [.partiallyFilled] && part.map(\.filled) == [200])
        let done = engine.match("700.HK", Self.market(399_800), at: Self.now)
        #expect(done.map(\.status) == [.filled] && done.first?.average == 399_900)
        #expect(engine.orders[order.id]?.held == 0 && engine.account.held["HKD"] == 0)
    }

    @Test func aTouchedOrderIsSetOffByItsTriggerOnly() {
        var engine = MatchingEngine()
        _ = Self.order(&engine, .buy, .marketIfTouched, 100, trigger: 390_000)
        #expect(engine.match("700.HK", Self.market(400_000), at: Self.now).isEmpty)
        let touched = engine.match("700.HK", Self.market(389_000), at: Self.now)
        #expect(touched.map(\.status) == [.filled])
    }

    @Test func aTrailingOrderFollowsTheBestPrice() {
        var engine = MatchingEngine()
        _ = Self.order(&engine, .sell, .trailingMarket, 100, trail: 5000)
        for last in [400_000, 410_000, 406_000] as [Int64] {
            #expect(engine.match("700.HK", Self.market(last), at: Self.now).isEmpty)
        }
        #expect(engine.match("700.HK", Self.market(405_000), at: Self.now).map(\.status) == [.filled])
    }

    @Test func whatMoneyOrSharesDoNotSufficeForIsRejected() {
        var engine = MatchingEngine()
        #expect(Self.order(&engine, .buy, .limit, 10_000_000, limit: 400_000).status == .rejected)
        #expect(Self.order(&engine, .sell, .limit, 600, limit: 400_000).status == .rejected)
        #expect(engine.account == SimulatedAccount())
    }

    @Test func cancellingGivesBackWhatWasHeld() throws {
        var engine = MatchingEngine()
        let buy = Self.order(&engine, .buy, .limit, 100, limit: 400_000)
        let sell = Self.order(&engine, .sell, .limit, 100, limit: 500_000)
        #expect(engine.account.held["HKD"] == 40_000_000 && engine.account.sellable("700.HK") == 400)
        _ = try engine.cancel(buy.id, currency: "HKD", at: Self.now)
        _ = try engine.cancel(sell.id, currency: "HKD", at: Self.now)
        #expect(engine.account.held["HKD"] == 0 && engine.account.sellable("700.HK") == 500)
        #expect(throws: MatchingEngine.Refusal.notChangeable) {
            try engine.cancel(buy.id, currency: "HKD", at: Self.now)
        }
    }

    /// Random orders, markets, amendments and cancellations: money that leaves is in fills and fees, shares are in fills,
    /// and nothing stays held back once no order works.
    @Test(arguments: 0..<20) func moneyAndSharesAlwaysAddUp(_ seed: Int) {
        var engine = MatchingEngine()
        var random = SystemStub(seed: UInt64(seed) &* 7919 &+ 1)
        let cash = engine.account.cash["HKD"] ?? 0
        let shares = engine.account.holdings["700.HK"]?.quantity ?? 0
        var last: Int64 = 400_000
        for _ in 0..<300 {
            last = max(100_000, last + Int64(random.next(11)) * 200 - 1000)
            let side: SimulatedOrder.Side = random.next(2) == 0 ? .buy : .sell
            switch random.next(5) {
            case 0: _ = Self.order(&engine, side, .market, 100 * Int64(1 + random.next(3)))
            case 1, 2: _ = Self.order(&engine, side, .limit, 100 * Int64(1 + random.next(5)), limit: last)
            case 3:
                let open = engine.orders.values.filter { !$0.status.isFinal }.map(\.id).sorted()
                if let id = open.first { _ = try? engine.cancel(id, currency: "HKD", at: Self.now) }
            default:
                let open = engine.orders.values.filter { !$0.status.isFinal }.map(\.id).sorted()
                if let id = open.last {
                    _ = try? engine.replace(
                        id, quantity: 700, limit: last, trigger: nil, trail: nil, limitOffset: nil, currency: "HKD",
                        at: Self.now)
                }
            }
            _ = engine.match("700.HK", Self.market(last, lots: 100 * Int64(1 + random.next(4))), at: Self.now)
        }
        for id in engine.orders.keys { _ = try? engine.cancel(id, currency: "HKD", at: Self.now) }
        let bought = engine.fills.filter { $0.side == .buy }
        let sold = engine.fills.filter { $0.side == .sell }
        let spent = bought.reduce(0) { $0 + $1.price * $1.quantity } - sold.reduce(0) { $0 + $1.price * $1.quantity }
        #expect(engine.account.cash["HKD"] == cash - spent - (engine.account.fees["HKD"] ?? 0))
        let net = bought.reduce(0) { $0 + $1.quantity } - sold.reduce(0) { $0 + $1.quantity }
        #expect(engine.account.holdings["700.HK"]?.quantity ?? 0 == shares + net)
        #expect(engine.account.held["HKD"] == 0 && engine.account.holdings["700.HK"]?.held ?? 0 == 0)
        #expect(!engine.fills.isEmpty)
    }
}

private struct SystemStub {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
