/// Reads the files of a log and has them judged. It changes nothing, and may run beside the program that writes.
public struct AuditVerifier {
    private let folder: AuditFolder
    private let key: AuditKey
    private var machine: ChainVerifier
    private let bounds: [Int: Int]
    private var numbers: [Int]
    private var headers: [Int: ChainVerifier.Header] = [:]

    /// A part of the work: this many bytes are read at a time.
    private static let chunk = 1 << 20

    /// A verifier of what is on the disk.
    ///
    /// - Parameters:
    ///   - state: the state folder.
    ///   - anchors: those kept in a second place; the one beside the log is added.
    public init(state: String, key: AuditKey, anchors: [AuditAnchor] = []) throws(AuditError) {
        do throws(DiskFailure) {
            let folder = try AuditFolder("\(state)/audit", anchorPath: "\(state)/audit.anchor")
            try self.init(folder, key: key, anchors: anchors, bounds: nil)
        } catch { throw error.auditError }
    }

    /// - Parameter bounds: how many bytes of each file count now; the files are all that there are if it is absent.
    init(
        _ folder: AuditFolder, key: AuditKey, anchors: [AuditAnchor], bounds: [SegmentInfo]?
    ) throws(DiskFailure) {
        self.folder = folder
        self.key = key
        let kept = AuditRecovery.anchor(folder.anchorPath)
        machine = ChainVerifier(key: key, anchors: anchors + [kept].compactMap { $0 })
        let present = try folder.numbers()
        if let bounds {
            self.bounds = Dictionary(uniqueKeysWithValues: bounds.map { ($0.number, $0.bytes) })
            // A file begun since is not ours to judge; one that is missing is.
            numbers = present.filter { $0 <= bounds.last?.number ?? 0 }
        } else {
            self.bounds = [:]
            numbers = present
        }
        for number in numbers {
            let start = try SegmentReading.read(folder.path(of: number), from: 0, count: 4096)
            if let end = start.firstIndex(of: 0x0A) { headers[number] = machine.header(start[..<end]) }
        }
    }

    /// All at once.
    public mutating func run() throws(AuditError) -> AuditVerification {
        do throws(DiskFailure) {
            while !numbers.isEmpty, machine.result.failure == nil { try step() }
        } catch { throw error.auditError }
        machine.finish()
        return machine.result
    }

    /// Whether there is more to read.
    var isFinished: Bool { numbers.isEmpty || machine.result.failure != nil }

    /// What was found; to be asked for once it is finished.
    mutating func finish() -> AuditVerification {
        machine.finish()
        return machine.result
    }

    /// Judges one file.
    mutating func step() throws(DiskFailure) {
        guard let number = numbers.first else { return }
        numbers.removeFirst()
        let path = folder.path(of: number)
        let next = numbers.first.flatMap { headers[$0] }
        var size = try SegmentReading.size(path)
        // The last file may be growing: only what was synced when we began is judged.
        if numbers.isEmpty, let bound = bounds[number] { size = min(size, bound) }
        var failure: DiskFailure?
        let counted = machine.begin(number, size: size, next: next) { end in
            do throws(DiskFailure) {
                return try SegmentReading.read(path, from: end.bytes, count: size - end.bytes)
            } catch {
                failure = error
                return []
            }
        }
        if let failure { throw failure }
        var offset = 0
        var rest: [UInt8] = []
        while offset + rest.count < counted, machine.result.failure == nil {
            let start = offset + rest.count
            let bytes = rest + (try SegmentReading.read(path, from: start, count: min(Self.chunk, counted - start)))
            guard bytes.count > rest.count else { break }
            var index = 0
            while let end = bytes[index...].firstIndex(of: 0x0A) {
                machine.line(bytes[index..<end], offset: offset + index)
                index = end + 1
            }
            rest = Array(bytes[index...])
            offset += index
            if rest.count > AuditLine.maximumLength { break }
        }
        if !rest.isEmpty {
            if numbers.isEmpty {
                machine.openEnd(rest[...], offset: offset)
            } else {
                machine.line(rest[...], offset: offset)
            }
        }
        machine.end(number, size: size, counted: counted, next: next)
    }
}
