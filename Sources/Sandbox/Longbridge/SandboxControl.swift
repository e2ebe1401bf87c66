internal import Bytes
internal import Clocks
internal import HTTPServing
internal import HTTPWire
internal import LongbridgeWire

/// The control path: faults on demand, for tests and for trying how a program behaves on a bad day.
///
///     POST /sandbox/drop                     every socket breaks
///     POST /sandbox/close   {"code": 5}      every socket is closed with a close code of the vendor
///     POST /sandbox/garbage {"kind": "…"}    truncated, kind, bomb, oversized, command, text of a push
///     POST /sandbox/expire                   no session is good any more
///     POST /sandbox/logins  {"refused": true}
///     POST /sandbox/limit   {"connections": 1}
///     POST /sandbox/freeze  {"frozen": true} no trade happens
///     POST /sandbox/trace   {"symbol": "700.HK"}   records when pushes leave; GET reads
///     GET  /sandbox/counters
extension LongbridgeSandbox {
    func control(_ request: HTTPRequest, _ action: String) -> HTTPResponse {
        let body = (try? JSONValue.parse(request.body)) ?? .null
        switch (request.head.method, action) {
        case (.post, "drop"): for client in clients.values { client.cut() }
        case (.post, "close"):
            let code = Longbridge.Control.Close.Code(rawValue: Int32(clamping: body["code"]?.intValue ?? 2))
            for client in clients.values { client.close(code, "as asked") }
        case (.post, "garbage"):
            let bytes = SandboxGarbage.bytes(body["kind"]?.stringValue ?? "")
            for client in clients.values { client.sendRaw(bytes) }
        case (.post, "expire"): sessions.expireAll()
        case (.post, "logins"): refusesLogins = body["refused"]?.boolValue ?? false
        case (.post, "limit"): connectionLimit = Int(clamping: body["connections"]?.intValue ?? 10)
        case (.post, "freeze"): isFrozen = body["frozen"]?.boolValue ?? true
        case (.post, "trace"):
            traced = body["symbol"]?.stringValue
            trace = []
        case (.get, "trace"): return pushTrace()
        case (.get, "counters"): return counters()
        default: return envelope(code: 404_000, message: "not found", status: 404)
        }
        return envelope(code: 0, message: "success", status: 200)
    }

    private func counters() -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("sockets")
        json.int(clients.count)
        json.key("calls")
        json.beginObject()
        for (name, count) in calls.sorted(by: { $0.key < $1.key }) {
            json.key(dynamic: name)
            json.int(count)
        }
        json.endObject()
        json.endObject()
        return .json(json.bytes)
    }

    private func pushTrace() -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("pushes")
        json.beginArray()
        for row in trace {
            json.beginObject()
            json.key("sequence")
            json.int(row.sequence)
            json.key("kind")
            json.string(row.kind)
            json.key("nanoseconds")
            json.int(row.nanoseconds)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }
}

/// Messages no broker should send.
enum SandboxGarbage {
    static func bytes(_ kind: String) -> [UInt8] {
        switch kind {
        case "kind": [0x0F, 101, 0, 0, 0]
        case "command": [0x03, 99, 0, 0, 0]
        case "body": [0x03, 101, 0, 0, 3, 0xFF, 0xFF, 0xFF]
        case "oversized": [UInt8](repeating: 3, count: 9 << 20)
        case "bomb":
            (try? LongbridgePacket(.push, command: 101, body: [UInt8](repeating: 0, count: 64 << 20))
                .encoded(compressing: true)) ?? []
        default: [0x03, 101, 0, 1]
        }
    }
}
