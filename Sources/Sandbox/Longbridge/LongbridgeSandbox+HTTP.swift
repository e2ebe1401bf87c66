internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import WebSockets

/// The HTTP API, as far as a quote session needs it, and the way into the sockets.
extension LongbridgeSandbox {
    func route(_ request: HTTPRequest) -> HTTPReply {
        let path = String(request.head.target.rawPath)
        if path.hasPrefix(LongbridgeSandbox.controlPath) { return .ready(control(request)) }
        if path == "/health" { return .ready(.text("success")) }
        if path == "/v1/test" { return .ready(envelope(code: 0, message: "success", status: 200)) }
        for (suffix, isTrade) in [(LongbridgeSandbox.quotePath, false), (LongbridgeSandbox.tradePath, true)]
        where path.hasSuffix(suffix) {
            return upgrade(request, isTrade: isTrade)
        }
        if path == LongbridgeSandbox.documentPath || path.hasPrefix(LongbridgeSandbox.oauthPath) {
            return authorizationServer(request, path)
        }
        let isTrading = LongbridgeSandbox.isTrading(path)
        // Numbers of orders are no names of calls.
        let name = path.hasPrefix(LongbridgeSandbox.ordersPath) ? LongbridgeSandbox.ordersPath + "…" : path
        counters.count(
            isTrading
                ? "\(request.head.method.text) \(name)"
                : path == "/v1/socket/token" || path == LongbridgeSandbox.renewalPath || QuoteAPI.serves(path)
                    ? path : "unknown path")
        if isTrading {
            judge.tradeArrived(isCancellation: request.head.method == .delete, at: .now())
            if let answer = faults.takeHTTPAnswer() { return .ready(broken(answer)) }
            // The trading side has a rate of its own.
            if let refusal = refusal(of: request, callsPerSecond: nil) { return .ready(refusal) }
            return trade(request, path)
        }
        let isQuote = QuoteAPI.serves(path)
        if isQuote { judge.quoteArrived(isHistory: false, at: .now()) }
        let delay = faults.httpDelay
        guard delay > .zero else {
            if isQuote { judge.quoteEnded() }
            return .ready(answer(request, path))
        }
        return .pending { [weak self] in
            try? await sleep(for: delay)
            if isQuote { self?.judge.quoteEnded() }
            return self?.answer(request, path) ?? .text("", status: 503)
        }
    }

    private func answer(_ request: HTTPRequest, _ path: String) -> HTTPResponse {
        if let answer = faults.takeHTTPAnswer() { return broken(answer) }
        let isToken = path == "/v1/socket/token" && request.head.method == .get
        let isRenewal = path == LongbridgeSandbox.renewalPath && request.head.method == .get
        guard isToken || isRenewal || QuoteAPI.serves(path) else {
            return envelope(code: 404_000, message: "api not found", status: 404)
        }
        if let refusal = refusal(of: request, callsPerSecond: limits.httpCallsPerSecond) { return refusal }
        guard !faults.refusesLogins else { return envelope(code: 401_004, message: "token invalid", status: 401) }
        if QuoteAPI.serves(path) { return quoteAnswer(request, path) }
        if isRenewal { return renewAccessToken(request) }
        let now = clock()
        let password = "o_" + Hex.encode(SecureRandom.bytes(12))
        sessions.issue(password: password, expires: now + limits.passwordLife, now: now)
        return envelope(code: 0, message: "success", status: 200) { json in
            json.key("data")
            json.beginObject()
            json.key("otp")
            json.string(password)
            json.key("limit")
            json.int(limits.connections)
            json.key("online")
            json.int(sessions.online)
            json.endObject()
        }
    }

    private func quoteAnswer(_ request: HTTPRequest, _ path: String) -> HTTPResponse {
        let call = QuoteAPI.Call(
            method: request.head.method, path: path, query: request.head.target.query.map { ($0.name, $0.value) },
            body: request.body)
        do throws(QuoteAPI.Refusal) {
            let data = try quoteAPI.answer(call, &answers, now: clock())
            return envelope(code: 0, message: "success", status: 200) { json in
                json.key("data")
                json.raw(data)
            }
        } catch {
            return envelope(code: error.code, message: error.message, status: error.status)
        }
    }

    static let renewalPath = "/v1/token/refresh"

