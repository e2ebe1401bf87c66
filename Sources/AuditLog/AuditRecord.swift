internal import Bytes
public import Clocks

/// One entry of the log before it has its place in the chain.
///
/// The set of members is closed: what is not here is not recorded, so a secret, a header or a URI has no way in. The
/// written form is in docs/audit.md.
public struct AuditRecord: Sendable {
    /// What an entry is about.
    public enum Kind: String, Sendable, CaseIterable {
        /// A request under `/v1`, once it is answered.
        case request
        /// Something is about to leave for a broker.
        case intent
        /// What came of an intent.
        case outcome
        /// The state was put back to an older copy, an order of it was found again, or it agrees with the broker anew.
        case state
        /// The first entry of each file.
        case segment
        /// The end of an earlier file was no entry: what a crash left.
        case recovered
        /// An earlier file does not hold what it should.
        case damaged
        /// The log can be written again.
        case resumed
        /// The oldest files are removed, by the rule of retention.
        case retired
    }

    /// A named value that the caller of the API gave.
    public struct Argument: Sendable, Equatable {
        /// The name, of the list of names that may be recorded.
        public var name: String
        /// The value; what is longer than 256 bytes is cut.
        public var value: String

        /// One argument.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What of the caller's arguments is recorded.
    public struct Arguments: Sendable, Equatable {
        /// Those whose names are on the list.
        public var shown: [Argument]
        /// How many were left out.
        public var redacted: Int

        /// Arguments; none at first.
        public init(shown: [Argument] = [], redacted: Int = 0) {
            self.shown = shown
            self.redacted = redacted
        }
    }

    /// What it is about.
    public var kind: Kind
    /// The wall clock when it happened. It may step back; the order of entries is that of `seq`.
    public var time: WallTime
    /// The monotonic clock at the same moment.
    public var monotonic: Instant
    /// The request's id, as on the answer.
    public var requestID: String?
    /// The name of the key; never the key.
    public var key: String?
    /// The client's address, without its port.
    public var address: String?
    /// The HTTP method.
    public var method: String?
    /// The template of the route; never the path.
    public var route: String?
    /// The account's alias.
    public var account: String?
    /// What is done, such as `order.submit`.
    public var action: String?
    /// The bridge's own id of the order.
    public var orderID: String?
    /// In one word: `ok`, `refused`, `failed`, `unknown`, `not_sent`, `abandoned`.
    public var outcome: String?
    /// The answer's HTTP status.
    public var status: Int?
    /// The code of the answer's problem.
    public var code: String?
    /// The broker's own code.
    public var upstreamCode: String?
    /// The broker's own name of the call.
    public var traceID: String?
    /// From the whole request to its answer.
    public var latency: Duration?
    /// What the rules of risk said, one text each.
    public var verdicts: [String] = []
    /// What the caller gave.
    public var arguments: Arguments?
    /// Fills in what takes time to find out; called on the log's own thread, before the entry is written.
    public var complete: (@Sendable (inout AuditRecord) -> Void)?
    /// What only the log itself writes.
    var note: Note?

    /// An entry with nothing but its kind and its time.
    public init(_ kind: Kind, time: WallTime, monotonic: Instant) {
        self.kind = kind
        self.time = time
        self.monotonic = monotonic
    }

    /// What the log says of itself.
    enum Note: Sendable, Equatable {
        /// The file's number, why it was begun, and how much of the file before it counts.
        case segment(Int, reason: SegmentReason, after: SegmentEnd?)
        /// Bytes behind the last entry of a file, left where they are.
        case recovered(SegmentEnd, tornBytes: Int, tornHash: [UInt8])
        case damaged(segment: Int?, reason: String)
        case resumed(lost: Int)
        /// What is kept begins with this file, whose first entry has this number and this previous hash.
        case retired(segment: Int, sequence: Int, previous: [UInt8])
    }
}

/// Why a file of the log was begun.
enum SegmentReason: String, Sendable, CaseIterable {
    /// The program started.
    case started
    /// The file before it was large enough.
    case size
    /// A new day began (UTC).
    case day
    /// The file before it could not be written.
    case failed
    /// The file before it was removed or changed by somebody else.
    case replaced
    /// Room kept back for cancellations is used: the disk is full.
    case reserve
}

/// How much of a file counts.
struct SegmentEnd: Sendable, Equatable {
    var segment: Int
    var bytes: Int
}

extension AuditRecord {
    /// The longest value of an argument, in bytes.
    static let valueLimit = 256
    /// The longest other text, in bytes.
    static let textLimit = 512
    /// The arguments that are written, at the most.
    static let argumentLimit = 24

