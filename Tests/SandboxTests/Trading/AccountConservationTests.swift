import Clocks
import Testing

@testable import Sandbox

@Suite struct AccountConservationTests {
    private static let kinds = OrderKind.allCases

    /// Random orders of every kind, markets, amendments, cancellations, fills from outside: at every moment the journal adds
    /// up to the cash, what is held back is what orders need and the account has, and at the end nothing stays held back.
    @Test(arguments: 0..<20) func moneyAndSharesAlwaysAddUp(_ seed: Int) {
        var table = EngineOnTheTable(confirmation: .milliseconds(seed % 3))
        var random = Chance(seed: UInt64(seed) &* 7919 &+ 1)
        let (cash, shares) = (table.engine.account.cash["HKD"] ?? 0, Self.shares(table.engine))
        for _ in 0..<300 {
            table.last = max(100_000, table.last + Int64(random.next(11)) * 200 - 1000)
            Self.act(&table, &random)
            _ = table.pass(.milliseconds(random.next(4)))
            table.session = random.next(20) == 0 ? nil : .regular
            _ = table.move(lots: 100 * Int64(1 + random.next(4)))
            Self.judge(table.engine)
        }
        for id in table.engine.orders.keys { _ = try? table.engine.cancel(id, at: table.now) }
        _ = table.pass(.seconds(1))
        #expect(table.engine.workingSymbols.isEmpty && table.engine.nextDue == nil)
        let signed = table.engine.fills.map { $0.side == .buy ? $0.value : -$0.value }.reduce(0, +)
        #expect(table.engine.account.cash["HKD"] == cash - signed - (table.engine.account.fees["HKD"] ?? 0))
        let net = table.engine.fills.map { $0.side == .buy ? $0.quantity : -$0.quantity }.reduce(0, +)
        #expect(Self.shares(table.engine) == shares + net)
        #expect(table.engine.account.held["HKD"] == 0)
        #expect(table.engine.account.holdings["700.HK"]?.held ?? 0 == 0)
        #expect(table.engine.fills.count > 50)
    }

    private static func shares(_ engine: MatchingEngine) -> Int64 {
        engine.account.holdings[EngineOnTheTable.symbol]?.quantity ?? 0
    }

    private static func act(_ table: inout EngineOnTheTable, _ random: inout Chance) {
        let side: SimulatedOrder.Side = random.next(2) == 0 ? .buy : .sell
        let open = table.engine.orders.values.filter { !$0.status.isFinal }.map(\.id).sorted()
        switch random.next(6) {
        case 0, 1, 2:
            let last = table.last
            _ = table.place(
                side, kinds[random.next(kinds.count)], 100 * Int64(1 + random.next(5)), limit: last,
                trigger: last - 600, trail: 600)
        case 3: if let id = open.first { _ = try? table.engine.cancel(id, at: table.now) }
        case 4: if let id = open.last { _ = try? table.engine.fill(id, 100, at: table.last, now: table.now) }
        default:
            guard let id = open.last else { return }
            _ = try? table.engine.replace(id, .init(quantity: 700, limit: table.last), at: table.now)
        }
    }

    private static func judge(_ engine: MatchingEngine) {
        let open = engine.orders.values.filter { !$0.status.isFinal }
        let journal = engine.account.journal.filter { $0.currency == "HKD" }.reduce(0) { $0 + $1.amount }
        #expect(journal == engine.account.cash["HKD"])
        #expect(engine.account.held["HKD", default: 0] == open.reduce(0) { $0 + $1.held })
        let selling = open.filter { $0.side == .sell }.reduce(0) { $0 + $1.remaining }
        #expect(engine.account.holdings["700.HK"]?.held ?? 0 == selling)
        #expect(engine.account.sellable("700.HK") >= 0 && open.allSatisfy { $0.held >= 0 && $0.remaining > 0 })
        for order in engine.orders.values {
            let fills = engine.fills.filter { $0.order == order.id }
            #expect(order.filled == fills.reduce(0) { $0 + $1.quantity } && order.filled <= order.quantity)
        }
    }

    /// Fees of an order are those of all its fills together: they never fall as more is done.
    @Test(arguments: SimulatedMarket.allCases, [SimulatedOrder.Side.buy, .sell])
    func feesGrowWithWhatIsDone(_ market: SimulatedMarket, _ side: SimulatedOrder.Side) {
        var before: Int64 = 0
        for quantity in stride(from: Int64(0), through: 100_000, by: 500) {
            let total = FeeSchedule.total(market, side, value: quantity * 12_345, quantity: quantity)
            #expect(total >= before && (quantity == 0 || total > 0))
            before = total
        }
        let largest = FeeSchedule.total(market, side, value: MatchingEngine.valueBound, quantity: 999_999_999)
        #expect(largest > before)
    }

    @Test func thePastAddsUpToTheCashOfToday() {
        let now = WallTime(seconds: 1_770_000_000)
        var engine = MatchingEngine(opened: now + .seconds(-86_400 * SimulatedPast.days))
        let cash = engine.account.cash
        SimulatedPast.fill(&engine, now: now)
        SimulatedPast.fill(&engine, orders: 2500, days: 60, now: now)
        #expect(engine.account.cash == cash && engine.orders.count == 2506 && engine.fills.count == 2505)
        for (currency, amount) in cash {
            #expect(engine.account.journal.filter { $0.currency == currency }.reduce(0) { $0 + $1.amount } == amount)
        }
        #expect(engine.orders.values.allSatisfy { $0.submitted < now })
    }
}

struct Chance {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
