internal import Bytes
public import Clocks
internal import Cryptography
public import EventLoops

/// The record of who asked the bridge for what, and of what left for a broker.
///
/// Entries are lines of JSON in `STATE/audit/`, each tied to the one before and signed with a key that stands outside;
/// docs/audit.md has the form. One thread writes and syncs, many entries at a time; another reads. Neither blocks the loop.
@LoopActor
public final class AuditLog {
    /// Entries that may wait to be written; more are refused, or lost and counted.
    public nonisolated static let maximumWaiting = 50_000

    /// An anchor was due, the disk failed or works again, or something is wrong.
    public var onNotice: ((AuditNotice) -> Void)?
    /// Why the log cannot be written; `nil` while it can.
    public private(set) var failure: AuditError?
    /// Entries lost because too many waited.
    public private(set) var dropped = 0

    private nonisolated let thread: WorkerThread<AuditQueue>
    nonisolated let readers: WorkerThread<JobQueue<AuditReadJob>>
    nonisolated let folder: AuditFolder
    nonisolated let key: AuditKey
    /// The files as far as they are on the disk.
    private(set) var segments: [SegmentInfo]

    private var encoder: EntryEncoder
    /// Kept for its room.
    private var text: [UInt8] = []

    /// Opens the log of a state folder: looks for where it ended, and goes on behind that in a new file.
    ///
    /// - Parameter keyFile: of the key; `STATE/audit.key` unless given, which is made if there is no log yet.
    public nonisolated static func open(
        state: String, keyFile: String? = nil, options: AuditOptions = AuditOptions()
    ) throws(AuditError) -> AuditLog {
        let folder: AuditFolder
        let hasEntries: Bool
        do throws(DiskFailure) {
            folder = try AuditFolder("\(state)/audit", anchorPath: "\(state)/audit.anchor")
            hasEntries = try !folder.numbers().isEmpty
        } catch { throw error.auditError }
        let key = try AuditKey.readOrMake(
            keyFile ?? "\(state)/audit.key", mayMake: keyFile == nil && !hasEntries)
        let recovery: AuditRecovery
        do throws(DiskFailure) {
            recovery = try AuditRecovery(folder, key: key, time: .now(), now: .now())
        } catch { throw error.auditError }
        // Tried again later if there is no room now.
        try? folder.makeReserve(bytes: options.reserveBytes)
        let boot = Hex.encode(SecureRandom.bytes(8))
        let writer = SegmentWriter(disk: folder, key: key, boot: boot, options: options, after: recovery)
        guard let log = AuditLog(folder, key, boot, writer) else { throw .failing("no thread is left") }
        return log
    }

    private nonisolated init?(
        _ folder: AuditFolder, _ key: AuditKey, _ boot: String, _ writer: consuming SegmentWriter
    ) {
        encoder = EntryEncoder(boot: boot)
        self.folder = folder
        self.key = key
        segments = writer.segments
        let target = NoticeTarget()
        let held = UncheckedWriter(writer)
        guard
            let thread = WorkerThread(
                "audit", AuditQueue(), limit: AuditLog.maximumWaiting,
                .init(enough: 256) { batch in
                    AuditLog.work(batch, held.writer, target)
                } end: {
                    held.writer.close(time: .now(), now: .now())
                    AuditLog.deliver([], held.writer, target)
                }),
            let readers = AuditReader.thread(folder)
        else { return nil }
        self.thread = thread
        self.readers = readers
        target.log = self
    }

    /// A writer that goes to its thread and stays there.
    private struct UncheckedWriter: @unchecked Sendable {
        let writer: SegmentWriter
        init(_ writer: SegmentWriter) { self.writer = writer }
    }

    /// Whom the thread tells. Written before the thread has its first job, read on the loop.
    private final class NoticeTarget: @unchecked Sendable {
        weak var log: AuditLog?
    }

    // MARK: On the thread

    private nonisolated static func work(
        _ batch: AuditQueue.Batch, _ writer: SegmentWriter, _ target: NoticeTarget
    ) -> Int? {
        let results = writer.perform(
            batch.entries, mustSync: batch.answers.contains { $0.record == nil }, time: .now(), now: .now())
        let failure = writer.failure
        let answers = batch.answers.map { answer in
            let result = answer.record.map { results[$0] } ?? failure
            return { @Sendable in answer.tell(result) }
        }
        deliver(answers, writer, target)
        return writer.isIdle ? nil : 100
    }

    private nonisolated static func deliver(
        _ answers: [@Sendable () -> Void], _ writer: SegmentWriter, _ target: NoticeTarget
    ) {
        let notices = writer.notices
        writer.notices = []
        let segments = writer.takeChangedSegments()
        guard !answers.isEmpty || !notices.isEmpty || segments != nil else { return }
        // One wake-up of the loop for all of them.
        EventLoop.main.execute {
            if let log = target.log {
                if let segments { log.segments = segments }
                for notice in notices { log.told(notice) }
            }
            for answer in answers { answer() }
        }
    }

    private func told(_ notice: AuditNotice) {
        switch notice {
        case .failing(let error): failure = error
        case .resumed: failure = nil
        case .anchor, .alarm: break
        }
        onNotice?(notice)
    }

    // MARK: Entries

    /// Appends an entry that nobody waits for. It is on the disk within about a second.
    public func note(_ record: AuditRecord) {
        guard record.complete == nil else {
            let entry = AuditEntry(record: record, demand: .plain)
            if !thread.add(isUrgent: false, { $0.append(entry) }) { dropped += 1 }
            return
        }
        note { $0.append(record, to: &$1) }
    }

    /// The same for an entry that has all but these in common with others.
    public func note(
        _ members: SharedMembers, requestID: String, time: WallTime, monotonic: Instant, latency: Duration
    ) {
        note {
            $0.append(members, requestID: requestID, time: time, monotonic: monotonic, latency: latency, to: &$1)
        }
    }

    private func note(_ encode: (inout EntryEncoder, inout [UInt8]) -> Void) {
        // Taken out while it is written, as it is lent twice otherwise.
        var text: [UInt8] = []
        swap(&text, &self.text)
        encode(&encoder, &text)
        if !thread.add(isUrgent: false, { $0.append(text: text[...]) }) { dropped += 1 }
        text.removeAll(keepingCapacity: true)
        swap(&text, &self.text)
    }

    /// Appends an entry and returns when it is on the disk.
    ///
    /// - Parameter isUrgent: use the room kept back when the disk is full: for what lessens the risk.
    public func append(_ record: AuditRecord, isUrgent: Bool = false) async throws(AuditError) {
        let entry = AuditEntry(record: record, demand: isUrgent ? .urgent : .durable)
        if let failure = await submit({ $0.append(entry, answer: $1) }) { throw failure }
    }

    /// Returns when everything appended so far is on the disk.
    public func flush() async throws(AuditError) {
        if let failure = await submit({ $0.append(answer: $1) }) { throw failure }
    }

    private func submit(_ append: (inout AuditQueue, @escaping AuditQueue.Answer) -> Void) async -> AuditError? {
        await withCheckedContinuation { continuation in
            if !thread.add(isUrgent: true, { append(&$0) { continuation.resume(returning: $0) } }) {
                continuation.resume(returning: thread.isClosed ? .closed : .overloaded)
            }
        }
    }

    /// Writes what waits and ends both threads. Blocks the caller.
    public nonisolated func close() {
        thread.close()
        readers.close()
    }
}
