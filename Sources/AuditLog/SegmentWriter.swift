internal import Clocks

/// Somebody has to know.
public enum AuditNotice: Sendable, Equatable {
    /// Count and head, to be kept in a second place.
    case anchor(AuditAnchor)
    /// The log cannot be written now.
    case failing(AuditError)
    /// It can again; so many entries were lost.
    case resumed(lost: Int)
    /// Something is wrong with what is there.
    case alarm(String)
}

/// How the log is kept.
public struct AuditOptions: Sendable {
    /// A file that is larger is followed by the next, in bytes.
    public var segmentBytes = 64 << 20
    /// Room kept back for cancellations while the disk is full, in bytes.
    public var reserveBytes = 1 << 20
    /// How long files are kept after their last entry.
    public var retention = Duration.seconds(366 * 86_400)
    /// All files together; the oldest go first. In bytes.
    public var totalBytes = 20 << 30
    /// An anchor comes at the latest after so many entries …
    public var anchorRecords = 1000
    /// … or so long after an entry without one.
    public var anchorInterval = Duration.seconds(60)

    /// What ``AuditLog`` does unless told otherwise.
    public init() {}

    /// What is not needed durably is synced after this long.
    static let syncInterval = Duration.seconds(1)
    /// Or once so many entries wait for it.
    static let unsyncedLimit = 20_000
    /// Between two attempts to write while the disk fails.
    static let retryInterval = Duration.milliseconds(500)
    /// Between two attempts to keep room back.
    static let reserveInterval = Duration.seconds(10)
    /// Entries kept in memory while the disk fails; later ones are lost, and counted.
    static let backlogLimit = 10_000
}

/// What the writer knows of a file.
struct SegmentInfo: Sendable, Equatable {
    var number: Int
    var firstSequence: Int
    var firstPrevious: [UInt8]
    var begunAt: WallTime
    /// Entries, in bytes, that are on the disk.
    var bytes: Int
}

/// Writes entries into files, one after another, and decides what to do when that fails.
///
/// What the disk refused is never tried in the same file again: after a failed write or sync the file counts as far as the
/// last sync went, and everything behind that is written into a new one. Runs on the log's thread only.
final class SegmentWriter {
    private struct Current {
        var number: Int
        var file: any SegmentFile
        var bytes = 0
        var syncedBytes = 0
        var day: Int
        var isReserve = false
    }

    let disk: any AuditDisk
    let options: AuditOptions
    private var chain: AuditChain
    private var synced: ChainHead
    private var current: Current?
    private var lastEnd: SegmentEnd?
    private var nextNumber: Int
    private var reason = SegmentReason.started
    /// Kept between writes for its room.
    private var buffer: [UInt8] = []
    /// In the file, and not yet synced.
    private var unsynced = EntryBatch()
    /// To be written before anything else.
    private var backlog: EntryBatch
    private var lost = 0
    private(set) var failure: AuditError?
    private var nextAttempt = Instant(nanoseconds: .min)
    private var nextReserve = Instant(nanoseconds: .min)
    private var lastSync = Instant(nanoseconds: .min)
    private var anchored: Int
    private var lastAnchor: Instant?
    private var leftovers: [Int] = []
    /// The files, oldest first, as far as they count.
    private(set) var segments: [SegmentInfo] { didSet { haveSegmentsChanged = true } }
    private var haveSegmentsChanged = false
    /// For the log's owner; taken by it.
    var notices: [AuditNotice] = []

    init(disk: any AuditDisk, key: AuditKey, boot: String, options: AuditOptions, after start: AuditRecovery) {
        self.disk = disk
        self.options = options
        chain = AuditChain(key: key, boot: boot, head: start.head)
        synced = start.head
        anchored = start.head.sequence
        lastEnd = start.end
        nextNumber = start.nextNumber
        segments = start.segments
        backlog = EntryBatch(start.notes.map { AuditEntry(record: $0, demand: .plain) })
        for case .damaged(_, let reason)? in start.notes.map(\.note) { notices.append(.alarm(reason)) }
    }

    /// The last entry that is on the disk.
    var head: ChainHead { synced }

    /// Whether nothing is due but new entries.
    var isIdle: Bool {
        failure == nil && unsynced.isEmpty && backlog.isEmpty && leftovers.isEmpty && synced.sequence == anchored
    }

    /// The files, if they differ from those given last.
    func takeChangedSegments() -> [SegmentInfo]? {
        guard haveSegmentsChanged else { return nil }
        haveSegmentsChanged = false
        return segments
    }

    // MARK: Entries

