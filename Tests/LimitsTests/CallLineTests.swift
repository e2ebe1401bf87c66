import Bytes
import Clocks
import Limits
import Testing

@Suite struct CallLineTests {
    private let noon = Instant.zero + .seconds(1000)

    /// Two budgets: of everything, and of all but rank 0.
    private func line(_ all: Int = 3, _ others: Int = 2, atOnce: Int = 100) -> CallLine {
        CallLine(
            budgets: [
                HeldWindow(limit: all, window: .seconds(30)), HeldWindow(limit: others, window: .seconds(30)),
            ],
            atOnce: atOnce, maximumWaiting: 3)
    }

    private func call(_ rank: Int, _ caller: String = "a") -> CallLine.Call {
        CallLine.Call(rank: rank, budgets: rank == 0 ? [0] : [0, 1], caller: caller)
    }

    /// Uses the others' share up: two calls that end at noon.
    private func full() -> CallLine {
        var line = line()
        for number in 1...2 {
            #expect(line.arrive(number, call(1), deadline: noon, at: noon) == [.go(number)])
            line.end(number, at: noon)
        }
        return line
    }

    @Test func atUnderAndOverTheBound() {
        var line = full()
        let free = noon + .seconds(30)
        #expect(line.arrive(3, call(1), deadline: free, at: noon) == [])
        #expect(line.nextDeadline(at: noon) == free)
        #expect(line.advance(at: free - .nanoseconds(1)) == [])
        #expect(line.advance(at: free) == [.go(3)])
    }

