internal import BrokerModel
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Storage

/// Writes other than orders: carried out once for each `Idempotency-Key`, where the caller gives one.
extension BridgeApplication {
    /// Answers with what `perform` gives, or with what it gave for the same key before.
    ///
    /// With a key the write goes on when the caller leaves, and its answer is kept: a problem too, unless it says that
    /// nothing was sent. A write whose answer was lost with the process stays "in flight" for the key's life, since
    /// nobody knows what became of it; the list tells.
    func writing(
        _ context: RouteContext,
        _ perform: @escaping @LoopActor @Sendable () async throws(BrokerFailure) -> HTTPResponse
    ) throws(Problem) -> HTTPReply {
        guard context.request.head.fields.contains("Idempotency-Key") else { return context.later(perform) }
        let key = try context.idempotencyKey()
        return .pending { [self] in
            let claim: IdempotencyStore.Claim
            do throws(StorageError) {
                claim = try await database.write { connection throws(StorageError) in
                    try IdempotencyStore.claim(key, orderID: nil, now: .now(), on: connection)
                }
            } catch {
                return context.problem(
                    Problem(
                        status: 503, code: "storage_unavailable", detail: "The key could not be kept.", retryable: true)
                )
            }
            guard case .claimed = claim else { return context.answer(to: claim) }
            return await spawn { [self] in await once(key, context, perform) }.value
        }
    }

    private func once(
        _ key: IdempotencyKey, _ context: RouteContext,
        _ perform: @LoopActor @Sendable () async throws(BrokerFailure) -> HTTPResponse
    ) async -> HTTPResponse {
        do throws(BrokerFailure) {
            let response = try await perform()
            await keep(response, for: key)
            return response
        } catch {
            let response = context.problem(Problem(error))
            switch error.kind {
            case .sessionNotReady, .authorizationRequired, .rateLimited:
                _ = try? await database.write { connection throws(StorageError) in
                    try IdempotencyStore.free(key, on: connection)
                }
            default: await keep(response, for: key)
            }
            return response
        }
    }

    private func keep(_ response: HTTPResponse, for key: IdempotencyKey) async {
        let answer = StoredAnswer(status: response.status, body: response.body)
        _ = try? await database.write { connection throws(StorageError) in
            try IdempotencyStore.answer(key, answer, on: connection)
        }
    }
}

extension RouteContext {
    /// The answer to a write whose key was used before.
    fileprivate func answer(to claim: IdempotencyStore.Claim) -> HTTPResponse {
        switch claim {
        case .answered(let answer):
            var response = answer.status == 204 ? empty() : json(answer.body, status: answer.status)
            if answer.status >= 400 { response.fields["Content-Type"] = "application/problem+json" }
            response.fields["Idempotency-Replayed"] = "true"
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