    /// Writes the entries, or says of each record among them why it is not on the disk. Without entries it does what is due.
    ///
    /// - Parameter mustSync: sync all of it, whatever the entries ask for.
    func perform(_ batch: EntryBatch, mustSync: Bool = false, time: WallTime, now: Instant) -> [AuditError?] {
        var results = [AuditError?](repeating: nil, count: batch.recordCount)
        var accepted = batch
        if let current, !current.file.isIntact(bytes: current.bytes) {
            notices.append(.alarm("the log's file \(AuditFolder.name(current.number)) was removed or changed"))
            abandon(.replaced)
            for (index, entry) in batch.records.enumerated() where entry.demand == .durable {
                results[index] = .replaced
            }
            accepted = batch.without(.durable)
        }
        let isDue = failure == nil || now >= nextAttempt
        let mustSync =
            mustSync || accepted.recordCount > 0 && accepted.records.contains { $0.demand != .plain }
            || now - AuditOptions.syncInterval >= lastSync || unsynced.count >= AuditOptions.unsyncedLimit
        if isDue, write(accepted, mustSync: mustSync, time: time, now: now) {
            upkeep(time: time, now: now)
            return results
        }
        var index = 0
        batch.forEach { text in
            keep { $0.append(text: text) }
        } record: { entry in
            switch entry.demand {
            case .plain: keep { $0.append(entry) }
            case .durable: results[index] = results[index] ?? failure ?? .closed
            case .urgent: results[index] = writeUrgently(entry.record, time: time, now: now)
            }
            index += 1
        }
        return results
    }

    private func keep(_ append: (inout EntryBatch) -> Void) {
        if backlog.count < AuditOptions.backlogLimit { append(&backlog) } else { lost += 1 }
    }

    /// Whether the entries are in a file: in the one at hand, or at the second attempt in a new one.
    private func write(_ entries: EntryBatch, mustSync: Bool, time: WallTime, now: Instant) -> Bool {
        var latest = DiskFailure(0)
        for _ in 0..<2 {
            let reserve = current?.isReserve == true ? current : nil
            do throws(DiskFailure) {
                try attempt(entries, mustSync: mustSync, time: time, now: now)
                if failure != nil {
                    failure = nil
                    notices.append(.resumed(lost: lost))
                    lost = 0
                }
                return true
            } catch {
                latest = error
                abandon(.failed)
                if let reserve { current = reserve }
            }
        }
        if failure == nil { notices.append(.failing(latest.auditError)) }
        failure = latest.auditError
        nextAttempt = now + AuditOptions.retryInterval
        return false
    }

    private func attempt(_ entries: EntryBatch, mustSync: Bool, time: WallTime, now: Instant) throws(DiskFailure) {
        try turnOver(time: time)
        guard current != nil || !entries.isEmpty || !backlog.isEmpty || failure != nil else { return }
        var bytes: [UInt8] = []
        swap(&bytes, &buffer)
        bytes.removeAll(keepingCapacity: true)
        defer { if bytes.capacity <= 2 << 20 { buffer = bytes } }
        let isNew = current == nil
        if isNew { try begin(disk.create(nextNumber), isReserve: false, time: time, now: now, &bytes) }
        if failure != nil { chain.append(note(.resumed, .resumed(lost: lost), time, now), to: &bytes) }
        chain.append(backlog, to: &bytes)
        chain.append(entries, to: &bytes)
        try put(bytes)
        if mustSync || isNew {
            try sync(isNew: isNew, now: now)
        } else {
            unsynced.append(contentsOf: backlog)
            unsynced.append(contentsOf: entries)
        }
        backlog = EntryBatch()
    }

    private func begin(
        _ file: any SegmentFile, isReserve: Bool, time: WallTime, now: Instant, _ bytes: inout [UInt8]
    ) {
        let number = nextNumber
        nextNumber += 1
        segments.append(
            SegmentInfo(
                number: number, firstSequence: chain.head.sequence + 1, firstPrevious: chain.head.hash, begunAt: time,
                bytes: 0))
        current = Current(number: number, file: file, day: SegmentWriter.day(time), isReserve: isReserve)
        let reason = isReserve ? .reserve : reason
        chain.append(note(.segment, .segment(number, reason: reason, after: lastEnd), time, now), to: &bytes)
    }

    private func put(_ bytes: [UInt8]) throws(DiskFailure) {
        guard !bytes.isEmpty else { return }
        try current?.file.write(bytes)
        current?.bytes += bytes.count
    }

    private func sync(isNew: Bool, now: Instant) throws(DiskFailure) {
        guard let open = current else { return }
        lastSync = now
        guard isNew || open.bytes > open.syncedBytes else { return }
        try open.file.sync()
        // Room kept back has a durable name already; the new one can wait.
        if isNew, !open.isReserve { try disk.syncFolder() }
        current?.syncedBytes = open.bytes
        segments[segments.count - 1].bytes = open.bytes
        synced = chain.head
        unsynced.removeAll()
    }

