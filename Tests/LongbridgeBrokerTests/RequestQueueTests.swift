import Bytes
import Clocks
import LongbridgeWire
import Testing

@testable import LongbridgeBroker

private let noon = Instant.zero

/// A queue whose link is ready, and a way to hand it a call.
private struct Bench {
    var queue = RequestQueue()

    init() {
        queue.opened()
        queue.becameReady()
    }

    mutating func submit(
        _ command: QuoteCommand = .depth, at now: Instant = noon, wait: Duration = .seconds(30),
        timeout: Duration = .seconds(15)
    ) -> (RequestQueue.Ticket, [RequestQueue.Action]) {
        queue.submit(command, deadline: now + wait, timeout: timeout, now: now)
    }

    /// Submits `count` calls and gives their tickets and the ids that were sent.
    mutating func fill(_ count: Int, at now: Instant = noon, wait: Duration = .seconds(30)) -> (
        tickets: [Int], sent: [UInt32]
    ) {
        var tickets: [Int] = []
        var sent: [UInt32] = []
        for _ in 0..<count {
            let (ticket, actions) = submit(at: now, wait: wait)
            tickets.append(ticket)
            sent += actions.compactMap { if case .send(_, let id, _) = $0 { id } else { nil } }
        }
        return (tickets, sent)
    }
}

@Suite struct RequestQueueTests {
    @Test func aCallIsSentAtOnceAndItsAnswerFindsIt() {
        var bench = Bench()
        let (ticket, actions) = bench.submit()
        #expect(actions == [.send(ticket, id: 1, timeout: .seconds(15))])
        #expect(bench.queue.answered(id: 1, now: noon) == .answer(ticket))
        #expect(bench.queue.count == 0)
    }

    @Test func fiveAreInFlightAndTheRestWaitInOrder() {
        var bench = Bench()
        let (tickets, sent) = bench.fill(7)
        #expect(sent == [1, 2, 3, 4, 5])
        #expect(bench.queue.answered(id: 3, now: noon) == .answer(tickets[2]))
        #expect(bench.queue.advance(now: noon) == [.send(tickets[5], id: 6, timeout: .seconds(15))])
        #expect(bench.queue.advance(now: noon) == [])
        #expect(bench.queue.answered(id: 1, now: noon) == .answer(tickets[0]))
        #expect(bench.queue.advance(now: noon) == [.send(tickets[6], id: 7, timeout: .seconds(15))])
    }

    @Test func aCallBeforeReadinessFailsAtOnceAndALoginGoes() {
        var queue = RequestQueue()
        let (first, closed) = queue.submitControl(timeout: .seconds(5), now: noon)
        #expect(closed == [.fail(first, .notReady)])
        queue.opened()
        let (call, refused) = queue.submit(.depth, deadline: noon, timeout: .seconds(5), now: noon)
        #expect(refused == [.fail(call, .notReady)])
        let (login, sent) = queue.submitControl(timeout: .seconds(5), now: noon)
        #expect(sent == [.send(login, id: 1, timeout: .seconds(5))])
    }

    @Test func noMoreThanTenCallsGoInOneSecond() {
        var bench = Bench()
        for call in 1...10 {
            _ = bench.submit()
            #expect(bench.queue.answered(id: UInt32(call), now: noon) != .unasked)
        }
        let (ticket, actions) = bench.submit()
        #expect(actions == [])
        let due = noon + QuoteLimits.window(of: .quote)
        #expect(bench.queue.nextDeadline(now: noon) == due)
        #expect(bench.queue.advance(now: due - .nanoseconds(1)) == [])
        #expect(bench.queue.advance(now: due) == [.send(ticket, id: 11, timeout: .seconds(15))])
    }

    @Test func aCallThatCannotBeInTimeIsRefusedAtOnceAndSaysWhenToCome() {
        var bench = Bench()
        for call in 1...10 {
            _ = bench.submit()
            _ = bench.queue.answered(id: UInt32(call), now: noon)
        }
        let later = noon + .milliseconds(50)
        let (ticket, actions) = bench.submit(at: later, wait: .milliseconds(100))
        #expect(actions == [.fail(ticket, .rateLimited(retryAfter: .milliseconds(960)))])
        let (patient, none) = bench.submit(at: later, wait: .seconds(1))
        #expect(none == [])
        #expect(bench.queue.advance(now: later + .seconds(1)) == [.send(patient, id: 11, timeout: .seconds(15))])
    }

    @Test func aCallThatWaitsTooLongForAPlaceFails() {
        var bench = Bench()
        _ = bench.fill(5)
        let (ticket, none) = bench.submit(wait: .seconds(2))
        #expect(none == [])
        #expect(bench.queue.nextDeadline(now: noon) == noon + .seconds(2))
        #expect(bench.queue.advance(now: noon + .seconds(2)) == [.fail(ticket, .rateLimited(retryAfter: .seconds(1)))])
        let (impatient, refused) = bench.submit(at: noon + .seconds(3), wait: .zero)
        #expect(refused == [.fail(impatient, .rateLimited(retryAfter: .seconds(1)))])
    }

