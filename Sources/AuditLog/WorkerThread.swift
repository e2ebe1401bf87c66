internal import EventLoops
internal import Glibc

/// A thread with a queue of jobs, done in order; between them it does what is due.
///
/// The lock is a pthread mutex because the thread sanitizer understands it.
final class WorkerThread<Job: Sendable>: @unchecked Sendable {
    /// What becomes of the jobs; only ever called on the thread.
    struct Work {
        /// Jobs at a time.
        var batch: Int
        /// Does the jobs, or, without any, what is due. The result says after how many milliseconds to be called again
        /// without a job; `nil` for only with one.
        var perform: ([Job]) -> Int?
        /// The last call.
        var end: () -> Void
    }

    private let limit: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    // These under the lock.
    private var waiting: [Job] = []
    private var isClosing = false
    private var isAsleep = false
    private var thread: NamedThread?
    // These on the thread only.
    private var spare: [Job] = []
    private var work: Work?

    /// `nil` when no thread is left.
    init?(_ name: String, limit: Int, _ work: consuming Work) {
        self.limit = limit
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

    /// Hands a job over. `false` when too many wait or it is closed.
    ///
    /// - Parameter isUrgent: wake the thread; without it the job may wait for the next call that is due.
    func add(_ job: Job, isUrgent: Bool) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosing, waiting.count < limit else { return false }
        waiting.append(job)
        if isUrgent || isAsleep || waiting.count == 256 { pthread_cond_signal(condition) }
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
        while var jobs = take(work.batch, pause: pause) {
            pause = work.perform(jobs)
            jobs.removeAll(keepingCapacity: true)
            spare = jobs
        }
        work.end()
    }

    /// Waits for jobs or for the pause to pass; `nil` at the end.
    private func take(_ count: Int, pause: Int?) -> [Job]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if waiting.count < count, !isClosing {
            if let pause {
                var end = timespec()
                clock_gettime(CLOCK_MONOTONIC, &end)
                end.tv_nsec += (pause % 1000) * 1_000_000
                end.tv_sec += pause / 1000 + end.tv_nsec / 1_000_000_000
                end.tv_nsec %= 1_000_000_000
                if waiting.isEmpty || pause > 0 { pthread_cond_timedwait(condition, mutex, &end) }
            } else {
                isAsleep = true
                while waiting.isEmpty, !isClosing { pthread_cond_wait(condition, mutex) }
                isAsleep = false
            }
        }
        if waiting.isEmpty, isClosing { return nil }
        if waiting.count <= count {
            // All of it, without a copy of each job; the other list keeps its room.
            var taken = spare
            spare = []
            swap(&taken, &waiting)
            return taken
        }
        let taken = Array(waiting.prefix(count))
        waiting.removeFirst(taken.count)
        return taken
    }
}
