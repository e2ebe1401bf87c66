internal import Bytes
internal import Cryptography

/// What came of a verification.
public struct AuditVerification: Sendable, Equatable {
    /// The first place where the log is not what was written.
    public struct Break: Sendable, Equatable {
        /// The file's number; `nil` where none can be named.
        public var segment: Int?
        /// Where in the file, in bytes.
        public var offset: Int?
        /// The entry that should stand there.
        public var sequence: Int
        /// What is wrong, for people.
        public var reason: String
    }

    /// Entries that verify, up to the first break.
    public internal(set) var entries = 0
    /// The number of the first entry there is.
    public internal(set) var firstSequence: Int?
    /// The last entry that verifies.
    public internal(set) var head: AuditAnchor?
    /// Files that were read.
    public internal(set) var segments = 0
    /// Ends of files that a crash left, each sealed by an entry.
    public internal(set) var recovered = 0
    /// Bytes behind the last entry that are not sealed yet: the program was killed and has not been started since.
    public internal(set) var openBytes = 0
    /// The newest anchor that agrees; entries behind it could have been cut off unseen.
    public internal(set) var anchoredThrough: Int?
    /// Anchors that agree.
    public internal(set) var anchors = 0
    /// What is wrong; `nil` when all of it holds.
    public internal(set) var failure: Break?
}

/// Judges the files of a log, line by line, without reading them itself: no I/O here.
///
/// Call ``begin(_:size:next:)`` for each file in order, ``line(_:offset:)`` for each of its lines that counts, and
/// ``finish()`` at the end. After the first break everything is ignored.
struct ChainVerifier {
    /// The first line of a file, as far as it is needed before the file itself is read.
    struct Header: Equatable {
        var segment: Int
        var after: SegmentEnd?
        var reason: SegmentReason
    }

    private let authenticator: HMACSHA256Hasher
    private let hasher = SHA256Hasher()
    private let anchors: [Int: [AuditAnchor]]
    private var head: ChainHead?
    private var segment: Int?
    private var expectsHeader = false
    private var previousSegment: Int?
    private var firstPrevious: [UInt8]?
    private var firstSegment: Int?
    private var isBeginningExplained = true
    private var tails: [Int: (offset: Int, bytes: Int, hash: [UInt8], sequence: Int)] = [:]
    private(set) var result = AuditVerification()

    init(key: AuditKey, anchors: [AuditAnchor]) {
        authenticator = key.authenticator()
        self.anchors = Dictionary(grouping: Set(anchors), by: \.sequence)
    }

    private var next: Int { (head?.sequence ?? 0) + 1 }

    private mutating func fail(_ reason: String, offset: Int? = nil) {
        guard result.failure == nil else { return }
        result.failure = AuditVerification.Break(segment: segment, offset: offset, sequence: next, reason: reason)
    }

    /// Reads the header of a file, whatever it is worth.
    func header(_ bytes: ArraySlice<UInt8>) -> Header? {
        guard let line = AuditLine(bytes), isSigned(line), line.kind == .segment, let segment = line.integer("segment"),
            let reason = line.text("reason").flatMap({ SegmentReason(rawValue: $0) })
        else { return nil }
        return Header(segment: segment, after: line.segmentEnd, reason: reason)
    }

    private func isSigned(_ line: AuditLine) -> Bool {
        guard let mac = line.mac else { return false }
        var own: [UInt8] = []
        authenticator.authenticate(line.signed, into: &own)
        return constantTimeEquals(own, mac)
    }

    /// A file begins.
    ///
    /// - Parameters:
    ///   - tail: what stands behind the part that counts, for a file that is followed by another.
    ///   - next: the header of the file behind it.
    /// - Returns: how many of its bytes count.
    mutating func begin(
        _ number: Int, size: Int, next: Header?, tail: (SegmentEnd) -> [UInt8]
    ) -> Int {
        segment = number
        expectsHeader = true
        result.segments += 1
        guard let next, let after = next.after else { return size }
        guard after.segment == number else { return size }
        guard after.bytes <= size else {
            // What is there is judged first: the break is where it ends.
            return size
        }
        if after.bytes < size, next.reason == .started || next.reason == .size || next.reason == .day {
            let bytes = tail(after)
            tails[number] = (after.bytes, bytes.count, Digest.sha256(bytes), 0)
        }
        return after.bytes
    }

