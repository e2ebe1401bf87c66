import LongbridgeWire
import Testing

@Suite struct SubscriptionPlanTests {
    @Test func securitiesOfEqualTypesShareARequest() {
        var plan = SubscriptionPlan()
        plan.setWanted(["A.US": [1], "B.US": [1], "C.US": [1, 2]])
        #expect(plan.next() == .subscribe(symbols: ["A.US", "B.US"], types: [1]))
        #expect(plan.next() == nil, "one request at a time")
        plan.succeeded()
        #expect(plan.next() == .subscribe(symbols: ["C.US"], types: [1, 2]))
        plan.succeeded()
        #expect(plan.next() == nil)
        #expect(plan.confirmedCount == 3)
    }

    @Test func batchesKeepBelowTheBrokersLimit() {
        var plan = SubscriptionPlan(batch: 2)
        plan.setWanted(["A.US": [1], "B.US": [1], "C.US": [1]])
        #expect(plan.next() == .subscribe(symbols: ["A.US", "B.US"], types: [1]))
        plan.succeeded()
        #expect(plan.next() == .subscribe(symbols: ["C.US"], types: [1]))
    }

    @Test func whatIsNoLongerWantedIsGivenBackFirst() {
        var plan = SubscriptionPlan()
        plan.setWanted(["A.US": [1, 2]])
        _ = plan.next()
        plan.succeeded()
        plan.setWanted(["A.US": [1], "B.US": [1]])
        #expect(plan.next() == .unsubscribe(symbols: ["A.US"], types: [2]))
        plan.succeeded()
        #expect(plan.isConfirmed("A.US", 1))
        #expect(!plan.isConfirmed("A.US", 2))
        #expect(plan.next() == .subscribe(symbols: ["B.US"], types: [1]))
    }

    @Test func aLostConnectionLosesEverythingAndAsksForItAgain() {
        var plan = SubscriptionPlan()
        plan.setWanted(["A.US": [1]])
        _ = plan.next()
        plan.succeeded()
        plan.connectionLost()
        #expect(plan.confirmedCount == 0)
        #expect(plan.next() == .subscribe(symbols: ["A.US"], types: [1]))
    }

    @Test func theGuiltyOneOfARefusedRequestIsFoundAndTheOthersAreSubscribed() {
        var plan = SubscriptionPlan()
        plan.setWanted(["A.US": [1], "BAD.US": [1], "C.US": [1]])
        #expect(plan.next() == .subscribe(symbols: ["A.US", "BAD.US", "C.US"], types: [1]))
        let guilty = plan.failed()
        #expect(guilty.isEmpty)
        var refused: [String] = []
        var requests = 0
        while let step = plan.next(), requests < 10 {
            requests += 1
            guard case .subscribe(let symbols, _) = step else { continue }
            if symbols.contains("BAD.US") { refused += plan.failed().map(\.symbol) } else { plan.succeeded() }
        }
        #expect(refused == ["BAD.US"])
        #expect(plan.isConfirmed("A.US", 1))
        #expect(plan.isConfirmed("C.US", 1))
        #expect(requests <= 4)
    }

    @Test func aFailureThatPassesIsSentAgain() {
        var plan = SubscriptionPlan()
        plan.setWanted(["A.US": [1]])
        let step = plan.next()
        plan.retryLater()
        #expect(plan.next() == step)
    }
}
