internal import Bytes
internal import Clocks
internal import Cryptography

/// Where the chain has come to: what the next entry is tied to.
struct ChainHead: Sendable, Equatable {
    /// The number of the last entry; 0 before the first.
    var sequence = 0
    /// The SHA-256 of the last entry's line without its line feed; zeros before the first.
    var hash = [UInt8](repeating: 0, count: 32)
}

/// Gives records their place: a number, the hash of the entry before, and a MAC over all of it.
///
/// A line is `{"seq":…,"time":…,"boot":…,"mono_ns":…,"kind":…,` the record's members `,"prev":"…","mac":"…"}` and a line
/// feed. The MAC is HMAC-SHA256 over the line up to, and without, `,"mac":`.
struct AuditChain: Sendable {
    let key: AuditKey
    /// Names this run of the program.
    let boot: String
    private(set) var head: ChainHead

    init(key: AuditKey, boot: String, head: ChainHead = ChainHead()) {
        self.key = key
        self.boot = boot
        self.head = head
    }

    /// Appends the line of `record` and moves the head on to it.
    mutating func append(_ record: AuditRecord, to bytes: inout [UInt8]) {
        var record = record
        if let complete = record.complete {
            record.complete = nil
            complete(&record)
        }
        var json = JSONWriter(capacity: 640)
        json.beginObject()
        json.key("seq")
        json.int(head.sequence + 1)
        json.key("time")
        json.string(record.time.rfc3339)
        json.key("boot")
        json.string(boot)
        json.key("mono_ns")
        json.int(record.monotonic.nanoseconds)
        json.key("kind")
        json.string(record.kind.rawValue)
        record.write(to: &json)
        json.key("prev")
        json.string(Hex.encode(head.hash))
        var line = json.bytes
        let mac = key.mac(of: line)
        line += AuditLine.macStart
        line += Array(Hex.encode(mac).utf8)
        line += AuditLine.lineEnd
        head = ChainHead(sequence: head.sequence + 1, hash: Digest.sha256(line))
        bytes += line
        bytes.append(0x0A)
    }

    /// Takes back what was appended since `head` was this.
    mutating func rewind(to head: ChainHead) {
        self.head = head
    }
}
