/// What waits for a thread, in order.
protocol WorkQueue: Sendable {
    /// What is done in one go.
    associatedtype Batch: Sendable

    /// How many jobs wait.
    var count: Int { get }
    /// Takes out what comes first; at least one job, if any waits.
    mutating func take() -> Batch
    /// Takes back, for its room, what was taken out.
    mutating func giveBack(_ batch: consuming Batch)
}

/// Jobs that are done one at a time.
struct JobQueue<Job: Sendable>: WorkQueue {
    private var jobs: [Job] = []

    var count: Int { jobs.count }

    mutating func append(_ job: Job) { jobs.append(job) }

    mutating func take() -> Job? { jobs.isEmpty ? nil : jobs.removeFirst() }

    mutating func giveBack(_ job: consuming Job?) {}
}

/// Entries that wait for the log's thread, and who waits for them.
struct AuditQueue: WorkQueue {
    struct Batch: Sendable {
        var entries = EntryBatch()
        /// Whom to tell that all of it is on the disk, or why the record of that index is not.
        var answers: [(record: Int?, tell: Answer)] = []
        fileprivate var jobs = 0
    }

    /// Called on the loop.
    typealias Answer = @Sendable (AuditError?) -> Void

    /// What is written in one go, at the most.
    private static let batchLimit = 1024

    private(set) var count = 0
    private var full: [Batch] = []
    private var last = Batch()
    private var spare = Batch()

    mutating func append(_ entry: AuditEntry, answer: Answer? = nil) {
        addJob()
        if let answer { last.answers.append((last.entries.recordCount, answer)) }
        last.entries.append(entry)
    }

    /// An entry that nobody waits for.
    mutating func append(text: ArraySlice<UInt8>) {
        addJob()
        last.entries.append(text: text)
    }

    /// Somebody waits for everything before.
    mutating func append(answer: @escaping Answer) {
        addJob()
        last.answers.append((nil, answer))
    }

    private mutating func addJob() {
        if last.jobs >= AuditQueue.batchLimit {
            full.append(last)
            last = Batch()
        }
        last.jobs += 1
        count += 1
    }

    mutating func take() -> Batch {
        var taken = Batch()
        if full.isEmpty {
            swap(&taken, &spare)
            swap(&taken, &last)
        } else {
            taken = full.removeFirst()
        }
        count -= taken.jobs
        return taken
    }

    mutating func giveBack(_ batch: consuming Batch) {
        batch.entries.removeAll()
        batch.answers.removeAll()
        batch.jobs = 0
        spare = batch
    }
}
