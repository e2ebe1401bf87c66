internal import CLibevent
internal import Glibc
internal import Synchronization

/// The one event loop of the process, and the executor of everything isolated to ``LoopActor``.
///
/// It is a `SerialExecutor` for actors and a `TaskExecutor` for tasks at once, so that a task started by ``spawn(_:)-(_)``
/// never leaves the loop's thread between two suspensions. The thread that calls ``run()`` is the loop's thread; every
/// other thread reaches it through the inbox only (``execute(_:)``, or a job Swift's runtime enqueues).
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// The loop of ``LoopActor``.
    public static let main = EventLoop()

    /// libevent's base. It has no locks: touched on the loop's thread only, except for its creation.
    let base: OpaquePointer

    private let inbox = Inbox()
    /// The thread inside ``run()``, or 0. Read by other threads to learn that they are not it.
    private let thread = Atomic<UInt>(0)

    // The rest is touched on the loop's thread only.
    private var jobs: [LoopJob] = []
    /// Empty; kept for its capacity.
    private var spare: [LoopJob] = []
    private var isDraining = false
    private var jobsEvent: OpaquePointer?
    private var inboxEvent: OpaquePointer?

    private init() {
        // A peer that closes early must surface as EPIPE from the call that wrote, not end the process.
        signal(SIGPIPE, SIG_IGN)
        let configuration = event_config_new()
        defer { event_config_free(configuration) }
        let flags = EVENT_BASE_FLAG_NOLOCK.rawValue | EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST.rawValue
        event_config_set_flag(configuration, Int32(flags))
        // Jobs that keep making jobs must not keep the loop from its sockets and timers.
        event_config_set_max_dispatch_interval(configuration, nil, 128, 0)
        guard let base = event_base_new_with_config(configuration) else {
            preconditionFailure("libevent could not make an event base: no memory, or no descriptors left")
        }
        self.base = base
        installEvents()
    }

    /// Both events live as long as the process, as the loop itself does; neither is freed.
    private func installEvents() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        jobsEvent = event_new(base, -1, 0, { _, _, context in EventLoop.from(context)?.drain() }, context)
        inboxEvent = event_new(
            base, inbox.descriptor, Int16(EV_READ | EV_PERSIST),
            { _, _, context in EventLoop.from(context)?.collect() },
            context)
        guard jobsEvent != nil, let inboxEvent, event_add(inboxEvent, nil) == 0 else {
            preconditionFailure("libevent could not watch the loop's inbox")
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> EventLoop? {
        context.map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: Running

    /// Runs the loop on the calling thread until ``stop()``. Jobs enqueued before it starts run first.
    ///
    /// Calling it while it runs is a programming error and traps.
    public func run() {
        let me = UInt(pthread_self())
        let (claimed, _) = thread.compareExchange(expected: 0, desired: me, ordering: .acquiringAndReleasing)
        precondition(claimed, "EventLoop.run() is running already")
        event_base_loop(base, 0)
        thread.store(0, ordering: .releasing)
    }

    /// Makes ``run()`` return after the callback in progress. From any thread; what is still queued stays queued.
    public func stop() {
        execute { event_base_loopbreak(EventLoop.main.base) }
    }

    /// Whether some thread is inside ``run()``.
    public var isRunning: Bool { thread.load(ordering: .acquiring) != 0 }

    /// Whether the calling thread is the loop's.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: Work

    /// Runs `job` on the loop, after everything enqueued before it by the same thread. From any thread; never at once.
    public func execute(_ job: @escaping @Sendable @LoopActor () -> Void) {
        add(.closure(job))
    }

    /// Takes a job from Swift's runtime. From any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    private func add(_ job: LoopJob) {
        guard isCurrent else { return inbox.post(job) }
        jobs.append(job)
        if jobs.count == 1, !isDraining { event_active(jobsEvent, 0, 1) }
    }

    /// Moves what other threads posted behind what the loop has queued itself.
    private func collect() {
        let posted = inbox.take()
        guard !posted.isEmpty else { return }
        let wasEmpty = jobs.isEmpty
        jobs.append(contentsOf: posted)
        if wasEmpty { event_active(jobsEvent, 0, 1) }
    }

    /// Runs what is queued now; what that queues runs in another turn, after the sockets and timers that are due.
    private func drain() {
        isDraining = true
        var batch = jobs
        jobs = spare
        spare = []
        for job in batch {
            switch job {
            case .job(let job):
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            case .closure(let body):
                LoopActor.assumeIsolated { body() }
            }
        }
        // Releasing what the closures held may enqueue again: still draining, so it lands in `jobs` and is seen below.
        batch.removeAll(keepingCapacity: batch.count < 1024)
        spare = batch
        isDraining = false
        if !jobs.isEmpty { event_active(jobsEvent, 0, 1) }
    }

    // MARK: Isolation

    /// This loop, as actors name it.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// This loop, as tasks name it.
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    /// Whether the caller may touch loop-isolated state: it runs on the loop's thread.
    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Traps unless the caller runs on the loop's thread.
    public func checkIsolated() {
        precondition(isCurrent, "loop-isolated state touched from another thread")
    }
}

/// Something to run on the loop.
enum LoopJob {
    case job(UnownedJob)
    case closure(@Sendable @LoopActor () -> Void)
}
