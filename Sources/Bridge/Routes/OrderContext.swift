internal import BrokerModel
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// What order routes read from a request, and how they answer.
extension RouteContext {
    /// The body as an order, its security among those the key may use.
    func orderRequest() throws(Problem) -> OrderRequest {
        try requireJSON()
        var body = try BodyReader(request.body)
        let order = try OrderRequest(reading: &body)
        try body.finish()
        try checkSymbol(order.symbol)
        return order
    }

    /// Bodies are JSON and say so: a page in a browser cannot send that without being asked first.
    func requireJSON() throws(Problem) {
        let type = request.head.fields["Content-Type"]?.split(separator: ";").first?.lowercased()
        guard type?.filter({ $0 != " " }) == "application/json" else {
            throw Problem(
                status: 415, code: "unsupported_media_type", detail: "The body must be application/json.",
                field: "Content-Type")
        }
    }

    func checkSymbol(_ symbol: Symbol) throws(Problem) {
        guard holder.mayUse(symbol: symbol) else {
            throw Problem(
                status: 403, code: "symbol_not_allowed", detail: "The key may not use \(symbol).", field: "/symbol")
        }
    }

    /// `Idempotency-Key`: 1 to 255 printable ASCII characters, bare or quoted.
    ///
    /// - Parameter withQuery: whether the query says what is to be done, as it does of raw calls. A submit has none that does.
    func idempotencyKey(withQuery: Bool = false) throws(Problem) -> IdempotencyKey {
        let values = request.head.fields.values(of: "Idempotency-Key")
        guard let first = values.first else {
            throw Problem(
                status: 428, code: "idempotency_key_required",
                detail: "An order needs an Idempotency-Key, so that it is never sent twice.", field: "Idempotency-Key")
        }
        var text = Substring(first)
        if text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = text.dropFirst().dropLast() }
        guard values.count == 1, (1...255).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw Problem(
                status: 400, code: "invalid_idempotency_key",
                detail: "One Idempotency-Key of 1 to 255 printable ASCII characters is needed.",
                field: "Idempotency-Key")
        }
        var asked = request.body
        if withQuery, let query = request.head.target.rawQuery, !query.isEmpty {
            // No JSON begins with it: what a body says cannot be taken for a query, nor the other way round.
            asked = [UInt8(ascii: "?")] + Array(query.utf8) + [0] + asked
        }
        return IdempotencyKey(
            holder: holder.name, key: String(text),
            route: "\(request.head.method.text) \(request.head.target.rawPath)",
            bodyHash: Digest.sha256(asked))
    }

    /// The version of `If-Match: "7"`; `*` and no field mean any.
    func expectedVersion() throws(Problem) -> Int? {
        guard let text = request.head.fields["If-Match"], text != "*" else { return nil }
        let digits = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
        guard digits.hasPrefix("\""), digits.hasSuffix("\""), digits.utf8.count >= 3,
            let version = Int(digits.dropFirst().dropLast())
        else {
            throw Problem(status: 412, code: "version_mismatch", detail: "No order has that ETag.", field: "If-Match")
        }
        return version
    }

    // MARK: Answers

    func answer(_ answer: OrderAnswer) -> HTTPResponse {
        if let problem = answer.problem, !answer.isReplayed { return self.problem(problem) }
        var response = json(answer.body, status: answer.status)
        if answer.status >= 400 { response.fields["Content-Type"] = "application/problem+json" }
        if answer.isReplayed { response.fields["Idempotency-Replayed"] = "true" }
        let body = try? JSONValue.parse(answer.body)
        if answer.status < 400, let id = body?["id"]?.stringValue {
            response.fields["Location"] = "\(request.head.target.rawPath)/\(id)"
            if let version = body?["version"]?.intValue { response.fields["ETag"] = "\"\(version)\"" }
        }
        return response
    }

    /// An order, with its version as the ETag.
    func order(
        _ order: Order, _ account: OrderAccount, _ detail: BrokerOrderDetail? = nil, _ timeline: [String]? = nil,
        _ failure: BrokerFailure? = nil, status: Int = 200
    ) -> HTTPResponse {
        var json = JSONWriter(capacity: 2048)
        json.beginObject()
        json.members(of: order, account)
        if let detail { json.members(of: detail) }
        if let failure {
            json.key("detail_problem")
            Problem(failure).write(to: &json, requestID: nil)
        }
        if let timeline {
            json.key("timeline")
            json.beginArray()
            for entry in timeline { json.raw(Array(entry.utf8)) }
            json.endArray()
        }
        json.endObject()
        var response = self.json(json.bytes, status: status)
        response.fields["ETag"] = "\"\(order.version)\""
        return response
    }

    /// What would be sent, and what each rule of risk says; or the problem that stands against it.
    @LoopActor
    func dryRun(_ order: OrderRequest, _ intent: OrderIntent, _ alias: String, _ risk: RiskDesk) -> HTTPResponse {
        if let halted = risk.halt(of: alias) { return problem(halted) }
        let verdicts = risk.verdicts(intent, account: alias, holder: holder.name, at: .now())
        guard verdicts.allSatisfy(\.isPassed) else { return problem(RiskDesk.refusal(verdicts)) }
        var json = JSONWriter()
        json.beginObject()
        json.key("dry_run")
        json.bool(true)
        json.key("acceptable")
        json.bool(true)
        json.key("symbol")
        json.string(order.symbol.text)
        json.key("side")
        json.string(order.side.rawValue)
        json.key("type")
        json.string(order.type.rawValue)
        json.key("quantity")
        json.decimal(order.quantity)
        json.key("verdicts")
        json.value(.array(verdicts.map(\.json)))
        json.endObject()
        return self.json(json.bytes)
    }
}

extension OrderRequest {
    /// The part of an order that its largest quantity depends on.
    init(estimating body: inout BodyReader) throws(Problem) {
        let text = try body.required("symbol", body.string("symbol", maximumBytes: 64))
        guard let symbol = Symbol(text) else { throw .symbol(text, field: "/symbol") }
        let side: OrderSide = try body.required("side", body.word("side"))
        let type: OrderType = try body.required("type", body.word("type"))
        self.init(symbol: symbol, side: side, type: type, quantity: DecimalText(1))
        prices = try OrderRequest.prices(&body)
    }
}

extension Problem {
    /// A broker's failure about a member of the body.
    init(_ failure: BrokerFailure, member: Bool) {
        self.init(failure)
        if let field, !field.hasPrefix("/") { self.field = "/\(field)" }
    }
}
