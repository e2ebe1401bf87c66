internal import Bytes
internal import Cryptography

/// Where the chain has come to: what the next entry is tied to.
struct ChainHead: Sendable, Equatable {
    /// The number of the last entry; 0 before the first.
    var sequence = 0
    /// The SHA-256 of the last entry's line without its line feed; zeros before the first.
    var hash = [UInt8](repeating: 0, count: 32)
}

/// Gives entries their place: a number, the hash of the entry before, and a MAC over all of it.
///
/// A line is `{"seq":…`, the text that ``EntryEncoder`` makes, `,"prev":"…","mac":"…"}` and a line feed. The MAC is
/// HMAC-SHA256 over the line up to, and without, `,"mac":`. Not for two threads at a time.
struct AuditChain {
    private var encoder: EntryEncoder
    private let hasher = SHA256Hasher()
    private let authenticator: HMACSHA256Hasher
    private var mac = [UInt8](repeating: 0, count: 32)
    private(set) var head: ChainHead

    init(key: AuditKey, boot: String, head: ChainHead = ChainHead()) {
        encoder = EntryEncoder(boot: boot)
        authenticator = key.authenticator()
        self.head = head
    }

    private static let start = Array(#"{"seq":"#.utf8)
    private static let previous = Array(#","prev":""#.utf8)

    /// Appends the lines of all entries, and moves the head on to the last.
    mutating func append(_ batch: EntryBatch, to bytes: inout [UInt8]) {
        batch.forEach {
            let start = begin(&bytes)
            bytes += $0
            end(start, &bytes)
        } record: {
            append($0.record, to: &bytes)
        }
    }

    /// Appends the line of `record` and moves the head on to it.
    mutating func append(_ record: AuditRecord, to bytes: inout [UInt8]) {
        let start = begin(&bytes)
        if let complete = record.complete {
            var record = record
            record.complete = nil
            complete(&record)
            encoder.append(record, to: &bytes)
        } else {
            encoder.append(record, to: &bytes)
        }
        end(start, &bytes)
    }

    private func begin(_ bytes: inout [UInt8]) -> Int {
        let start = bytes.count
        bytes += AuditChain.start
        bytes += String(head.sequence + 1).utf8
        return start
    }

    private mutating func end(_ start: Int, _ bytes: inout [UInt8]) {
        bytes += AuditChain.previous
        Hex.append(head.hash, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        authenticator.authenticate(bytes[start...], into: &mac)
        bytes += AuditLine.macStart
        Hex.append(mac, to: &bytes)
        bytes += AuditLine.lineEnd
        head.sequence += 1
        hasher.digest(bytes[start...], into: &head.hash)
        bytes.append(0x0A)
    }

    /// Takes back what was appended since `head` was this.
    mutating func rewind(to head: ChainHead) {
        self.head = head
    }
}