    @Test func whatCannotGoInTimeIsRefusedAtOnceWithTheTime() {
        var line = full()
        #expect(
            line.arrive(3, call(1), deadline: noon + .seconds(5), at: noon)
                == [.refuse(3, retryAfter: .seconds(30))])
        #expect(line.waitingCount == 0)
    }

    @Test func theShareOfRankZeroIsLeft() {
        var line = full()
        #expect(line.arrive(3, call(0), deadline: noon, at: noon) == [.go(3)])
        #expect(line.arrive(4, call(0), deadline: noon, at: noon)?.first != .go(4))
    }

    @Test func lowerRanksGoFirstAndEqualOnesInOrder() {
        var line = full()
        let late = noon + .seconds(90)
        _ = line.arrive(10, call(0), deadline: late, at: noon)
        line.end(10, at: noon)
        #expect(line.arrive(3, call(2), deadline: late, at: noon) == [])
        #expect(line.arrive(4, call(1), deadline: late, at: noon) == [])
        #expect(line.arrive(5, call(0), deadline: late, at: noon) == [])
        #expect(line.arrive(6, call(0), deadline: late, at: noon) == nil)
        #expect(line.advance(at: noon + .seconds(30)) == [.go(5), .go(4), .go(3)])
    }

    @Test func whoWasRefusedFindsTheRoomItWasToldOf() {
        var line = full()
        let deadline = noon + .seconds(1)
        #expect(line.arrive(3, call(2, "a"), deadline: deadline, at: noon) == [.refuse(3, retryAfter: .seconds(30))])
        // The second promise is another room.
        #expect(line.arrive(4, call(2, "b"), deadline: deadline, at: noon) == [.refuse(4, retryAfter: .seconds(30))])
        let free = noon + .seconds(30)
        // Somebody else, even of a better rank, does not take it.
        #expect(line.arrive(5, call(1, "c"), deadline: free + .seconds(60), at: free) == [])
        #expect(line.arrive(6, call(2, "b"), deadline: free, at: free + .seconds(1)) == [.go(6)])
        #expect(line.arrive(7, call(2, "a"), deadline: free, at: free + .seconds(1)) == [.go(7)])
        #expect(line.advance(at: free + .seconds(1)) == [])
    }

    @Test func aPromiseIsForItsKindOfCall() {
        var line = CallLine(
            budgets: [HeldWindow(limit: 1, window: .seconds(30)), HeldWindow(limit: 9, window: .seconds(30))])
        let (plain, past) = (
            CallLine.Call(rank: 1, budgets: [0], caller: "a"), CallLine.Call(rank: 1, budgets: [0, 1], caller: "a")
        )
        _ = line.arrive(1, plain, deadline: noon, at: noon)
        line.end(1, at: noon)
        #expect(line.arrive(2, past, deadline: noon, at: noon) == [.refuse(2, retryAfter: .seconds(30))])
        let free = noon + .seconds(30)
        #expect(line.arrive(3, plain, deadline: free, at: free)?.contains(.go(3)) == false)
        #expect(line.arrive(4, past, deadline: free, at: free) == [.go(4)])
    }

    @Test func aPromiseIsKeptForTwoSecondsBehindTheWholeSecondThatIsTold() {
        for (late, isKept) in [(Duration.milliseconds(2999), true), (.milliseconds(3000), false)] {
            var line = CallLine(budgets: [HeldWindow(limit: 1, window: .milliseconds(29_001))])
            let single = CallLine.Call(rank: 1, budgets: [0], caller: "a")
            let other = CallLine.Call(rank: 1, budgets: [0], caller: "b")
            _ = line.arrive(1, other, deadline: noon, at: noon)
            line.end(1, at: noon)
            #expect(
                line.arrive(2, single, deadline: noon, at: noon) == [.refuse(2, retryAfter: .milliseconds(29_001))])
            // Told 30 s.
            let now = noon + .seconds(29) + late
            let decisions = line.arrive(3, other, deadline: now, at: now) ?? []
            #expect(decisions.contains(.go(3)) == !isKept)
        }
    }

    @Test func whoIsExpectedForSomethingElseGoesAheadAndWaitsLongerButTakesNobodysRoom() {
        var line = full()
        _ = line.arrive(3, call(2, "b"), deadline: noon, at: noon)
        let free = noon + .seconds(30)
        var expected = call(2, "a")
        expected.isExpected = true
        // One of the two rooms is kept.
        #expect(line.arrive(4, expected, deadline: free, at: free) == [.go(4)])
        #expect(line.arrive(5, expected, deadline: free, at: free)?.contains(.go(5)) == false)
        #expect(line.arrive(6, call(2, "b"), deadline: free, at: free + .seconds(1)) == [.go(6)])
        var slow = self.line(3, 3, atOnce: 1)
        _ = slow.arrive(1, call(1), deadline: noon, at: noon)
        #expect(slow.arrive(2, call(2, "c"), deadline: noon + .seconds(9), at: noon) == [])
        #expect(slow.arrive(3, expected, deadline: noon, at: noon) == [])
        slow.end(1, at: noon + .seconds(4))
        #expect(slow.advance(at: noon + .seconds(4)) == [.go(3)])
    }

    @Test func roomThatNobodyComesForIsGivenAway() {
        var line = full()
        _ = line.arrive(3, call(2, "a"), deadline: noon, at: noon)
        _ = line.arrive(4, call(2, "a"), deadline: noon, at: noon)
        let free = noon + .seconds(30)
        #expect(line.arrive(5, call(1, "c"), deadline: free + .seconds(60), at: free) == [])
        #expect(line.nextDeadline(at: free) == free + .seconds(2))
        #expect(line.advance(at: free + .seconds(2)) == [.go(5)])
    }

    @Test func aCallerThatNeverComesBackDoesNotTakeTheFuture() {
        var line = full()
        for number in 3..<500 { _ = line.arrive(number, call(2, "a"), deadline: noon, at: noon) }
        // Sixteen promises are eight windows, and what is allowed for each.
        guard case .refuse(_, let wait)? = line.arrive(500, call(2, "b"), deadline: noon, at: noon)?.first else {
            Issue.record("let in")
            return
        }
        #expect(wait <= .seconds(32 * 9))
    }

    @Test func callsAtOnceAreBounded() {
        var line = line(50, 50, atOnce: 2)
        for number in 1...2 { #expect(line.arrive(number, call(1), deadline: noon, at: noon) == [.go(number)]) }
        #expect(line.arrive(3, call(1), deadline: noon + .seconds(5), at: noon) == [])
        #expect(line.nextDeadline(at: noon) == noon + .seconds(5))
        line.end(1, at: noon + .seconds(1))
        #expect(line.advance(at: noon + .seconds(1)) == [.go(3)])
    }

    @Test func whoFoundNoPlaceIsExpectedBack() {
        var line = line(3, 3, atOnce: 1)
        #expect(line.arrive(1, call(1), deadline: noon, at: noon) == [.go(1)])
        #expect(line.arrive(2, call(1, "b"), deadline: noon, at: noon) == [.refuse(2, retryAfter: .seconds(1))])
        let back = noon + .seconds(1)
        // It waits beyond its time, and goes before others.
        #expect(line.arrive(3, call(1, "c"), deadline: back + .seconds(9), at: back) == [])
        #expect(line.arrive(4, call(1, "b"), deadline: back, at: back) == [])
        line.end(1, at: back + .seconds(2))
        #expect(line.advance(at: back + .seconds(2)) == [.go(4)])
    }

    /// Calls of rank 0 and 1, with a gap of 20 ms between two.
    private func spaced() -> (line: CallLine, cancel: CallLine.Call, order: CallLine.Call) {
        (
            CallLine(budgets: [HeldWindow(limit: 99, window: .seconds(1))], gap: .milliseconds(20)),
            CallLine.Call(rank: 0, budgets: [0], caller: "a"), CallLine.Call(rank: 1, budgets: [0], caller: "a")
        )
    }

    @Test func betweenTwoCallsIsAGap() {
        var (line, _, call) = spaced()
        let late = noon + .seconds(1)
        #expect(line.arrive(1, call, deadline: noon, at: noon) == [.go(1)])
        #expect(line.arrive(2, call, deadline: late, at: noon) == [])
        // The answer says that the call has arrived.
        line.end(1, at: noon + .milliseconds(5))
        #expect(line.nextDeadline(at: noon + .milliseconds(5)) == noon + .milliseconds(25))
        #expect(line.advance(at: noon + .milliseconds(25) - .nanoseconds(1)) == [])
        #expect(line.advance(at: noon + .milliseconds(25)) == [.go(2)])
    }

    @Test func anAnswerThatIsLateIsWaitedFor() {
        var (line, _, call) = spaced()
        let late = noon + .seconds(10)
        _ = line.arrive(1, call, deadline: noon, at: noon)
        #expect(line.arrive(2, call, deadline: late, at: noon) == [])
        #expect(line.advance(at: noon + .milliseconds(1400)) == [])
        line.end(1, at: noon + .milliseconds(1450))
        #expect(line.nextDeadline(at: noon + .milliseconds(1450)) == noon + .milliseconds(1470))
        #expect(line.advance(at: noon + .milliseconds(1470) - .nanoseconds(1)) == [])
        #expect(line.advance(at: noon + .milliseconds(1470)) == [.go(2)])
    }

    @Test func anAnswerThatDoesNotComeIsNotWaitedForForever() {
        var (line, _, call) = spaced()
        _ = line.arrive(1, call, deadline: noon, at: noon)
        #expect(line.arrive(2, call, deadline: noon + .seconds(10), at: noon) == [])
        let over = noon + .milliseconds(1520)
        #expect(line.nextDeadline(at: noon) == over)
        #expect(line.nextDeadline(at: noon + .milliseconds(500)) == over)
        #expect(line.advance(at: over - .nanoseconds(1)) == [])
        #expect(line.advance(at: over) == [.go(2)])
    }

    @Test func aCancellationWaitsForAnAnswerFarLess() {
        var (line, cancel, call) = spaced()
        _ = line.arrive(1, call, deadline: noon, at: noon)
        #expect(line.arrive(2, call, deadline: noon + .seconds(10), at: noon) == [])
        #expect(line.arrive(3, cancel, deadline: noon + .seconds(10), at: noon) == [])
        let over = noon + .milliseconds(320)
        #expect(line.nextDeadline(at: noon) == over)
        #expect(line.advance(at: over - .nanoseconds(1)) == [])
        #expect(line.advance(at: over) == [.go(3)])
        // The order waits for both of them.
        line.end(3, at: over + .milliseconds(5))
        #expect(line.advance(at: over + .milliseconds(30)) == [])
        line.end(1, at: over + .milliseconds(40))
        #expect(line.advance(at: over + .milliseconds(60) - .nanoseconds(1)) == [])
        #expect(line.advance(at: over + .milliseconds(60)) == [.go(2)])
    }

    @Test func whoHasLittleTimeIsNotRefusedForAnAnswerThatMayComeAtOnce() {
        var (line, _, call) = spaced()
        _ = line.arrive(1, call, deadline: noon, at: noon)
        let deadline = noon + .milliseconds(300)
        #expect(line.arrive(2, call, deadline: deadline, at: noon + .milliseconds(1)) == [])
        // Even when an answer is expected no more.
        #expect(line.arrive(3, call, deadline: deadline, at: noon + .milliseconds(290)) == [])
        line.end(1, at: noon + .milliseconds(200))
        #expect(line.advance(at: noon + .milliseconds(220)) == [.go(2)])
        // It is when its time is over.
        #expect(line.nextDeadline(at: noon + .milliseconds(220)) == deadline)
        #expect(line.advance(at: deadline - .nanoseconds(1)) == [])
        #expect(line.advance(at: deadline) == [.refuse(3, retryAfter: .seconds(1))])
    }

    @Test func withoutAGapNobodyWaitsForAnAnswer() {
        var line = CallLine(budgets: [HeldWindow(limit: 9, window: .seconds(1))])
        let call = CallLine.Call(rank: 1, budgets: [0])
        for number in 1...2 { #expect(line.arrive(number, call, deadline: noon, at: noon) == [.go(number)]) }
    }

    private struct Client {
        var rank: Int
        var next: Instant?
        var isBack = false
    }

    /// Ten clients that come back when they are told to, and ask again as soon as they are answered.
    @Test func whateverHappensEachCallLeavesOnceAndPromisesAreKept() {
        for seed in UInt64(1)...20 {
            var random = SplitMix64(seed: seed)
            var line = CallLine(
                budgets: [HeldWindow(limit: 6, window: .seconds(3)), HeldWindow(limit: 4, window: .seconds(3))],
                atOnce: 6)
            var now = noon
            var clients: [Client] = (0..<10).map { Client(rank: $0 % 2 + 1, next: noon + .milliseconds($0 * 7)) }
            var ends: [(number: Int, at: Instant)] = []
            var callOf: [Int: Int] = [:]
            var fate: [Int: Int] = [:]
            var (broken, kept) = (0, 0)
            func note(_ decisions: [CallLine.Decision]) {
                for decision in decisions {
                    switch decision {
                    case .go(let number):
                        fate[number, default: 0] += 1
                        let answer = now + .milliseconds(Int.random(in: 1..<200, using: &random))
                        ends.append((number, answer))
                        guard let client = callOf[number] else { continue }
                        if clients[client].isBack { kept += 1 }
                        clients[client].isBack = false
                        clients[client].next = answer + .milliseconds(Int.random(in: 0..<50, using: &random))
                    case .refuse(let number, let wait):
                        fate[number, default: 0] += 1
                        #expect(wait > .zero)
                        guard let client = callOf[number] else { continue }
                        if clients[client].isBack { broken += 1 }
                        clients[client].isBack = true
                        // Told in whole seconds.
                        clients[client].next = now + .seconds(wait.secondsRoundedUp)
                    }
                }
            }
            var number = 0
            for _ in 0..<6000 {
                now = now + .milliseconds(Int.random(in: 0..<30, using: &random))
                for end in ends where end.at <= now { line.end(end.number, at: now) }
                ends.removeAll { $0.at <= now }
                note(line.advance(at: now))
                for client in clients.indices {
                    guard let next = clients[client].next, next <= now else { continue }
                    clients[client].next = nil
                    number += 1
                    callOf[number] = client
                    let call = CallLine.Call(
                        rank: clients[client].rank, budgets: clients[client].rank == 1 ? [0] : [0, 1],
                        caller: "c\(client / 2)")
                    note(line.arrive(number, call, deadline: now + .seconds(1), at: now) ?? [])
                }
            }
            for _ in 1...10 {
                now = now + .seconds(1)
                note(line.advance(at: now))
            }
            #expect((1...number).allSatisfy { fate[$0] == 1 }, "seed \(seed)")
            #expect(kept > 20 && broken == 0, "seed \(seed): \(broken) of \(kept + broken)")
        }
    }
}
