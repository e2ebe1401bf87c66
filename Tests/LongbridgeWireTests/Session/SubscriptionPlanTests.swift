import LongbridgeWire
import Testing

private typealias Step = SubscriptionPlan.Step
private typealias Item = SubscriptionPlan.Item

/// 1 quote, 2 depth, 4 trade, as in the vendor's table.
@Suite struct SubscriptionPlanTests {
    private func plan(_ wishes: SubscriptionPlan.Wishes, batch: Int = 500) -> SubscriptionPlan {
        var plan = SubscriptionPlan(batch: batch)
        plan.setWanted(wishes)
        return plan
    }

    /// Carries out steps against a server that takes everything, and says what it was asked.
    private func settle(_ plan: inout SubscriptionPlan) -> [Step] {
        var steps: [Step] = []
        while let step = plan.next(), steps.count < 10_000 {
            steps.append(step)
            switch step {
            case .subscribe, .unsubscribe: _ = plan.succeeded()
            case .pull(let symbols): _ = plan.pulled(Set(symbols))
            case .refuse: break
            }
        }
        return steps
    }

    @Test func securitiesWithTheSameTypesShareARequest() {
        var plan = plan(["A": [1, 2], "B": [1, 2], "C": [4], "D": [1, 2]])
        #expect(
            settle(&plan) == [
                .subscribe(symbols: ["A", "B", "D"], types: [1, 2]), .subscribe(symbols: ["C"], types: [4]),
                .pull(symbols: ["A", "B", "D"]),
            ])
        #expect(plan.confirmedCount == 4)
        #expect(plan.next() == nil)
    }

    @Test func aRequestHasAtMostABatchOfSecurities() {
        let names = (1000..<2234).map(String.init)
        var plan = plan(Dictionary(uniqueKeysWithValues: names.map { ($0, [2]) }))
        let counts = settle(&plan).map { step in
            if case .subscribe(let symbols, _) = step { symbols.count } else { 0 }
        }
        #expect(counts == [500, 500, 234])
    }

    @Test func onlyTheDifferenceIsAskedFor() {
        var plan = plan(["A": [1], "B": [1, 4]])
        _ = settle(&plan)
        plan.setWanted(["B": [1, 2], "C": [1]])
        #expect(
            settle(&plan) == [
                .unsubscribe(symbols: ["A"], types: [1]), .unsubscribe(symbols: ["B"], types: [4]),
                .subscribe(symbols: ["B"], types: [2]), .subscribe(symbols: ["C"], types: [1]), .pull(symbols: ["C"]),
            ])
    }

    @Test func oneRequestIsUnderWayAtATimeAndChangesMeanwhileAreNotLost() {
        var plan = plan(["A": [2]])
        #expect(plan.next() == .subscribe(symbols: ["A"], types: [2]))
        plan.setWanted(["B": [2]])
        #expect(plan.next() == nil)
        _ = plan.succeeded()
        #expect(
            settle(&plan) == [.unsubscribe(symbols: ["A"], types: [2]), .subscribe(symbols: ["B"], types: [2])])
    }

    @Test func aLostConnectionMeansEverythingAgain() {
        var plan = plan(["A": [1], "B": [1]])
        let first = settle(&plan)
        _ = plan.next()
        plan.connectionLost()
        #expect(plan.confirmedCount == 0)
        #expect(settle(&plan) == first)
    }

    @Test func aRequestThatFailedForNowIsSentAgain() {
        var plan = plan(["A": [2]])
        let step = plan.next()
        plan.retryLater()
        #expect(plan.next() == step)
    }

    @Test func theGuiltyOfARefusedRequestAreFoundByHalves() {
        let names = (0..<64).map { "S\($0 + 100)" }
        let guilty: Set = ["S117", "S150"]
        var plan = plan(Dictionary(uniqueKeysWithValues: names.map { ($0, [2]) }))
        var refused: [Item] = []
        var requests = 0
        while let step = plan.next(), requests < 1000 {
            requests += 1
            guard case .subscribe(let symbols, _) = step else { break }
            if guilty.isDisjoint(with: symbols) { _ = plan.succeeded() } else { refused += plan.failed() }
        }
        #expect(Set(refused) == [Item("S117", 2), Item("S150", 2)])
        #expect(plan.confirmedCount == 62)
        #expect(requests < 30)
    }

    @Test func whatWasRefusedIsTriedAgainOnlyWhenWantedAnew() {
        var plan = plan(["A": [2]])
        _ = plan.next()
        #expect(plan.failed() == [Item("A", 2)])
        plan.setWanted(["A": [2], "B": [2]])
        #expect(settle(&plan) == [.subscribe(symbols: ["B"], types: [2])])
        plan.setWanted(["B": [2]])
        plan.setWanted(["A": [2], "B": [2]])
        #expect(settle(&plan) == [.subscribe(symbols: ["A"], types: [2])])
    }

    @Test func whatTheAnswerLeavesOutIsRefused() {
        var plan = plan(["A": [2, 4], "B": [2, 4]])
        _ = plan.next()
        #expect(plan.succeeded(listed: ["A": [2]]) == [Item("A", 4), Item("B", 2), Item("B", 4)])
        #expect(plan.confirmedItems == [Item("A", 2)])
        #expect(plan.next() == nil)
    }

    @Test func aSecurityWithoutRecordIsUnknownAndUnsubscribed() {
        var plan = plan(["A": [1], "X": [1]])
        _ = plan.next()
        _ = plan.succeeded()
        #expect(plan.next() == .pull(symbols: ["A", "X"]))
        #expect(plan.pulled(["A"]) == [Item("X", 1)])
        #expect(settle(&plan) == [.unsubscribe(symbols: ["X"], types: [1])])
    }

    @Test func anOutdatedRecordIsPulledAgain() {
        var plan = plan(["A": [1], "B": [1]])
        _ = settle(&plan)
        plan.needsRecord("B")
        #expect(settle(&plan) == [.pull(symbols: ["B"])])
    }

    @Test func aRefusedPullIsSplitToo() {
        var plan = plan(["A": [1], "B": [1]])
        _ = plan.next()
        _ = plan.succeeded()
        _ = plan.next()
        #expect(plan.failed() == [])
        #expect(plan.next() == .pull(symbols: ["A"]))
        #expect(plan.failed() == [Item("A", 1)])
        #expect(settle(&plan) == [.unsubscribe(symbols: ["A"], types: [1]), .pull(symbols: ["B"])])
    }

    @Test func theLimitIsKeptOnThisSideAndTypesOfOneSecurityCountOnce() {
        var plan = plan(["A": [2], "B": [2], "C": [2]])
        plan.limit = 2
        #expect(settle(&plan) == [.subscribe(symbols: ["A", "B"], types: [2]), .refuse([Item("C", 2)])])
        plan.setWanted(["A": [2, 4], "B": [2], "C": [2]])
        #expect(settle(&plan) == [.subscribe(symbols: ["A"], types: [4])])
        plan.setWanted(["B": [2], "D": [2]])
        #expect(
            settle(&plan) == [
                .unsubscribe(symbols: ["A"], types: [2, 4]), .subscribe(symbols: ["D"], types: [2]),
            ])
    }

    @Test func aRefusedUnsubscriptionIsNotRepeated() {
        var plan = plan(["A": [2]])
        _ = settle(&plan)
        plan.setWanted([:])
        #expect(plan.next() == .unsubscribe(symbols: ["A"], types: [2]))
        #expect(plan.failed() == [])
        #expect(plan.confirmedCount == 0)
        #expect(plan.next() == nil)
    }
}
