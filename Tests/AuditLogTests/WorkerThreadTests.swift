@testable import AuditLog
import Glibc
import Testing

@Suite struct WorkerThreadTests {
    /// Something that one thread tells another.
    private final class Mark: @unchecked Sendable {
        private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

        init() { sem_init(semaphore, 0, 0) }

        deinit {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }

        func set() { sem_post(semaphore) }

        /// `false` if it is not set within a minute.
        func wait() -> Bool {
            var end = timespec()
            clock_gettime(CLOCK_REALTIME, &end)
            end.tv_sec += 60
            while sem_timedwait(semaphore, &end) != 0 {
                if errno != EINTR { return false }
            }
            return true
        }
    }

    @Test func anUrgentJobThatComesWhileTheThreadIsBusyIsNotLeftUntilItsNextTurn() throws {
        let (begun, mayEnd, second) = (Mark(), Mark(), Mark())
        let thread = try #require(
            WorkerThread(
                "busy", JobQueue<Int>(), limit: 10,
                .init(enough: 5) { job in
                    if job == 1 {
                        begun.set()
                        _ = mayEnd.wait()
                    }
                    if job == 2 { second.set() }
                    // Its next turn by itself is beyond what is waited for here.
                    return 3_600_000
                } end: {
                }))
        #expect(thread.add(isUrgent: true) { $0.append(1) })
        #expect(begun.wait())
        #expect(thread.add(isUrgent: true) { $0.append(2) })
        mayEnd.set()
        #expect(second.wait())
        thread.close()
    }

    @Test func enoughJobsAreNotKeptWaitingThoughTheyCameWhileTheThreadWasBusy() throws {
        let (begun, mayEnd, last) = (Mark(), Mark(), Mark())
        let thread = try #require(
            WorkerThread(
                "busy", JobQueue<Int>(), limit: 10,
                .init(enough: 3) { job in
                    if job == 0 {
                        begun.set()
                        _ = mayEnd.wait()
                    }
                    if job == 1 { last.set() }
                    return 3_600_000
                } end: {
                }))
        #expect(thread.add(isUrgent: true) { $0.append(0) })
        #expect(begun.wait())
        for job in 1...4 { #expect(thread.add(isUrgent: false) { $0.append(job) }) }
        mayEnd.set()
        #expect(last.wait())
        thread.close()
    }

    @Test func whatIsTooMuchIsRefused() throws {
        let (begun, mayEnd) = (Mark(), Mark())
        let thread = try #require(
            WorkerThread(
                "full", JobQueue<Int>(), limit: 2,
                .init(enough: 1) { _ in
                    begun.set()
                    _ = mayEnd.wait()
                    return nil
                } end: {
                }))
        #expect(thread.add(isUrgent: true) { $0.append(0) })
        #expect(begun.wait())
        #expect(thread.add(isUrgent: true) { $0.append(1) })
        #expect(thread.add(isUrgent: true) { $0.append(2) })
        #expect(!thread.add(isUrgent: true) { $0.append(3) })
        for _ in 0..<3 { mayEnd.set() }
        thread.close()
        #expect(thread.isClosed && !thread.add(isUrgent: true) { $0.append(4) })
    }
}
