import Clocks
import Testing

@testable import Sandbox

@Suite struct MatchingEngineTests {
    @Test func aLimitOrderWaitsForItsPriceAndFillsInParts() {
        var table = EngineOnTheTable()
        let order = table.place(.buy, .limit, 500, limit: 400_000)
        #expect(order.map(\.status) == [.waitToNew, .open])
        #expect(table.look().isEmpty)
        let part = table.move(to: 399_800, lots: 200)
        #expect(part.map(\.status) == [.partiallyFilled, .partiallyFilled] && part.map(\.filled) == [200, 400])
        let done = table.move(lots: 1000)
        #expect(done.map(\.status) == [.filled] && done.first?.average == 399_940)
        #expect(done.first?.held == 0 && table.engine.account.held["HKD"] == 0)
    }

    @Test func whatIsTakenOfARowIsGoneUntilTheBookChanges() {
        var table = EngineOnTheTable()
        table.lots = 100
        _ = table.place(.buy, .limit, 100, limit: 500_000)
        _ = table.place(.buy, .limit, 300, limit: 500_000)
        #expect(table.look().map(\.last) == [400_100, 400_200])
        #expect(table.look().isEmpty)
        #expect(table.move().map(\.lastQuantity) == [100, 100])
    }

    @Test func aTouchedOrderIsSetOffByItsTriggerOnly() {
        var table = EngineOnTheTable()
        let placed = table.place(.buy, .marketIfTouched, 100, trigger: 390_000)
        #expect(placed.map(\.status) == [.waiting])
        #expect(table.move().isEmpty)
        #expect(table.move(to: 389_000).map(\.status) == [.waitToNew, .open])
        #expect(table.look().map(\.status) == [.filled])
    }

    @Test func anOrderMayNeedSeveralTouchesWithinAMinute() {
        var table = EngineOnTheTable()
        _ = table.place(.buy, .limitIfTouched, 100, limit: 395_000, trigger: 390_000) { $0.triggerCount = 2 }
        _ = table.move()
        #expect(table.move(to: 389_000).isEmpty)
        _ = table.pass(.seconds(61))
        #expect(table.move().isEmpty)
        #expect(table.move().map(\.status) == [.waitToNew, .open])
    }

    @Test func aTrailingOrderFollowsTheBestPrice() {
        var table = EngineOnTheTable()
        _ = table.place(.sell, .trailingMarketAmount, 100, trail: 5000)
        for last in [400_000, 410_000, 406_000] as [Int64] { #expect(table.move(to: last).isEmpty) }
        #expect(table.engine.orders.values.first?.triggerState == .active)
        #expect(table.move(to: 405_000).map(\.status) == [.waitToNew, .open])
        #expect(table.look().map(\.status) == [.filled])
        #expect(table.engine.orders.values.first?.triggerState == .released)
    }

    @Test(arguments: [(0, 404_000), (2, 405_200), (-1, 404_900)] as [(Int, Int64)])
    func aTrailingLimitTakesItsLimitFromTheOffsetOrARow(_ level: Int, _ limit: Int64) {
        var table = EngineOnTheTable()
        _ = table.place(.sell, .trailingLimitPercent, 100, trail: 1000) {
            $0.depthLevel = level
            $0.limitOffset = 1000
            $0.monitor = 405_000
        }
        #expect(table.move(to: 380_000).isEmpty)
        #expect(table.engine.orders.values.first?.triggerState == .inactive)
        #expect(table.move(to: 410_000).isEmpty)
        #expect(table.move(to: 405_000).last?.limit == limit)
    }

    @Test func aSpecialLimitOrderLeavesNothingBehind() {
        var table = EngineOnTheTable()
        _ = table.place(.buy, .specialLimit, 500, limit: 400_100)
        table.lots = 200
        let told = table.look()
        #expect(told.map(\.status) == [.partiallyFilled, .cancelled] && told.last?.filled == 200)
        #expect(table.engine.account.held["HKD"] == 0)
    }

    @Test func whatMoneyOrSharesDoNotSufficeForIsRejected() {
        var table = EngineOnTheTable()
        let before = table.engine.account
        #expect(table.place(.buy, .limit, 10_000_000, limit: 400_000).map(\.status) == [.rejected])
        #expect(table.place(.sell, .limit, 600, limit: 400_000).map(\.status) == [.rejected])
        #expect(table.place(.buy, .limit, .max / 4, limit: .max / 4).map(\.status) == [.rejected])
        #expect(table.engine.account == before)
    }

    @Test func theLastCentIsEnoughAndFeesAreWithinWhatIsHeld() {
        var table = EngineOnTheTable()
        // 2,400 shares at 400.2 are 960,480; with fees they fit into a million, one more lot does not.
        #expect(table.place(.buy, .limit, 2500, limit: 400_200).map(\.status) == [.rejected])
        _ = table.place(.buy, .limit, 2400, limit: 400_200)
        #expect(table.move(lots: 2000).last?.status == .filled)
        #expect(table.engine.account.available("HKD") >= 0)
    }

    @Test func cancellingGivesBackWhatWasHeld() throws {
        var table = EngineOnTheTable()
        let before = table.engine.account
        let buy = try #require(table.place(.buy, .limit, 100, limit: 390_000).last)
        let sell = try #require(table.place(.sell, .limit, 100, limit: 500_000).last)
        #expect(table.engine.account.held["HKD"] ?? 0 > 39_000_000 && table.engine.account.sellable("700.HK") == 400)
        #expect(
            try table.engine.cancel(buy.id, at: table.now).map(\.status)
                == [.waitToCancel, .pendingCancel, .cancelled])
        _ = try table.engine.cancel(sell.id, at: table.now)
        #expect(table.engine.account.held["HKD"] == 0 && table.engine.account.sellable("700.HK") == 500)
        #expect(table.engine.account.cash == before.cash && table.engine.account.holdings == before.holdings)
        #expect(throws: MatchingEngine.Refusal.notChangeable) { try table.engine.cancel(buy.id, at: table.now) }
        #expect(throws: MatchingEngine.Refusal.notFound) { try table.engine.cancel(1, at: table.now) }
    }
}
