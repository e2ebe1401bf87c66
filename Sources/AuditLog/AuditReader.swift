internal import Bytes
internal import EventLoops

/// Work for the reading thread.
struct AuditReadJob: Sendable {
    var run: @Sendable (AuditReader) -> Void
}

/// Finds entries in the files. Lives on its own thread; the indices it makes stay in memory, about a megabyte for a million
/// entries.
final class AuditReader {
    private let folder: AuditFolder
    private var indices: [Int: SegmentIndex] = [:]

    /// Bytes that are indexed at a time.
    private static let indexStep = 8 << 20
    /// Bytes of entries that are given at a time.
    static let pieceBytes = 256 << 10

    init(_ folder: AuditFolder) {
        self.folder = folder
    }

    static func thread(_ folder: AuditFolder) -> WorkerThread<JobQueue<AuditReadJob>>? {
        // Made here, used on the thread only.
        let held = UncheckedReader(AuditReader(folder))
        return WorkerThread(
            "audit-reader", JobQueue<AuditReadJob>(), limit: 256,
            .init(enough: 1) { job in
                job?.run(held.reader)
                return nil
            } end: {
            })
    }

    private struct UncheckedReader: @unchecked Sendable {
        let reader: AuditReader
        init(_ reader: AuditReader) { self.reader = reader }
    }

    /// Indexes a step further. `true` once all of the files are indexed.
    func index(_ segments: [SegmentInfo]) throws(DiskFailure) -> Bool {
        let present = Set(segments.map(\.number))
        if indices.contains(where: { !present.contains($0.key) }) {
            indices = indices.filter { present.contains($0.key) }
        }
        for segment in segments {
            var index = indices[segment.number] ?? SegmentIndex()
            guard index.end < segment.bytes else { continue }
            let count = min(Self.indexStep, segment.bytes - index.end)
            let before = index.end
            index.extend(with: try SegmentReading.read(folder.path(of: segment.number), from: index.end, count: count))
            indices[segment.number] = index
            // A file that has become shorter than it was is for `verify` to name, not for us to wait on.
            if index.end == before { continue }
            return false
        }
        return true
    }

    /// A part of a page: entries as they are written, newest first.
    struct Part: Sendable {
        var lines: [[UInt8]] = []
        /// Where to go on; `nil` at the end of the log.
        var before: Int?
    }

    /// Looks through the blocks that may hold something, newest first, for a while.
    func part(_ query: AuditQuery, limit: Int, _ segments: [SegmentInfo]) throws(DiskFailure) -> Part {
        let wanted = query.wanted
        var part = Part()
        var visited = 0
        for segment in segments.reversed() {
            for block in (indices[segment.number]?.blocks ?? []).reversed() where query.mayHold(block, wanted) {
                guard visited < 64 else {
                    part.before = block.lastSequence + 1
                    return part
                }
                visited += 1
                for line in try lines(of: block, in: segment).reversed() where query.holds(line, wanted) {
                    guard part.lines.count < limit else {
                        part.before = line.sequence.map { $0 + 1 }
                        return part
                    }
                    part.lines.append(Array(line.bytes))
                }
            }
        }
        return part
    }

    /// A piece of an export: entries as they are written, oldest first.
    struct Piece: Sendable {
        /// Lines with their line feeds.
        var bytes: [UInt8] = []
        /// The last entry that was looked at; `nil` at the end of the log.
        var after: Int?
    }

    /// Entries behind number `after`, oldest first, for a while.
    func piece(_ query: AuditQuery, after: Int, _ segments: [SegmentInfo]) throws(DiskFailure) -> Piece {
        let wanted = query.wanted
        var piece = Piece()
        var visited = 0
        for segment in segments {
            for block in indices[segment.number]?.blocks ?? [] where block.lastSequence > after {
                guard query.mayHold(block, wanted) else { continue }
                guard visited < 64, piece.bytes.count < AuditReader.pieceBytes else {
                    piece.after = block.firstSequence - 1
                    return piece
                }
                visited += 1
                for line in try lines(of: block, in: segment) where query.holds(line, wanted) {
                    guard let sequence = line.sequence, sequence > after else { continue }
                    piece.bytes += line.bytes
                    piece.bytes.append(0x0A)
                }
            }
        }
        return piece
    }

    private func lines(of block: SegmentIndex.Block, in segment: SegmentInfo) throws(DiskFailure) -> [AuditLine] {
        let bytes = try SegmentReading.read(folder.path(of: segment.number), from: block.offset, count: block.bytes)
        var lines: [AuditLine] = []
        lines.reserveCapacity(block.entries)
        var index = 0
        while let end = bytes[index...].firstIndex(of: 0x0A) {
            if let line = AuditLine(bytes[index..<end]) { lines.append(line) }
            index = end + 1
        }
        return lines
    }
}