    /// The next line of the file, without its line feed.
    mutating func line(_ bytes: ArraySlice<UInt8>, offset: Int) {
        guard result.failure == nil else { return }
        guard let line = AuditLine(bytes) else { return fail("this is no entry", offset: offset) }
        guard isSigned(line) else { return fail("the MAC does not verify", offset: offset) }
        guard let sequence = line.sequence, let previous = line.previous, let kind = line.kind else {
            return fail("this is no entry", offset: offset)
        }
        if let head {
            guard sequence == head.sequence + 1 else {
                return fail("entry \(sequence) stands where \(head.sequence + 1) should", offset: offset)
            }
            guard previous == head.hash else {
                return fail("it is not tied to the entry before", offset: offset)
            }
        } else {
            result.firstSequence = sequence
            firstPrevious = previous
            firstSegment = segment
            isBeginningExplained = sequence == 1 && previous == ChainHead().hash
        }
        guard judge(line, kind, offset) else { return }
        var head = ChainHead(sequence: sequence, hash: [])
        hasher.digest(bytes, into: &head.hash)
        for anchor in anchors[sequence] ?? [] {
            guard anchor.hash == head.hash else {
                return fail("it is another entry than its anchor says", offset: offset)
            }
            result.anchors += 1
            result.anchoredThrough = sequence
        }
        self.head = head
        result.entries += 1
        result.head = AuditAnchor(head)
    }

    private mutating func judge(_ line: AuditLine, _ kind: AuditRecord.Kind, _ offset: Int) -> Bool {
        if expectsHeader {
            expectsHeader = false
            guard kind == .segment, line.integer("segment") == segment else {
                fail("the file does not begin as file \(segment ?? 0) of the log", offset: offset)
                return false
            }
            if let before = previousSegment, line.segmentEnd?.segment != before {
                fail("file \(line.segmentEnd?.segment ?? before + 1) is missing", offset: offset)
                return false
            }
            previousSegment = segment
            return true
        }
        switch kind {
        case .recovered:
            result.recovered += 1
            guard let segment = line.integer("segment"), let tail = tails[segment] else { return true }
            guard tail.offset == line.integer("offset"), tail.bytes == line.integer("torn_bytes"),
                tail.hash == line.hash("torn_sha256")
            else {
                fail("what a crash left in file \(segment) was changed since", offset: offset)
                return false
            }
            tails[segment] = nil
        case .retired where line.integer("segment") == firstSegment:
            isBeginningExplained =
                isBeginningExplained
                || (line.integer("from_seq") == result.firstSequence && line.hash("from_prev") == firstPrevious)
        case .segment:
            fail("a file begins inside a file", offset: offset)
            return false
        case .request, .intent, .outcome, .state, .damaged, .resumed, .retired: break
        }
        return true
    }

    /// A file ends: `size` bytes were there, `counted` of them were given as lines.
    mutating func end(_ number: Int, size: Int, counted: Int, next: Header?) {
        let place = self.next
        tails[number]?.sequence = place
        guard result.failure == nil, let next else { return }
        if let after = next.after, after.segment == number, after.bytes > size {
            fail("the file is cut off: \(size) of \(after.bytes) bytes are left", offset: size)
        }
    }

    /// The last file ends in bytes that are no line.
    mutating func openEnd(_ bytes: ArraySlice<UInt8>, offset: Int) {
        guard result.failure == nil, !bytes.isEmpty else { return }
        // A whole entry whose line end alone is wrong was not left by a crash.
        if let line = AuditLine(bytes.dropLast()), isSigned(line) {
            return fail("its line end is damaged", offset: offset)
        }
        result.openBytes = bytes.count
    }

    /// All files were given.
    mutating func finish() {
        segment = nil
        if result.failure == nil, !isBeginningExplained {
            result.failure = AuditVerification.Break(
                segment: firstSegment, offset: 0, sequence: 1,
                reason:
                    "entries before \(result.firstSequence ?? 1) are missing, and no entry says that they were retired")
        }
        if let segment = tails.keys.min(), let tail = tails[segment] {
            result.failure =
                result.failure
                ?? AuditVerification.Break(
                    segment: segment, offset: tail.offset, sequence: tail.sequence,
                    reason: "\(tail.bytes) bytes stand behind the last entry of file \(segment)")
        }
        let last = head?.sequence ?? 0
        if let anchor = anchors.keys.filter({ $0 > last }).max() {
            fail("the log ends with entry \(last), its anchor is entry \(anchor)")
        }
    }
}
