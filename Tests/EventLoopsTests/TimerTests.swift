import Clocks
import EventLoops
import TestSupport
import Testing

@Suite struct TimerTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func everyTimerFiresOnceAndNeverEarly() async {
        var seen: [Int] = []
        let start = Instant.now()
        let timers = [30, 10, 20].map { delay in
            let timer = LoopTimer {
                #expect(Instant.now() - start >= .milliseconds(delay))
                seen.append(delay)
            }
            timer.schedule(after: .milliseconds(delay))
            return timer
        }
        #expect(await until { seen.count == 3 })
        #expect(seen.sorted() == [10, 20, 30])
        #expect(timers.allSatisfy { !$0.isScheduled })
    }

    @Test @LoopActor func aCancelledTimerAndAReleasedOneDoNotFire() async throws {
        var fired = 0
        let timer = LoopTimer { fired += 1 }
        timer.schedule(after: .milliseconds(1))
        timer.cancel()
        #expect(!timer.isScheduled)
        do {
            let released = LoopTimer { fired += 1 }
            released.schedule(after: .milliseconds(1))
        }
        try await sleep(for: .milliseconds(10))
        #expect(fired == 0)
    }

    @Test @LoopActor func aRepeatingTimerGoesOnUntilItsActionCancelsIt() async throws {
        var fired = 0
        var timer: LoopTimer?
        timer = LoopTimer {
            fired += 1
            if fired == 3 { timer?.cancel() }
        }
        timer?.schedule(every: .milliseconds(1))
        #expect(await until { fired == 3 })
        try await sleep(for: .milliseconds(5))
        #expect(fired == 3)
    }

    @Test @LoopActor func reschedulingReplacesTheEarlierDeadline() async {
        var fired = 0
        let start = Instant.now()
        let timer = LoopTimer { fired += 1 }
        timer.schedule(after: .milliseconds(1))
        timer.schedule(after: .milliseconds(30))
        #expect(await until { fired == 1 })
        #expect(Instant.now() - start >= .milliseconds(30))
    }

    @Test @LoopActor func aCancelledSleepEndsAtOnce() async {
        let task = spawn { try await sleep(for: .seconds(3600)) }
        await Task.yield()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let late = spawn {
            withUnsafeCurrentTask { $0?.cancel() }
            try await sleep(for: .seconds(3600))
        }
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test @LoopActor func aBodyWithinItsDeadlineGivesItsValueOrItsError() async throws {
        #expect(try await withDeadline(.seconds(3600)) { 7 } == 7)
        struct Mine: Error {}
        await #expect(throws: Mine.self) { try await withDeadline(.seconds(3600)) { throw Mine() } }
    }

    @Test @LoopActor func aBodyOverItsDeadlineIsCancelled() async {
        await #expect(throws: DeadlineExceeded.self) {
            try await withDeadline(.milliseconds(5)) { try await sleep(for: .seconds(3600)) }
        }
    }

    @Test @LoopActor func aLateValueIsNotThrownAway() async throws {
        let value = try await withDeadline(.milliseconds(1)) {
            try? await sleep(for: .seconds(3600))
            return "placed"
        }
        #expect(value == "placed")
    }

    @Test @LoopActor func cancellingTheCallerCancelsTheBody() async {
        let task = spawn { try await withDeadline(.seconds(3600)) { try await sleep(for: .seconds(3600)) } }
        await Task.yield()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test @LoopActor func aCompletionResumesEveryWaiterWithTheFirstValue() async throws {
        let completion = Completion<Int>()
        let waiters = (0..<3).map { _ in spawn { try await completion.value() } }
        await Task.yield()
        completion.resolve(1)
        completion.resolve(2)
        for waiter in waiters { #expect(try await waiter.value == 1) }
        #expect(try await completion.value() == 1)
        #expect(completion.current == 1)
    }
}