    @Test func anUnansweredCallTimesOutAndItsPlaceIsFree() {
        var bench = Bench()
        let (tickets, _) = bench.fill(6)
        let actions = bench.queue.advance(now: noon + .seconds(15))
        #expect(
            actions == tickets.prefix(5).map { .fail($0, .timedOut) } + [
                .send(tickets[5], id: 6, timeout: .seconds(15))
            ])
        #expect(bench.queue.answered(id: 1, now: noon) == .late)
        #expect(bench.queue.answered(id: 6, now: noon) == .answer(tickets[5]))
    }

    @Test func anAnswerNobodyAskedForIsTold() {
        var bench = Bench()
        #expect(bench.queue.answered(id: 1, now: noon) == .unasked)
        _ = bench.submit()
        #expect(bench.queue.answered(id: 0, now: noon) == .unasked)
        #expect(bench.queue.answered(id: 2, now: noon) == .unasked)
        #expect(bench.queue.answered(id: 1, now: noon) == .answer(1))
        #expect(bench.queue.answered(id: 1, now: noon) == .late)
    }

    @Test func aCallerWhoLeavesIsNotToldAndTheBrokersPlaceStaysTaken() {
        var bench = Bench()
        let (tickets, _) = bench.fill(6)
        bench.queue.cancelled(tickets[0])
        #expect(bench.queue.advance(now: noon) == [])
        #expect(bench.queue.answered(id: 1, now: noon) == .late)
        #expect(bench.queue.advance(now: noon) == [.send(tickets[5], id: 6, timeout: .seconds(15))])
        let (waiting, _) = bench.submit()
        bench.queue.cancelled(waiting)
        #expect(bench.queue.count == 5)
    }

    @Test func aLostLinkFailsWhatWasSentAndWhatWasNotEachOnce() {
        var bench = Bench()
        let (tickets, _) = bench.fill(8)
        bench.queue.cancelled(tickets[1])
        let expected: [RequestQueue.Action] =
            [tickets[0], tickets[2], tickets[3], tickets[4]].map { .fail($0, .connectionLost) }
            + tickets[5...].map { .fail($0, .notReady) }
        #expect(bench.queue.lost(now: noon) == expected)
        #expect(bench.queue.lost(now: noon) == [])
        #expect(bench.queue.count == 0)
        bench.queue.opened()
        bench.queue.becameReady()
        let (_, sent) = bench.fill(2)
        #expect(sent == [1, 2])
    }

    @Test func theQueueIsBounded() {
        var bench = Bench()
        _ = bench.fill(5 + RequestQueue.maximumWaiting, wait: .seconds(600))
        let (ticket, actions) = bench.submit()
        #expect(actions == [.fail(ticket, .overloaded)])
        #expect(bench.queue.count == 5 + RequestQueue.maximumWaiting)
    }

    @Test func whateverHappensEachCallLeavesOnce() {
        for seed in UInt64(1)...40 {
            var random = SplitMix64(seed: seed)
            var bench = Bench()
            var now = noon
            var taken: [Int: Int] = [:]
            var inFlight: Set<UInt32> = []
            var outside: [Int] = []
            func note(_ actions: [RequestQueue.Action]) {
                for action in actions {
                    switch action {
                    case .send(_, let id, _): inFlight.insert(id)
                    case .admit(let ticket): outside.append(ticket)
                    case .fail(let ticket, _): taken[ticket, default: 0] += 1
                    }
                }
            }
            var submitted: [Int] = []
            for _ in 0..<400 {
                now = now + .milliseconds(Int.random(in: 0..<300, using: &random))
                switch Int.random(in: 0..<10, using: &random) {
                case 0...4:
                    let (ticket, actions) = bench.submit(
                        at: now, wait: .milliseconds(Int.random(in: 0..<3000, using: &random)),
                        timeout: .milliseconds(400))
                    submitted.append(ticket)
                    note(actions)
                case 5...7:
                    guard let id = inFlight.min() else { continue }
                    inFlight.remove(id)
                    if case .answer(let ticket) = bench.queue.answered(id: id, now: now) {
                        taken[ticket, default: 0] += 1
                    }
                    note(bench.queue.advance(now: now))
                case 8 where !outside.isEmpty:
                    let ticket = outside.removeFirst()
                    taken[ticket, default: 0] += 1
                    bench.queue.ended(outside: ticket, now: now)
                    note(bench.queue.advance(now: now))
                case 8:
                    let (ticket, actions) = bench.queue.submitOutside(deadline: now + .seconds(1), now: now)
                    submitted.append(ticket)
                    note(actions)
                default:
                    guard Int.random(in: 0..<20, using: &random) == 0 else { continue }
                    note(bench.queue.lost(now: now))
                    inFlight = []
                    bench.queue.opened()
                    bench.queue.becameReady()
                }
            }
            note(bench.queue.lost(now: now))
            // What waits for its turn needs no link.
            for step in 1...60 { note(bench.queue.advance(now: now + .seconds(step))) }
            for ticket in outside { taken[ticket, default: 0] += 1 }
            #expect(submitted.allSatisfy { taken[$0] == 1 }, "seed \(seed)")
            #expect(taken.count == submitted.count, "seed \(seed)")
        }
    }
}