/// Entries, newest first.
public struct AuditPage: Sendable {
    /// Lines of the log without their line feeds: JSON objects.
    public var lines: [[UInt8]]
    /// What to give as ``AuditQuery/before`` for the next page; `nil` when there is none.
    public var next: Int?
}

extension AuditLog {
    /// Entries, newest first: those appended before the call included, as far as the disk has them.
    public func page(_ query: AuditQuery, limit: Int) async throws(AuditError) -> AuditPage {
        // What cannot be written cannot be read either; what is there can.
        try? await flush()
        try await index()
        var query = query
        var page = AuditPage(lines: [], next: nil)
        while !Task.isCancelled {
            // One more than asked for tells whether there is a next page.
            let (current, segments, wanted) = (query, segments, limit + 1 - page.lines.count)
            let part = try await read { reader throws(DiskFailure) in
                try reader.part(current, limit: wanted, segments)
            }
            page.lines += part.lines
            if page.lines.count > limit {
                page.lines.removeLast(page.lines.count - limit)
                page.next = page.lines.last.flatMap { AuditLine($0[...])?.sequence }
                return page
            }
            guard let before = part.before else { return page }
            query.before = before
        }
        return page
    }

    /// Entries behind number `after`, oldest first, a few hundred kilobytes of lines at a time; `next` is where to go on.
    public func piece(
        _ query: AuditQuery, after: Int
    ) async throws(AuditError) -> (bytes: [UInt8], next: Int?) {
        if after == 0 { try? await flush() }
        try await index()
        let segments = segments
        let piece = try await read { reader throws(DiskFailure) in try reader.piece(query, after: after, segments) }
        return (piece.bytes, piece.after)
    }

    /// Gives the entries of a log that may be in use, oldest first, to `write` until it says `false`. Blocks the caller.
    public nonisolated static func export(
        state: String, _ query: AuditQuery, write: ([UInt8]) -> Bool
    ) throws(AuditError) {
        do throws(DiskFailure) {
            let folder = try AuditFolder("\(state)/audit", anchorPath: "\(state)/audit.anchor")
            let segments = try AuditRecovery.segments(folder, folder.numbers())
            let reader = AuditReader(folder)
            while try !reader.index(segments) {}
            var after: Int? = 0
            while let from = after {
                let piece = try reader.piece(query, after: from, segments)
                guard write(piece.bytes) else { return }
                after = piece.after
            }
        } catch { throw error.auditError }
    }

    /// Judges everything that is on the disk now.
    ///
    /// - Parameter anchors: those kept in a second place; the one beside the log is added.
    public func verify(anchors: [AuditAnchor] = []) async throws(AuditError) -> AuditVerification {
        try? await flush()
        let (folder, key, bounds) = (folder, key, segments)
        let held = try await read { _ throws(DiskFailure) in
            HeldVerifier(try AuditVerifier(folder, key: key, anchors: anchors, bounds: bounds))
        }
        // File by file, so that others may read in between.
        while !Task.isCancelled {
            let result = try await read { _ throws(DiskFailure) -> AuditVerification? in
                if held.verifier.isFinished { return held.verifier.finish() }
                try held.verifier.step()
                return nil
            }
            if let result { return result }
        }
        throw .closed
    }

    /// Used by one job at a time.
    private final class HeldVerifier: @unchecked Sendable {
        var verifier: AuditVerifier
        init(_ verifier: AuditVerifier) { self.verifier = verifier }
    }

    /// Makes the index whole. After a start that takes a moment for a log of millions of entries.
    public func index() async throws(AuditError) {
        let segments = segments
        while !Task.isCancelled {
            let isDone = try await read { reader throws(DiskFailure) in try reader.index(segments) }
            if isDone { return }
        }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (AuditReader) throws(DiskFailure) -> Value
    ) async throws(AuditError) -> Value {
        let result: Result<Value, AuditError> = await withCheckedContinuation { continuation in
            let job = AuditReadJob { reader in
                do throws(DiskFailure) {
                    let value = try body(reader)
                    EventLoop.main.execute { continuation.resume(returning: .success(value)) }
                } catch {
                    let failure = error.auditError
                    EventLoop.main.execute { continuation.resume(returning: .failure(failure)) }
                }
            }
            if !readers.add(isUrgent: true, { $0.append(job) }) {
                continuation.resume(returning: .failure(readers.isClosed ? .closed : .overloaded))
            }
        }
        return try result.get()
    }
}