    /// Writes its members behind those of the chain.
    func write(to json: inout JSONWriter) {
        AuditRecord.write("request_id", requestID, to: &json)
        writeStart(to: &json)
        if let latency {
            json.key("latency_us")
            json.int(AuditRecord.microseconds(latency))
        }
        writeEnd(to: &json)
    }

    private static func write(_ name: StaticString, _ value: String?, to json: inout JSONWriter) {
        guard let value else { return }
        json.key(name)
        json.string(AuditRecord.cut(value, AuditRecord.textLimit))
    }

    /// Whole microseconds, as they are written.
    static func microseconds(_ latency: Duration) -> Int { max(0, Int(latency.nanosecondsClamped) / 1000) }

    /// What stands between the id and the latency.
    func writeStart(to json: inout JSONWriter) {
        func text(_ name: StaticString, _ value: String?) { AuditRecord.write(name, value, to: &json) }
        text("key", key)
        text("address", address)
        text("method", method)
        text("route", route)
        text("account", account)
        text("action", action)
        text("order_id", orderID)
        text("outcome", outcome)
        if let status {
            json.key("status")
            json.int(status)
        }
        text("code", code)
        text("upstream_code", upstreamCode)
        text("trace_id", traceID)
    }

    /// What stands behind the latency.
    func writeEnd(to json: inout JSONWriter) {
        if !verdicts.isEmpty {
            json.key("verdicts")
            json.beginArray()
            for verdict in verdicts.prefix(32) { json.string(AuditRecord.cut(verdict, AuditRecord.valueLimit)) }
            json.endArray()
        }
        if let arguments { write(arguments, to: &json) }
        note?.write(to: &json)
    }

    private func write(_ arguments: Arguments, to json: inout JSONWriter) {
        if !arguments.shown.isEmpty {
            json.key("arguments")
            json.beginArray()
            for argument in arguments.shown.prefix(AuditRecord.argumentLimit) {
                json.beginArray()
                json.string(AuditRecord.cut(argument.name, 64))
                json.string(AuditRecord.cut(argument.value, AuditRecord.valueLimit))
                json.endArray()
            }
            json.endArray()
        }
        let redacted = arguments.redacted + max(0, arguments.shown.count - AuditRecord.argumentLimit)
        if redacted > 0 {
            json.key("redacted")
            json.int(redacted)
        }
    }

    /// At most `limit` bytes, cut between characters.
    static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: limit)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }
}

extension AuditRecord.Note {
    func write(to json: inout JSONWriter) {
        func number(_ name: StaticString, _ value: Int) {
            json.key(name)
            json.int(value)
        }
        switch self {
        case .segment(let segment, let reason, let after):
            number("segment", segment)
            json.key("reason")
            json.string(reason.rawValue)
            if let after {
                number("after_segment", after.segment)
                number("after_bytes", after.bytes)
            }
        case .recovered(let end, let bytes, let hash):
            number("segment", end.segment)
            number("offset", end.bytes)
            number("torn_bytes", bytes)
            json.key("torn_sha256")
            json.string(Hex.encode(hash))
        case .damaged(let segment, let reason):
            if let segment { number("segment", segment) }
            json.key("reason")
            json.string(AuditRecord.cut(reason, AuditRecord.textLimit))
        case .resumed(let lost):
            number("lost", lost)
        case .retired(let segment, let sequence, let previous):
            number("segment", segment)
            number("from_seq", sequence)
            json.key("from_prev")
            json.string(Hex.encode(previous))
        }
    }
}
