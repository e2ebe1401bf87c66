internal import EventLoops

/// The one database file of the bridge, on a thread of its own.
///
/// Jobs run in the order they are given. Those that wait together share one transaction and one sync to the disk; each has
/// a savepoint, so that one that fails takes nothing of the others with it. A write that returns has been synced: it
/// survives the end of the process and of the machine.
///
/// When the disk fails under a commit, the file is closed and opened anew before the next job, so that what counts is what
/// SQLite's recovery finds there, never what the kernel may have dropped.
public final class Database: Sendable {
    /// Jobs that may wait; one more is refused.
    public static let maximumWaiting = 20_000

    private let worker: DatabaseThread
    /// Which state this is, and whether it was put back to an older copy; `nil` where the form has no mark.
    public let mark: StateMark?

    /// Opens the file, making it if there is none, and brings it to the newest version: a backup is made before.
    ///
    /// - Throws: `.unusable` for a file that is damaged, of another program or of a newer version; it is left as it is.
    public static func open(
        path: String, migrations: [Migration] = Migration.all
    ) throws(StorageError) -> Database {
        let opening = DatabaseFile(path: path, migrations: migrations)
        let connection = try opening.open()
        var mark: StateMark?
        var position: StatePosition?
        if migrations.contains(where: { $0.version == Migration.mark.version }) {
            let beside = StatePosition(path: "\(path).position")
            mark = try StateMark.judge(connection, path: path, position: beside.read())
            position = beside
        }
        guard let worker = DatabaseThread(opening, connection, position) else { throw .failing("no thread is left") }
        return Database(worker, mark)
    }

    private init(_ worker: DatabaseThread, _ mark: StateMark?) {
        self.worker = worker
        self.mark = mark
    }

    /// Changes rows. Returns when the change is on the disk; cancelling the caller changes nothing.
    @LoopActor
    @discardableResult
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        try await run(isWrite: true, body)
    }

    /// Reads rows, everything written before included.
    @LoopActor
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        try await run(isWrite: false, body)
    }

    /// Finishes what waits and closes the file. Nothing is accepted any more. Blocks the caller.
    public func close() {
        worker.close()
    }

    @LoopActor
    private func run<Value: Sendable>(
        isWrite: Bool, _ body: @escaping @Sendable (SQLConnection) throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            let job = DatabaseJob(isWrite: isWrite) { connection in
                do throws(StorageError) {
                    let value = try body(connection)
                    return DatabaseJob.Outcome(failure: nil) { failure in
                        continuation.resume(returning: failure.map { .failure($0) } ?? .success(value))
                    }
                } catch {
                    return DatabaseJob.Outcome(failure: error) { failure in
                        continuation.resume(returning: .failure(failure ?? error))
                    }
                }
            } refuse: { failure in
                continuation.resume(returning: .failure(failure))
            }
            worker.add(job)
        }
        return try result.get()
    }
}
