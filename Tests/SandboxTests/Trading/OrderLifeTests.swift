import Clocks
import Testing

@testable import Sandbox

/// The states an order goes through on its way to the exchange and back.
@Suite struct OrderLifeTests {
    private static let hop = Duration.milliseconds(10)

    private static func resting() throws -> (EngineOnTheTable, Int64) {
        var table = EngineOnTheTable(confirmation: hop)
        let id = try #require(table.place(.buy, .limit, 300, limit: 390_000).last?.id)
        _ = table.pass(hop)
        return (table, id)
    }

    @Test func anOrderIsSentAndThenConfirmed() {
        var table = EngineOnTheTable(confirmation: Self.hop)
        #expect(table.place(.buy, .limit, 100, limit: 390_000).map(\.status) == [.waitToNew])
        #expect(table.engine.nextDue == table.now + Self.hop)
        #expect(table.pass(.milliseconds(9)).isEmpty && table.move(to: 300_000).isEmpty)
        #expect(table.pass(.milliseconds(1)).map(\.status) == [.open])
        #expect(table.engine.nextDue == nil)
    }

    @Test func anAmendmentIsConfirmedTooAndFillsMayComeBetween() throws {
        var (table, id) = try Self.resting()
        #expect(
            try table.engine.replace(id, .init(quantity: 500, limit: 391_000), at: table.now).map(\.status)
                == [.waitToReplace])
        let fill = try table.engine.fill(id, 100, at: 390_000, now: table.now)
        #expect(fill.map(\.status) == [.waitToReplace] && fill.map(\.filled) == [100])
        #expect(table.pass(Self.hop).map(\.status) == [.pendingReplace])
        let done = table.pass(Self.hop)
        #expect(done.map(\.status) == [.replaced, .partiallyFilled])
        #expect(done.last?.quantity == 500 && done.last?.limit == 391_000 && done.last?.remaining == 400)
    }

    @Test func anAmendmentThatTheMarketOvertookIsRefused() throws {
        var (table, id) = try Self.resting()
        _ = try table.engine.replace(id, .init(quantity: 200, limit: 390_000), at: table.now)
        _ = try table.engine.fill(id, 200, at: 390_000, now: table.now)
        _ = table.pass(Self.hop)
        let done = table.pass(Self.hop)
        #expect(done.map(\.status) == [.partiallyFilled] && done.last?.quantity == 300)
    }

    @Test func aFillMayBeFasterThanACancel() throws {
        var (table, id) = try Self.resting()
        #expect(try table.engine.cancel(id, at: table.now).map(\.status) == [.waitToCancel])
        #expect(try table.engine.cancel(id, at: table.now).isEmpty)
        #expect(try table.engine.fill(id, 300, at: 390_000, now: table.now).map(\.status) == [.filled])
        #expect(table.pass(.seconds(1)).isEmpty && table.engine.orders[id]?.status == .filled)
    }

    @Test func aCancelOfAPartLeavesWhatWasDone() throws {
        var (table, id) = try Self.resting()
        _ = try table.engine.cancel(id, at: table.now)
        _ = try table.engine.fill(id, 100, at: 390_000, now: table.now)
        #expect(table.pass(.seconds(1)).map(\.status) == [.pendingCancel, .cancelled])
        #expect(table.engine.orders[id]?.filled == 100 && table.engine.account.held["HKD"] == 0)
    }

    @Test func theExchangeMayRefuseAChange() throws {
        var (table, id) = try Self.resting()
        table.engine.changesToRefuse = 1
        _ = try table.engine.cancel(id, at: table.now)
        #expect(table.pass(.seconds(1)).map(\.status) == [.pendingCancel, .open])
        _ = try table.engine.cancel(id, at: table.now)
        #expect(table.pass(.seconds(1)).last?.status == .cancelled)
    }

    @Test func theExchangeMayRejectAnOrder() {
        var table = EngineOnTheTable(confirmation: Self.hop)
        _ = table.place(.sell, .limit, 100, limit: 500_000) { $0.fate = "no" }
        let told = table.pass(Self.hop)
        #expect(told.map(\.status) == [.rejected] && told.last?.message == "no")
        #expect(table.engine.account.sellable("700.HK") == 500)
    }

    @Test func anOrderOutsideItsHoursIsKeptUntilTheyBegin() throws {
        var table = EngineOnTheTable()
        table.session = .preMarket
        let early = try #require(table.place(.buy, .limit, 100, limit: 390_000).last)
        #expect(early.status == .notReported)
        #expect(table.place(.buy, .limit, 100, limit: 390_000) { $0.sessions = .extended }.last?.status == .open)
        #expect(
            try table.engine.replace(early.id, .init(quantity: 200, limit: 390_000), at: table.now).map(\.status)
                == [.replacedNotReported])
        #expect(table.move().isEmpty)
        table.session = .regular
        #expect(table.move().map(\.status) == [.waitToNew, .open])
        table.session = nil
        #expect(table.move(to: 380_000).isEmpty)
        #expect(try table.engine.cancel(early.id, at: table.now).last?.status == .cancelled)
    }

    @Test func aDelayedOrderWaitsForItsTime() {
        var table = EngineOnTheTable()
        let until = table.now + .seconds(60)
        #expect(table.place(.buy, .market, 100) { $0.delayedUntil = until }.map(\.status) == [.delayed])
        _ = table.pass(.seconds(59))
        #expect(table.move().isEmpty)
        _ = table.pass(.seconds(1))
        #expect(table.move().map(\.status) == [.waitToNew, .open])
    }

    @Test func anOrderExpiresAtItsEndAlsoWhileItsMarketIsClosed() {
        var table = EngineOnTheTable()
        let end = table.now + .seconds(60)
        _ = table.place(.buy, .limit, 100, limit: 390_000) { $0.ends = end }
        table.session = nil
        #expect(table.move().isEmpty)
        _ = table.pass(.seconds(60))
        #expect(table.move().map(\.status) == [.expired])
        #expect(table.engine.account.held["HKD"] == 0 && table.engine.workingSymbols.isEmpty)
    }

    @Test func nothingIsDoneInAHaltedSecurity() {
        var table = EngineOnTheTable()
        _ = table.place(.buy, .market, 100)
        _ = table.place(.buy, .marketIfTouched, 100, trigger: 390_000)
        table.isHalted = true
        #expect(table.move().isEmpty && table.move(to: 380_000).isEmpty)
        table.isHalted = false
        #expect(table.move().contains { $0.status == .filled })
    }

    /// Every request meets every state.
    @Test(arguments: OrderStatus.allCases) func onlyWhatCanBeChangedIsChanged(_ status: OrderStatus) throws {
        var table = EngineOnTheTable(confirmation: Self.hop)
        var order = try #require(table.place(.buy, .limit, 300, limit: 390_000).last)
        order.note(status, at: table.now)
        var engine = MatchingEngine(opened: table.now)
        engine.remember(order, nil)
        let isRepeated = status == .waitToCancel || status == .pendingCancel
        if status.isChangeable || isRepeated {
            #expect(throws: Never.self) { try engine.cancel(order.id, at: table.now) }
        } else {
            #expect(throws: MatchingEngine.Refusal.notChangeable) { try engine.cancel(order.id, at: table.now) }
        }
        #expect(status.isFinal ? !status.isChangeable && !status.isWorking : true)
    }

    @Test func theDayEndsWithTheLastSessionAnOrderIsGoodFor() {
        // Friday 2026-02-06, 12:00 in New York.
        let noon = TimeZoneRule.newYork.wallTime(CivilDate(year: 2026, month: 2, day: 6)!, secondOfDay: 12 * 3600)
        func end(_ sessions: SimulatedOrder.Sessions, _ now: WallTime) -> WallTime? {
            OrderEnd.of(.day, expires: nil, sessions: sessions, .unitedStates, .exchangeHours, now: now)
        }
        #expect(end(.regular, noon) == noon + .seconds(4 * 3600))
        #expect(end(.extended, noon) == noon + .seconds(8 * 3600))
        // After the close it is good for Monday.
        #expect(end(.regular, noon + .seconds(5 * 3600)) == noon + .seconds(3 * 86_400 + 4 * 3600))
        #expect(
            OrderEnd.of(.goodTilCancelled, expires: nil, sessions: .regular, .hongKong, .alwaysOpen, now: noon) == nil)
    }
}