    /// Leaves a file that is full, of another day, or only the reserve.
    private func turnOver(time: WallTime) throws(DiskFailure) {
        guard let open = current else { return }
        let isLarge = open.bytes >= options.segmentBytes
        let isOld = SegmentWriter.day(time) > open.day
        guard isLarge || isOld || open.isReserve else { return }
        if open.bytes > open.syncedBytes { try sync(isNew: false, now: lastSync) }
        lastEnd = SegmentEnd(segment: open.number, bytes: open.bytes)
        reason = open.isReserve ? .failed : isOld ? .day : .size
        current = nil
    }

    /// Gives the file up: it counts as far as the last sync went. A file of which nothing counts is removed.
    private func abandon(_ reason: SegmentReason) {
        chain.rewind(to: synced)
        unsynced.append(contentsOf: backlog)
        backlog = unsynced
        unsynced = EntryBatch()
        self.reason = reason
        guard let open = current else { return }
        current = nil
        if open.syncedBytes > 0 {
            lastEnd = SegmentEnd(segment: open.number, bytes: open.syncedBytes)
        } else {
            segments.removeLast()
            leftovers.append(open.number)
            removeLeftovers()
        }
    }

    private func removeLeftovers() {
        leftovers = leftovers.filter { number in
            do throws(DiskFailure) {
                try disk.remove(number)
                return false
            } catch { return true }
        }
    }

    // MARK: The reserve

    /// Writes what lessens the risk into the room kept back.
    private func writeUrgently(_ record: AuditRecord, time: WallTime, now: Instant) -> AuditError? {
        var bytes: [UInt8] = []
        do throws(DiskFailure) {
            let isNew = current?.isReserve != true
            if isNew {
                abandon(.failed)
                try begin(disk.adoptReserve(nextNumber), isReserve: true, time: time, now: now, &bytes)
            }
            chain.append(record, to: &bytes)
            guard (current?.bytes ?? 0) + bytes.count <= options.reserveBytes else {
                chain.rewind(to: synced)
                return .full
            }
            try put(bytes)
            try sync(isNew: isNew, now: now)
            return nil
        } catch {
            abandon(.failed)
            return error.auditError
        }
    }

    // MARK: What is due besides

    private func upkeep(time: WallTime, now: Instant) {
        if !leftovers.isEmpty { removeLeftovers() }
        if current != nil, !disk.hasReserve, now >= nextReserve {
            nextReserve = now + AuditOptions.reserveInterval
            do throws(DiskFailure) { try disk.makeReserve(bytes: options.reserveBytes) } catch {
                notices.append(.alarm("no room could be kept back for cancellations: \(error.description)"))
            }
        }
        retire(time: time, now: now)
        anchor(now: now)
    }

    /// Tells count and head, if enough has happened since.
    private func anchor(now: Instant) {
        guard synced.sequence > anchored else { return }
        let begin = lastAnchor ?? now
        lastAnchor = begin
        guard synced.sequence - anchored >= options.anchorRecords || now - begin >= options.anchorInterval else {
            return
        }
        anchorNow()
    }

    /// Tells count and head, if there is anything new.
    func anchorNow() {
        guard synced.sequence > anchored else { return }
        anchored = synced.sequence
        lastAnchor = nil
        let anchor = AuditAnchor(synced)
        notices.append(.anchor(anchor))
        try? disk.write(anchor: Array("\(anchor.text)\n".utf8))
    }

    /// Removes the oldest files, once the log says so durably.
    private func retire(time: WallTime, now: Instant) {
        var total = segments.reduce(0) { $0 + $1.bytes }
        var count = 0
        while segments.count - count > 1, let current, segments[count].number != current.number {
            let isOld = segments[count + 1].begunAt + options.retention < time
            guard isOld || total > options.totalBytes else { break }
            total -= segments[count].bytes
            count += 1
        }
        guard count > 0 else { return }
        let first = segments[count]
        let said = note(
            .retired, .retired(segment: first.number, sequence: first.firstSequence, previous: first.firstPrevious),
            time, now)
        guard write(EntryBatch([AuditEntry(record: said, demand: .plain)]), mustSync: true, time: time, now: now) else {
            return
        }
        for segment in segments.prefix(count) {
            do throws(DiskFailure) { try disk.remove(segment.number) } catch {
                notices.append(.alarm("\(AuditFolder.name(segment.number)) could not be removed: \(error.description)"))
            }
        }
        segments.removeFirst(count)
    }

    /// Syncs what is left and says where the log has come to.
    func close(time: WallTime, now: Instant) {
        _ = perform(EntryBatch(), mustSync: true, time: time, now: now)
        anchorNow()
    }

    private func note(_ kind: AuditRecord.Kind, _ note: AuditRecord.Note, _ time: WallTime, _ now: Instant)
        -> AuditRecord
    {
        var record = AuditRecord(kind, time: time, monotonic: now)
        record.note = note
        return record
    }

    private static func day(_ time: WallTime) -> Int { Int(time.seconds / 86_400) }
}
