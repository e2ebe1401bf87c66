internal import EventLoops
internal import Glibc

/// A thread with a queue of jobs, done in order; between them it does what is due.
///
/// The lock is a pthread mutex because the thread sanitizer understands it.
final class WorkerThread<Queue: WorkQueue>: @unchecked Sendable {
    /// What becomes of the jobs; only ever called on the thread.
    struct Work {
        /// So many jobs are not kept waiting for more.
        var enough: Int
        /// Does the jobs, or, without any, what is due. The result says after how many milliseconds to be called again
        /// without a job; `nil` for only with one.
        var perform: (Queue.Batch) -> Int?
        /// The last call.
        var end: () -> Void
    }

    private let limit: Int
    private let enough: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    // These under the lock.
    private var waiting: Queue
    private var isHurried = false
    private var isClosing = false
    private var isAsleep = false
    private var thread: NamedThread?
    // On the thread only.
    private var work: Work?

    /// `nil` when no thread is left.
    init?(_ name: String, _ queue: Queue, limit: Int, _ work: consuming Work) {
        self.limit = limit
        enough = work.enough
        waiting = queue
        self.work = work
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        guard let thread = try? NamedThread(name, isJoined: true, { self.loop() }) else { return nil }
        self.thread = thread
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Hands over one job, which `append` adds. `false` when too many wait or it is closed.
    ///
    /// - Parameter isUrgent: wake the thread; without it the job may wait for the next call that is due.
    func add(isUrgent: Bool, _ append: (inout Queue) -> Void) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosing, waiting.count < limit else { return false }
        append(&waiting)
        // Remembered, for the thread may be busy and hear no signal.
        if isUrgent { isHurried = true }
        if isUrgent || isAsleep || waiting.count == enough { pthread_cond_signal(condition) }
        return true
    }

    /// Whether nothing is accepted any more.
    var isClosed: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return isClosing
    }

    /// Has everything done that waits, and ends the thread. Blocks the caller.
    func close() {
        pthread_mutex_lock(mutex)
        let isFirst = !isClosing
        isClosing = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
        if isFirst { thread?.join() }
    }

    private func loop() {
        guard let work else { return }
        self.work = nil
        var pause: Int? = nil
        while let batch = take(pause: pause) {
            pause = work.perform(batch)
            giveBack(batch)
        }
        work.end()
    }

    /// Waits for jobs or for the pause to pass; `nil` at the end.
    private func take(pause: Int?) -> Queue.Batch? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if waiting.count < enough, !isClosing, !isHurried {
            if let pause {
                var end = timespec()
                clock_gettime(CLOCK_MONOTONIC, &end)
                end.tv_nsec += (pause % 1000) * 1_000_000
                end.tv_sec += pause / 1000 + end.tv_nsec / 1_000_000_000
                end.tv_nsec %= 1_000_000_000
                pthread_cond_timedwait(condition, mutex, &end)
            } else {
                isAsleep = true
                while waiting.count == 0, !isClosing { pthread_cond_wait(condition, mutex) }
                isAsleep = false
            }
        }
        if waiting.count == 0, isClosing { return nil }
        let batch = waiting.take()
        // What is left has been waited for long enough.
        isHurried = waiting.count > 0
        return batch
    }

    private func giveBack(_ batch: consuming Queue.Batch) {
        pthread_mutex_lock(mutex)
        waiting.giveBack(batch)
        pthread_mutex_unlock(mutex)
    }
}
