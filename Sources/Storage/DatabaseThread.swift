internal import EventLoops
internal import Glibc

/// The thread that owns the connection. Everything else reaches it through a locked queue.
///
/// The lock is a pthread mutex because the thread sanitizer understands it.
final class DatabaseThread: @unchecked Sendable {
    /// Jobs that share one commit, at most.
    private static let batch = 512

    private let file: DatabaseFile
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    // These under the lock.
    private var waiting: [DatabaseJob] = []
    private var isClosing = false
    private var thread: NamedThread?
    // This on the thread only; `nil` after a failed commit, until the file is opened anew.
    private var connection: SQLConnection?
    /// Told of each commit; on the thread only.
    private let position: StatePosition?

    /// `nil` when no thread is left.
    init?(_ file: DatabaseFile, _ connection: SQLConnection, _ position: StatePosition?) {
        self.file = file
        self.position = position
        self.connection = connection
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)
        guard let thread = try? NamedThread("database", isJoined: true, { self.work() }) else { return nil }
        self.thread = thread
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    func add(_ job: DatabaseJob) {
        pthread_mutex_lock(mutex)
        let refusal: StorageError? =
            isClosing ? .closed : waiting.count >= Database.maximumWaiting ? .overloaded : nil
        if refusal == nil {
            waiting.append(job)
            pthread_cond_signal(condition)
        }
        pthread_mutex_unlock(mutex)
        if let refusal { job.refuse(refusal) }
    }

    func close() {
        pthread_mutex_lock(mutex)
        let isFirst = !isClosing
        isClosing = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
        if isFirst { thread?.join() }
    }

    private func work() {
        // The position is right from the first moment on, and durable.
        if let connection, position != nil { _ = try? mark(connection, mustSync: true) }
        while let jobs = take() {
            let deliveries = perform(jobs)
            // One wake-up of the loop for all of them.
            EventLoop.main.execute { for deliver in deliveries { deliver() } }
        }
        if let connection, position != nil { _ = try? mark(connection, mustSync: true) }
        connection = nil
    }

    /// Counts a commit that has no other content.
    private func mark(_ connection: SQLConnection, mustSync: Bool) throws(StorageError) {
        guard let count = try StateMark.count(on: connection) else { return }
        position?.write(StatePosition.Position(epoch: count.epoch, commits: count.commits), mustSync: mustSync)
    }

    /// Waits for jobs; `nil` at the end.
    private func take() -> [DatabaseJob]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while waiting.isEmpty, !isClosing { pthread_cond_wait(condition, mutex) }
        guard !waiting.isEmpty else { return nil }
        let taken = Array(waiting.prefix(DatabaseThread.batch))
        waiting.removeFirst(taken.count)
        return taken
    }

    /// Runs the jobs in one transaction and gives what is to be told when it is over.
    private func perform(_ jobs: [DatabaseJob]) -> [@Sendable () -> Void] {
        let connection: SQLConnection
        do throws(StorageError) {
            connection = try opened()
            if jobs.contains(where: \.isWrite) {
                try connection.run("BEGIN IMMEDIATE")
            } else {
                try connection.run("BEGIN")
            }
        } catch {
            if case .failing = error { self.connection = nil }
            return jobs.map { job in { job.refuse(error) } }
        }
        let outcomes = jobs.map { run($0, connection) }
        var commitFailure: StorageError?
        do throws(StorageError) {
            var count: (epoch: String, commits: Int64)?
            if position != nil, jobs.contains(where: \.isWrite) { count = try StateMark.count(on: connection) }
            try connection.run("COMMIT")
            if let count { position?.write(StatePosition.Position(epoch: count.epoch, commits: count.commits)) }
        } catch {
            commitFailure = error
            _ = try? connection.run("ROLLBACK")
            if error != .full { self.connection = nil }
        }
        return outcomes.map { outcome in { [commitFailure] in outcome.deliver(outcome.failure ?? commitFailure) } }
    }

    private func run(_ job: DatabaseJob, _ connection: SQLConnection) -> DatabaseJob.Outcome {
        guard job.isWrite else { return job.run(connection) }
        do throws(StorageError) { try connection.run("SAVEPOINT job") } catch {
            return DatabaseJob.Outcome(failure: error) { [refuse = job.refuse] in refuse($0 ?? error) }
        }
        let outcome = job.run(connection)
        if outcome.failure != nil { _ = try? connection.run("ROLLBACK TO job") }
        _ = try? connection.run("RELEASE job")
        return outcome
    }

    private func opened() throws(StorageError) -> SQLConnection {
        if let connection { return connection }
        let opened = try file.open()
        connection = opened
        return opened
    }
}
