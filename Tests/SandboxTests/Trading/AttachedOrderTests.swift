import Clocks
import Testing

@testable import Sandbox

@Suite struct AttachedOrderTests {
    /// A buy order of 200 with a profit at 420 and a loss at 380.
    private func table(_ limit: Int64 = 500_000, profitLimit: Int64? = nil) -> (EngineOnTheTable, Int64) {
        var table = EngineOnTheTable()
        table.lots = 1000
        let main = table.place(.buy, .limit, 200, limit: limit).first?.id ?? 0
        let exits = [(SimulatedOrder.Purpose.takeProfit, Int64(420_000)), (.stopLoss, 380_000)].map {
            purpose, trigger in
            var exit = SimulatedOrder(
                id: table.engine.nextID(at: table.now), symbol: "700.HK", market: .hongKong, currency: "HKD",
                side: .sell, kind: profitLimit == nil ? .marketIfTouched : .limitIfTouched, quantity: 200,
                submitted: table.now, updated: table.now)
            exit.purpose = purpose
            exit.trigger = trigger
            exit.limit = profitLimit
            return exit
        }
        table.engine.attach(exits, to: main, at: table.now)
        return (table, main)
    }

    private func statuses(_ table: EngineOnTheTable, _ main: Int64) -> [OrderStatus] {
        table.engine.orders[main].map { table.engine.exits(of: $0).map(\.status) } ?? []
    }

    @Test func oneEndsTheOtherAndClosesThePosition() {
        var (table, main) = table()
        let before = table.engine.account.sellable("700.HK")
        #expect(statuses(table, main) == [.waiting, .waiting])
        _ = table.look()
        #expect(table.engine.orders[main]?.status == .filled)
        #expect(table.engine.account.sellable("700.HK") == before + 200)
        // Between the two nothing happens.
        _ = table.move(to: 410_000)
        #expect(statuses(table, main) == [.waiting, .waiting])
        _ = table.move(to: 421_000)
        _ = table.look()
        #expect(statuses(table, main) == [.filled, .cancelled])
        #expect(table.engine.account.sellable("700.HK") == before)
        _ = table.move(to: 370_000)
        #expect(statuses(table, main) == [.filled, .cancelled])
    }

    @Test func theLossIsTakenBelow() {
        var (table, main) = table()
        _ = table.look()
        _ = table.move(to: 379_000)
        _ = table.look()
        #expect(statuses(table, main) == [.cancelled, .filled])
    }

    @Test func theyAreWithdrawnWithAnOrderOfWhichNothingWasDone() throws {
        var (table, main) = table(300_000)
        _ = try table.engine.cancel(main, at: table.now)
        #expect(table.engine.orders[main]?.status == .cancelled)
        #expect(statuses(table, main) == [.cancelled, .cancelled])
    }

    @Test func theyCloseNoMoreThanWasDone() throws {
        var (table, main) = table(300_000)
        _ = try table.engine.fill(main, 100, at: 300_000, now: table.now)
        _ = try table.engine.cancel(main, at: table.now)
        #expect(statuses(table, main) == [.waiting, .waiting])
        _ = table.move(to: 421_000)
        _ = table.look()
        let profit = try #require(table.engine.orders[main].flatMap { table.engine.exits(of: $0).first })
        #expect(profit.status == .filled && profit.quantity == 100)
    }

    @Test func withoutSharesThereIsNothingToClose() throws {
        var (table, main) = table()
        _ = table.look()
        _ = table.place(.sell, .limit, table.engine.account.sellable("700.HK"), limit: 900_000)
        _ = table.move(to: 421_000)
        #expect(statuses(table, main) == [.rejected, .cancelled])
    }

    @Test func theyCanBeWithdrawnWhileTheyWait() {
        var (table, main) = table()
        _ = table.look()
        table.engine.withdrawExits(of: main, .stopLoss, at: table.now)
        #expect(statuses(table, main) == [.waiting, .cancelled])
        table.engine.withdrawExits(of: main, at: table.now)
        #expect(statuses(table, main) == [.cancelled, .cancelled])
        let held = table.engine.account.held["HKD"]
        #expect(held == nil || held == 0)
    }
}
