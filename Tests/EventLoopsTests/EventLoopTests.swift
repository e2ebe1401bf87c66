import EventLoops
import Glibc
import TestSupport
import Testing

@Suite struct EventLoopTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func jobsRunInTheOrderTheyWereEnqueued() async {
        var seen: [Int] = []
        for number in 0..<1000 { EventLoop.main.execute { seen.append(number) } }
        #expect(seen.isEmpty, "nothing runs inside the call that enqueues it")
        #expect(await until { seen.count == 1000 })
        #expect(seen == Array(0..<1000))
    }

    @Test @LoopActor func postsOfManyThreadsAllArriveInEachThreadsOrder() async {
        let (threads, posts) = (4, 5000)
        let record = PostRecord(threads: threads)
        for number in 0..<threads {
            startThread {
                for post in 0..<posts { EventLoop.main.execute { record.seen[number].append(post) } }
            }
        }
        #expect(await until { record.seen.allSatisfy { $0.count == posts } })
        #expect(record.seen.allSatisfy { $0 == Array(0..<posts) })
    }

    @Test @LoopActor func aJobThatKeepsMakingJobsDoesNotStarveTimers() async throws {
        var isDone = false
        func again() {
            if !isDone { EventLoop.main.execute { again() } }
        }
        again()
        try await sleep(for: .milliseconds(5))
        isDone = true
    }

    @Test @LoopActor func aSpawnedTaskStaysOnTheLoopAcrossSuspensions() async {
        let task = spawn {
            for _ in 0..<100 {
                await Task.yield()
                guard EventLoop.main.isCurrent else { return false }
                guard await isOnTheLoop() else { return false }
            }
            return true
        }
        #expect(await task.value)
    }

    @Test func otherThreadsAreNotTheLoop() {
        #expect(!EventLoop.main.isCurrent)
        #expect(EventLoop.main.isIsolatingCurrentContext() == false)
    }

    @Test @LoopActor func aSignalReachesItsSource() async {
        var count = 0
        let source = SignalSource(SIGUSR2) { count += 1 }
        kill(getpid(), SIGUSR2)
        #expect(await until { count == 1 })
        withExtendedLifetime(source) {}
    }

    @Test @LoopActor func aCancelledInterestIsNotCalledAgain() async {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        var count = 0
        var interest: LoopInterest?
        interest = LoopInterest(fileDescriptor: ends[0], events: .read) { ready in
            #expect(ready == .read)
            count += 1
            interest?.cancel()
        }
        #expect(Glibc.write(ends[1], "x", 1) == 1)
        #expect(await until { count == 1 })
        try? await sleep(for: .milliseconds(2))
        #expect(count == 1)
        close(ends[0])
        close(ends[1])
    }
}

/// A non-isolated function runs where its task prefers.
private nonisolated func isOnTheLoop() async -> Bool {
    EventLoop.main.isCurrent
}

@LoopActor
private final class PostRecord {
    var seen: [[Int]]
    init(threads: Int) { seen = Array(repeating: [], count: threads) }
}

private final class ThreadBody {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, context)
    pthread_detach(thread)
}
