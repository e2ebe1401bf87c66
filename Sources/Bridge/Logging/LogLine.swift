internal import Bytes
internal import Clocks

/// Writes one record as one line of JSON, ending in a line feed.
///
/// A line is at most `maximumLength` bytes: that many a pipe takes whole or not at all. Texts are cut first; if that is not
/// enough the fields are left out and the line says so.
struct LogLine {
    /// PIPE_BUF of Linux, in bytes, line feed included.
    static let maximumLength = 4096
    private static let textLimits = [1024, 256, 32]

    let time: WallTime
    let level: LogLevel
    let event: StaticString
    let fields: [LogField]

    var encoded: [UInt8] {
        for limit in Self.textLimits {
            let line = encode(fields, textLimit: limit, isCut: false)
            if line.count <= Self.maximumLength { return line }
        }
        return encode([], textLimit: 0, isCut: true)
    }

    private func encode(_ fields: [LogField], textLimit: Int, isCut: Bool) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.beginObject()
        json.key("time")
        json.string(time.rfc3339)
        json.key("level")
        json.string(level.rawValue)
        json.key("event")
        json.string(event.description)
        for field in fields { write(field, to: &json, textLimit: textLimit) }
        if isCut {
            json.key("truncated")
            json.bool(true)
        }
        json.endObject()
        return json.bytes + [0x0a]
    }

    private func write(_ field: LogField, to json: inout JSONWriter, textLimit: Int) {
        func text(_ name: StaticString, _ value: String) {
            json.key(name)
            json.string(Self.cut(value, textLimit))
        }
        func integer(_ name: StaticString, _ value: Int) {
            json.key(name)
            json.int(value)
        }
        func milliseconds(_ name: StaticString, _ value: Duration) {
            json.key(name)
            json.raw(Self.milliseconds(value).utf8)
        }
        switch field {
        case .requestID(let value): text("request_id", value)
        case .method(let value): text("method", value)
        case .route(let value): text("route", value)
        case .status(let value): integer("status", value)
        case .bytes(let value): integer("bytes", value)
        case .duration(let value): milliseconds("duration_ms", value)
        case .peer(let value): text("peer", value)
        case .key(let value): text("key", value)
        case .account(let value): text("account", value)
        case .link(let value): text("link", value)
        case .state(let value): text("state", value)
        case .reason(let value): text("reason", value)
        case .code(let value): text("code", value)
        case .count(let value): integer("count", value)
        case .attempt(let value): integer("attempt", value)
        case .delay(let value): milliseconds("delay_ms", value)
        case .address(let value): text("address", value)
        case .path(let value): text("path", value)
        case .pid(let value): integer("pid", value)
        case .limit(let value): integer("limit", value)
        case .stream(let value): text("stream", value)
        case .setting(let value): text("setting", value)
        case .signal(let value): text("signal", value)
        case .version(let value): text("version", value)
        case .traceID(let value): text("trace_id", value)
        case .hash(let value): text("hash", value)
        case .command(let value): integer("command", value)
        }
    }

    /// At most `limit` bytes of UTF-8 and an ellipsis, cut between characters.
    private static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var bytes = 0
        let kept = text.unicodeScalars.prefix { scalar in
            bytes += UTF8.width(scalar)
            return bytes <= limit
        }
        return String(kept) + "…"
    }

    /// Milliseconds with microseconds behind the point, without a floating point number in between.
    private static func milliseconds(_ duration: Duration) -> String {
        let microseconds = max(0, duration.nanosecondsClamped / 1000)
        let fraction = String(microseconds % 1000)
        return "\(microseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
