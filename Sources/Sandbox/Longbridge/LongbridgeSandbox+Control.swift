internal import Bytes
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// The control path: faults on demand over HTTP, for tests in any language. docs/sandbox.md lists it.
///
/// It answers on a loopback connection only, and no web page: a request must name the address it came in at as its host,
/// and have no `Origin`.
extension LongbridgeSandbox {
    static let controlPath = "/sandbox/"

    func control(_ request: HTTPRequest) -> HTTPResponse {
        let isOurs = HostPolicy().allows(
            request.head.authority, localIP: request.local.ip, localPort: request.local.port, isTLS: false)
        guard request.peer.isLoopback, isOurs, request.head.fields["Origin"] == nil else {
            return envelope(code: 403_000, message: "the control path is for local programs", status: 403)
        }
        let action = String(request.head.target.rawPath.dropFirst(LongbridgeSandbox.controlPath.count))
        switch (request.head.method, action) {
        case (.get, "counters"): return object { counters(to: &$0) }
        case (.get, "orders"): return .json(allOrders())
        case (.get, "oauth"): return object { authorizationState(to: &$0) }
        case (.get, "opend"): return object { gateway.write(to: &$0) }
        case (.get, "trace"): return object { trace.write(to: &$0) }
        case (.post, _): return perform(action, request.body)
        default: return envelope(code: 404_000, message: "no such control", status: 404)
        }
    }

    private func perform(_ action: String, _ body: [UInt8]) -> HTTPResponse {
        do throws(ControlMistake) {
            var fields = try ControlFields(body)
            switch action {
            case "drop": dropAllSockets()
            case "close":
                let code = try fields.integer("code", 0...6) ?? 2
                closeAllSockets(CloseCode(rawValue: Int32(code)) ?? .serverShutdown)
            case "garbage": sendGarbage(try fields.choice("kind", SandboxGarbage.self) ?? .truncated)
            case "expire": expireSessions()
            case "token": isTokenExpired = try fields.boolean("expired") ?? true
            case "replays": refusesEqualSeconds = try fields.boolean("strict") ?? true
            case "logins": faults.refusesLogins = try fields.boolean("refused") ?? true
            case "limit": try setLimits(&fields)
            case "freeze": faults.isFrozen = try fields.boolean("frozen") ?? true
            case "hours": if let hours = try fields.choice("mode", MarketHours.self) { self.hours = hours }
            case "pace":
                setPace(
                    every: .milliseconds(try fields.integer("interval_ms", 1...3_600_000) ?? 200),
                    percent: try fields.integer("percent", 0...100) ?? 50,
                    trades: try fields.integer("trades", 1...100) ?? 3)
            case "trace": trace.begin(try fields.text("symbol"))
            case "order": try bendOrder(&fields)
            case "trading": try bendTrading(&fields)
            case "kick": try kickTradeSockets(&fields)
            case "oauth": try bendAuthorization(&fields)
            case "opend": try gateway.bend(&fields)
            case "faults": faults = try fields.faults(faults)
            case "reset":
                faults = SandboxFaults()
                tradingFaults = TradingFaults()
                desk.engine.confirmation = tradingFaults.confirmation
                desk.engine.changesToRefuse = 0
                oauthFaults = SandboxOAuthFaults()
                limits = SandboxLimits()
                isTokenExpired = false
                refusesEqualSeconds = false
                gateway.reset()
                setPace(every: .milliseconds(200))
            default: return envelope(code: 404_000, message: "no such control", status: 404)
            }
            try fields.finish()
            return envelope(code: 0, message: "success", status: 200)
        } catch {
            return envelope(code: 400_000, message: error.message, status: 400)
        }
    }

    private func setLimits(_ fields: inout ControlFields) throws(ControlMistake) {
        let range = 0...1_000_000
        if let value = try fields.boolean("trade_rate") { limits.isTradeRateEnforced = value }
        if let value = try fields.boolean("live_account") { limits.isLiveAccount = value }
        if let value = try fields.integer("connections", range) { limits.connections = value }
        if let value = try fields.integer("subscriptions", range) { limits.subscriptions = value }
        if let value = try fields.integer("history_symbols", range) { limits.historySymbols = value }
        if let value = try fields.integer("calls_per_second", 1...1_000_000) { limits.callsPerSecond = value }
        if let value = try fields.integer("http_calls_per_second", 1...1_000_000) { limits.httpCallsPerSecond = value }
    }

    private func object(_ members: (inout JSONWriter) -> Void) -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        members(&json)
        json.endObject()
        return .json(json.bytes)
    }

    private func counters(to json: inout JSONWriter) {
        for (name, value) in [
            ("sockets", sockets.count), ("online", sessions.online), ("sockets_opened", counters.socketsOpened),
            ("logins", counters.logins), ("reconnects", counters.reconnects), ("pushes", counters.pushes),
            ("slow_sockets_cut", counters.slowSocketsCut), ("subscribed", subscribedSymbols.count),
        ] {
            json.key(dynamic: name)
            json.int(value)
        }
        json.key("judged")
        judge.write(to: &json)
        json.key("calls")
        json.beginObject()
        for (name, count) in counters.calls.sorted(by: { $0.key < $1.key }) {
            json.key(dynamic: name)
            json.int(count)
        }
        json.endObject()
    }
}
