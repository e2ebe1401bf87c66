internal import CShims
internal import Glibc

/// The one door through which other threads reach the loop: a locked array, and an eventfd that wakes the loop once for
/// a burst of posts.
///
/// The lock is a pthread mutex because the thread sanitizer understands it.
final class Inbox: @unchecked Sendable {
    /// Readable while something waits. Owned by the inbox.
    let descriptor: Int32

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    // Both under the lock.
    private var jobs: [LoopJob] = []
    private var isSignalled = false

    init() {
        descriptor = bb_eventfd()
        precondition(descriptor >= 0, "eventfd: no descriptors left")
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        close(descriptor)
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Adds a job and wakes the loop unless an earlier post has.
    func post(_ job: LoopJob) {
        pthread_mutex_lock(mutex)
        jobs.append(job)
        let mustWake = !isSignalled
        isSignalled = true
        pthread_mutex_unlock(mutex)
        guard mustWake else { return }
        var one: UInt64 = 1
        // The counter is at most 1, so this can neither block nor fail short of a closed descriptor.
        while write(descriptor, &one, 8) < 0, errno == EINTR {}
    }

    /// Everything posted since the last call, in the order of posting.
    func take() -> [LoopJob] {
        var counter: UInt64 = 0
        while read(descriptor, &counter, 8) < 0, errno == EINTR {}
        var taken: [LoopJob] = []
        pthread_mutex_lock(mutex)
        swap(&taken, &jobs)
        isSignalled = false
        pthread_mutex_unlock(mutex)
        return taken
    }
}