    private func refusal(of request: HTTPRequest, callsPerSecond: Int?) -> HTTPResponse? {
        let refusal: SandboxRequestCheck.Refusal?
        if let header = request.head.fields["Authorization"], header.hasPrefix("Bearer ") {
            refusal = bearerRefusal(of: request, token: String(header.dropFirst(7)), callsPerSecond: callsPerSecond)
        } else {
            refusal = check.refusal(
                of: request.head, body: request.body, callsPerSecond: callsPerSecond, now: clock(), instant: .now())
        }
        return (refusal ?? dataCenterRefusal(request)).map {
            envelope(code: $0.code, message: $0.message, status: $0.status)
        }
    }

    /// Calls of a login are not signed; its scopes decide what they may do.
    private func bearerRefusal(
        of request: HTTPRequest, token: String, callsPerSecond: Int?
    ) -> SandboxRequestCheck.Refusal? {
        switch oauth.scopes(of: token, now: clock()) {
        case .failure(let refusal): return refusal
        case .success(let scopes):
            let path = String(request.head.target.rawPath)
            let needed = LongbridgeSandbox.scope(of: request.head.method, path)
            if let needed, !scopes.contains(needed) {
                return .init(
                    status: 403, code: 403_308, message: "api's scope \(needed) is not within the token's scopes")
            }
            return check.rateRefusal(callsPerSecond: callsPerSecond, instant: .now())
        }
    }

    /// What a login must allow for a call; `nil` for what every login does.
    /// - Source: `longbridge-http`, section 2.5.
    private static func scope(of method: HTTPMethod, _ path: String) -> String? {
        func begins(_ prefixes: String...) -> Bool { prefixes.contains { path.hasPrefix($0) } }
        if begins("/v1/trade/", "/v3/trade/") { return method == .get ? "10" : "11" }
        if begins("/v1/us/orders") { return "10" }
        if begins("/v1/asset/", "/v1/risk/", "/v1/statement/", "/v1/us/assets/") { return "6" }
        return begins("/v1/watchlist/") ? "4" : nil
    }

    /// The vendor's envelope; each carries a trace id.
    func envelope(
        code: Int, message: String, status: Int, member: StaticString = "message",
        _ members: (inout JSONWriter) -> Void = { _ in }
    ) -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("code")
        json.int(code)
        json.key(member)
        json.string(message)
        members(&json)
        json.endObject()
        return traced(.json(json.bytes, status: status))
    }

    private func traced(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.fields["X-Trace-Id"] = Hex.encode(SecureRandom.bytes(16))
        if faults.isAddingFields, response.body.first == UInt8(ascii: "{") {
            response.body = AddedFields.json(response.body)
        }
        return response
    }

    func broken(_ answer: SandboxFaults.HTTPAnswer) -> HTTPResponse {
        switch answer {
        case .tooManyText: return traced(.text("too many requests", status: 429))
        case .tooMany: return envelope(code: 429_002, message: "api request is limited", status: 429)
        case .html, .loadBalancer:
            var page = HTTPResponse.text("<html><body><h1>oops</h1></body></html>", status: answer == .html ? 500 : 463)
            page.fields["Content-Type"] = "text/html"
            return page
        case .failed: return envelope(code: 500_000, message: "internal error", status: 500)
        case .refused200: return envelope(code: 301_602, message: "server error", status: 200)
        case .wrongMember: return envelope(code: 401_004, message: "token invalid", status: 401, member: "msg")
        case .noData: return envelope(code: 0, message: "success", status: 200)
        case .half: return traced(.json(Array("{\"code\":0,\"mess".utf8)))
        }
    }

    /// The handshake is in the query: version 1, codec 1 (protobuf), platform 9 (OpenAPI).
    private func upgrade(_ request: HTTPRequest, isTrade: Bool) -> HTTPReply {
        let query = Dictionary(request.head.target.query.map { ($0.name, $0.value) }) { first, _ in first }
        guard query["version"] == "1", query["codec"] == "1", query["platform"] == "9",
            let fields = WebSocket.upgradeFields(for: request.head)
        else { return .ready(envelope(code: 400_000, message: "bad handshake", status: 400)) }
        let head = request.head
        return .upgrade(fields) { [weak self] connection, leftover in
            guard let self else { return connection.abort() }
            // What the kernel holds back would hide a client that does not read.
            connection.setNotSentLowWater(16 << 10)
            connection.setNoDelay(true)
            let bounds = WebSocketLimits(
                maximumMessageBytes: LongbridgeSandbox.requestBytes,
                maximumPendingOutput: limits.backlogBytes + (32 << 20), closeDeadline: .seconds(2))
            opened(
                WebSocket.accept(connection: connection, leftover: leftover, request: head, limits: bounds),
                isTrade: isTrade)
        }
    }
}
