internal import BrokerModel
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Storage

/// Writes other than submits: carried out once for each `Idempotency-Key`, where the caller gives one.
extension BridgeApplication {
    /// Answers with what `perform` gives, or with what it gave for the same key before.
    ///
    /// With a key the write goes on when the caller leaves, and its answer is kept, unless it says that nothing was done:
    /// then the key is free again. A write whose answer was lost, with the process or on a full disk, stays "in flight",
    /// since nobody knows what became of it; the list tells. Only what lessens the risk is carried out again then.
    func once(
        _ context: RouteContext, _ perform: @escaping @LoopActor @Sendable () async -> HTTPResponse
    ) -> HTTPReply {
        guard context.takesIdempotencyKey, context.request.head.fields.contains("Idempotency-Key") else {
            return .pending(perform)
        }
        let key: IdempotencyKey
        do throws(Problem) { key = try context.idempotencyKey(withQuery: true) } catch {
            return .ready(context.problem(error))
        }
        return .pending { [self] in
            let claim: IdempotencyStore.Claim
            do throws(StorageError) {
                claim = try await database.write { connection throws(StorageError) in
                    try IdempotencyStore.claim(key, orderID: nil, now: .now(), on: connection)
                }
            } catch {
                // What lessens the risk must not depend on the disk; and to repeat it does no harm.
                if context.lessensRisk { return await perform() }
                return context.problem(
                    Problem(
                        status: 503, code: "storage_unavailable", detail: "The key could not be kept.", retryable: true)
                )
            }
            let isLost: Bool
            if case .unanswered = claim { isLost = !writesUnderWay.contains(key) } else { isLost = false }
            guard claim == .claimed || (isLost && context.lessensRisk) else { return context.answer(to: claim) }
            writesUnderWay.insert(key)
            return await spawn { [self] in
                let response = await perform()
                // What lessens the risk may be asked for again until it is done: that does no harm.
                let isDone = BridgeApplication.isAnswered(response) && (!context.lessensRisk || response.status < 400)
                await keep(response, for: key, isDone: isDone, isSecret: context.answersSecret)
                writesUnderWay.remove(key)
                return response
            }.value
        }
    }

    private func keep(_ response: HTTPResponse, for key: IdempotencyKey, isDone: Bool, isSecret: Bool) async {
        let body = isSecret ? BridgeApplication.withoutSecret(response.body) : response.body
        let answer = StoredAnswer(status: response.status, body: body)
        _ = try? await database.write { connection throws(StorageError) in
            if isDone {
                try IdempotencyStore.answer(key, answer, on: connection)
            } else {
                try IdempotencyStore.free(key, on: connection)
            }
        }
    }

    /// Whether something was done or may have been, or the broker said no for good: asking again gives nothing else.
    private static func isAnswered(_ response: HTTPResponse) -> Bool {
        switch response.status {
        case ..<400, 502, 504: return true
        case 424, 429, 503: return false
        default:
            let problem = try? JSONValue.parse(response.body)
            return problem?["upstream"] != nil && problem?["retryable"] != .bool(true)
        }
    }

    /// A key's secret is in the first answer and nowhere else: what is kept has `null` in its place.
    private static func withoutSecret(_ body: [UInt8]) -> [UInt8] {
        guard case .object(let object)? = try? JSONValue.parse(body) else { return Array("{}".utf8) }
        var shown = JSONObject()
        for (name, value) in object.members { _ = shown.add(name, name == "key" ? .null : value) }
        var json = JSONWriter()
        json.value(.object(shown))
        return json.bytes
    }
}

extension RouteContext {
    /// Whether a key given with it is kept here: a submit keeps it with the order.
    var takesIdempotencyKey: Bool { isWrite && !(request.head.method == .post && template.hasSuffix("/orders")) }

    /// Whether the answer shows what is stored nowhere.
    fileprivate var answersSecret: Bool { request.head.method == .post && template == "/v1/keys" }

    /// The answer to a write whose key was used before.
    fileprivate func answer(to claim: IdempotencyStore.Claim) -> HTTPResponse {
        switch claim {
        case .answered(let answer):
            var response = answer.status == 204 ? empty() : json(answer.body, status: answer.status)
            if answer.status >= 400 { response.fields["Content-Type"] = "application/problem+json" }
            response.fields["Idempotency-Replayed"] = "true"
            let body = answer.status < 300 ? try? JSONValue.parse(answer.body) : nil
            if answer.status == 201, let id = body?["id"]?.stringValue {
                response.fields["Location"] = "\(request.head.target.rawPath)/\(id)"
            }
            if template.hasSuffix("/orders/{id}"), let version = body?["version"]?.intValue {
                response.fields["ETag"] = "\"\(version)\""
            }
            return response
        case .mismatch:
            return problem(
                Problem(
                    status: 422, code: "idempotency_mismatch",
                    detail: "This Idempotency-Key was used for another request.", field: "Idempotency-Key"))
        case .unanswered:
            return problem(
                Problem(
                    status: 409, code: "idempotency_in_flight",
                    detail: "The request with this Idempotency-Key is still under way, or was when the bridge stopped.",
                    retryable: true, retryAfter: .seconds(1)))
        case .claimed, .full:
            return problem(
                Problem(
                    status: 503, code: "overloaded", detail: "Too many idempotency keys are in use.", retryable: true))
        }
    }
}
