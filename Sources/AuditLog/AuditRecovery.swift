internal import Bytes
internal import Clocks
internal import Cryptography

/// What was found when the log was opened, and where it goes on.
struct AuditRecovery {
    var head = ChainHead()
    /// How much of the last file counts.
    var end: SegmentEnd?
    var nextNumber = 1
    var segments: [SegmentInfo] = []
    /// Entries about what was found, to be written first.
    var notes: [AuditRecord] = []

    /// An empty log.
    init() {}

    /// Reads the folder. Nothing in a file is changed; a file without one entry is renamed.
    init(
        _ folder: AuditFolder, key: AuditKey, time: WallTime, now: Instant
    ) throws(DiskFailure) {
        var numbers = try folder.numbers()
        nextNumber = (numbers.last ?? 0) + 1
        func note(_ kind: AuditRecord.Kind, _ note: AuditRecord.Note) {
            var record = AuditRecord(kind, time: time, monotonic: now)
            record.note = note
            notes.append(record)
        }
        while let number = numbers.last {
            let path = folder.path(of: number)
            let bytes = try SegmentReading.read(path, from: 0, count: SegmentReading.size(path))
            let scan = SegmentScan(bytes, key: key)
            if let head = scan.head {
                self.head = head
                end = SegmentEnd(segment: number, bytes: scan.validBytes)
                let tail = bytes[scan.validBytes...]
                if scan.isDamaged {
                    note(.damaged, .damaged(segment: number, reason: "an entry inside the file does not verify"))
                } else if !tail.isEmpty {
                    note(
                        .recovered,
                        .recovered(
                            SegmentEnd(segment: number, bytes: scan.validBytes), tornBytes: tail.count,
                            tornHash: Digest.sha256(Array(tail))))
                }
                break
            }
            // Begun when the machine stopped: no entry of it was ever promised.
            numbers.removeLast()
            if bytes.isEmpty {
                try folder.remove(number)
            } else {
                try folder.setAside(number)
                note(
                    .recovered,
                    .recovered(
                        SegmentEnd(segment: number, bytes: 0), tornBytes: bytes.count, tornHash: Digest.sha256(bytes)))
            }
        }
        segments = try AuditRecovery.segments(folder, numbers)
        if let end, let last = segments.indices.last, segments[last].number == end.segment {
            segments[last].bytes = end.bytes
        }
        if let anchor = AuditRecovery.anchor(folder.anchorPath) {
            let isOther = anchor.sequence == head.sequence && anchor.hash != head.hash
            if anchor.sequence > head.sequence || isOther {
                note(
                    .damaged,
                    .damaged(
                        segment: nil,
                        reason: "the log ends with entry \(head.sequence), its anchor is entry \(anchor.sequence)"))
            }
        }
    }

    /// The files as far as they count: as the header of the next one says.
    static func segments(_ folder: AuditFolder, _ numbers: [Int]) throws(DiskFailure) -> [SegmentInfo] {
        var segments: [SegmentInfo] = []
        for number in numbers {
            guard let (info, after) = try SegmentInfo.read(number, folder) else { continue }
            if let after, let last = segments.indices.last, segments[last].number == after.segment {
                segments[last].bytes = min(segments[last].bytes, after.bytes)
            }
            segments.append(info)
        }
        return segments
    }

    /// The anchor kept beside the log.
    static func anchor(_ path: String) -> AuditAnchor? {
        guard let bytes = try? SegmentReading.read(path, from: 0, count: 256) else { return nil }
        return AuditAnchor(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
    }
}

extension SegmentInfo {
    /// Reads the first line of a file; `nil` for one that does not begin as a file of the log does.
    static func read(
        _ number: Int, _ folder: AuditFolder
    ) throws(DiskFailure) -> (info: SegmentInfo, after: SegmentEnd?)? {
        let path = folder.path(of: number)
        let start = try SegmentReading.read(path, from: 0, count: 4096)
        guard let end = start.firstIndex(of: 0x0A), let line = AuditLine(start[..<end]), let sequence = line.sequence,
            let previous = line.previous, let time = line.time
        else { return nil }
        let info = SegmentInfo(
            number: number, firstSequence: sequence, firstPrevious: previous, begunAt: time,
            bytes: try SegmentReading.size(path))
        return (info, line.segmentEnd)
    }
}

/// The entries of one file: how far they verify, and whether more come behind one that does not.
private struct SegmentScan {
    var head: ChainHead?
    var validBytes = 0
    var isDamaged = false

    init(_ bytes: [UInt8], key: AuditKey) {
        let (authenticator, hasher) = (key.authenticator(), SHA256Hasher())
        var own: [UInt8] = []
        var index = 0
        var isBroken = false
        while let end = bytes[index...].firstIndex(of: 0x0A) {
            defer { index = end + 1 }
            guard let line = AuditLine(bytes[index..<end]), let mac = line.mac, let sequence = line.sequence else {
                isBroken = true
                continue
            }
            authenticator.authenticate(line.signed, into: &own)
            guard constantTimeEquals(own, mac) else {
                isBroken = true
                continue
            }
            // An entry behind one that is none: not what a crash leaves.
            if isBroken { isDamaged = true }
            var head = ChainHead(sequence: sequence, hash: [])
            hasher.digest(line.bytes, into: &head.hash)
            self.head = head
            validBytes = end + 1
        }
    }
}
