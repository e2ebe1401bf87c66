internal import Bytes
internal import Clocks

/// What an entry has in common with others, as text: all but its number, its id, its times and its place in the chain.
///
/// The reads of a busy client differ in nothing else; to encode the rest anew for each costs more than the read.
public struct SharedMembers: Sendable {
    /// Up to the value of `request_id`.
    let start: [UInt8]
    /// From there up to the value of `latency_us`.
    let middle: [UInt8]
    /// From there on.
    let end: [UInt8]

    /// Those of a record; its id, its times and its latency are given with each entry.
    public init(of record: AuditRecord) {
        var (start, middle, end) = ([UInt8](), [UInt8](), [UInt8]())
        JSONWriter.appendMembers(to: &start) {
            $0.key("kind")
            $0.string(record.kind.rawValue)
            $0.key("request_id")
        }
        JSONWriter.appendMembers(to: &middle) {
            record.writeStart(to: &$0)
            $0.key("latency_us")
        }
        JSONWriter.appendMembers(to: &end) { record.writeEnd(to: &$0) }
        (self.start, self.middle, self.end) = (start, middle, end)
    }
}

/// Makes the text of an entry between its number and its place in the chain: `,"time":…,"boot":…,"mono_ns":…,"kind":…` and
/// the record's own members.
struct EntryEncoder: Sendable {
    /// Between `time` and the value of `mono_ns`.
    private let boot: [UInt8]
    /// The time that was written last, and its text up to the value of `mono_ns`: many entries have the same millisecond.
    private var last: (time: WallTime, text: [UInt8])?

    /// - Parameter boot: names this run of the program.
    init(boot: String) {
        var text: [UInt8] = []
        JSONWriter.appendMembers(to: &text) {
            $0.key("boot")
            $0.string(boot)
            $0.key("mono_ns")
        }
        self.boot = text
    }

    /// Appends the text of a record, which must be complete.
    mutating func append(_ record: AuditRecord, to bytes: inout [UInt8]) {
        begin(record.time, record.monotonic, &bytes)
        JSONWriter.appendMembers(to: &bytes) { json in
            json.key("kind")
            json.string(record.kind.rawValue)
            record.write(to: &json)
        }
    }

    /// Appends the text of an entry that has all but these in common with others.
    mutating func append(
        _ members: SharedMembers, requestID: String, time: WallTime, monotonic: Instant, latency: Duration,
        to bytes: inout [UInt8]
    ) {
        begin(time, monotonic, &bytes)
        bytes += members.start
        JSONWriter.appendValue(to: &bytes) { $0.string(AuditRecord.cut(requestID, AuditRecord.textLimit)) }
        bytes += members.middle
        JSONWriter.appendValue(to: &bytes) { $0.int(AuditRecord.microseconds(latency)) }
        bytes += members.end
    }

    private mutating func begin(_ time: WallTime, _ monotonic: Instant, _ bytes: inout [UInt8]) {
        if last?.time != time {
            var text: [UInt8] = []
            JSONWriter.appendMembers(to: &text) {
                $0.key("time")
                $0.string(time.rfc3339)
            }
            last = (time, text + boot)
        }
        if let last { bytes += last.text }
        JSONWriter.appendValue(to: &bytes) { $0.int(Int(monotonic.nanoseconds)) }
    }
}
