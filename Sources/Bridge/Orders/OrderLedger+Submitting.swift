internal import AuditLog
internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPWire
internal import Storage

/// Submits: durable, then sent once, then durable again.
extension OrderLedger {
    /// Carries a submit out, or gives the answer it was given before.
    ///
    /// - Parameter figures: what the rules of risk judge it by.
    func submit(
        _ request: OrderRequest, key: IdempotencyKey, requestID: RequestID, caller: AuditCaller? = nil,
        figures: OrderFigures = OrderFigures(), wait: Duration
    ) async -> OrderAnswer {
        if let problem = await unreconciled(wait: wait) { return await refused(problem, key) }
        if let answer = await recovered(request, key) { return answer }
        let now = WallTime.now()
        let order = Order(id: newID(for: key, at: now), account: alias, request: request, at: now)
        let ticket: RiskDesk.Ticket
        do throws(Problem) {
            ticket = try risk.admit(
                OrderIntent(request, figures), id: order.id.text, account: alias, holder: key.holder)
        } catch { return await refused(error, key) }
        submitBegins(order)
        let claim: (IdempotencyStore.Claim, JournalEntry?)
        do throws(StorageError) { claim = try await begin(order, key, ticket, at: now) } catch {
            submitEnded(order.id)
            risk.undo(ticket)
            return OrderLedger.unavailable(error)
        }
        guard case .claimed = claim.0 else {
            submitEnded(order.id)
            risk.undo(ticket)
            return await answer(to: claim.0)
        }
        risk.kept(ticket, order.id)
        FaultPoint.reach("submit.claimed")
        if let event = claim.1 { onEvent?(event) }
        // Goes on whether or not the caller stays.
        let done = Completion<OrderAnswer>()
        spawn { [self] in
            let outcome = await recorded("order.submit", order, ticket, by: caller) { [broker] in
                await broker.submit(request, id: order.id, wait: wait)
            }
            FaultPoint.reach("submit.answered")
            done.resolve(await finish(order.id, outcome, ticket, key, requestID))
            submitEnded(order.id)
        }
        return await answer(of: done, order.id, key)
    }

    /// What the rules refuse was not sent, and leaves its key free; but a key that was used is answered as it was then.
    private func refused(_ problem: Problem, _ key: IdempotencyKey) async -> OrderAnswer {
        let known = try? await database.read { connection throws(StorageError) in
            try IdempotencyStore.find(key, on: connection)
        }
        if let claim = known ?? nil { return await answer(to: claim) }
        return OrderAnswer(status: problem.status, body: [], problem: problem)
    }

    /// The claim of the key and the order, in one commit: from here on the order is on the disk.
    private func begin(
        _ order: Order, _ key: IdempotencyKey, _ ticket: RiskDesk.Ticket, at now: WallTime
    ) async throws(StorageError) -> (IdempotencyStore.Claim, JournalEntry?) {
        let body = eventBody(order, .request)
        let (alias, entry) = (alias, ticket.entry)
        let result = try await database.write { connection throws(StorageError) in
            let claim = try IdempotencyStore.claim(key, orderID: order.id.text, now: now, on: connection)
            guard claim == .claimed else { return (claim, Int64(0)) }
            try OrderStore.save(order, TimelineEntry(kind: "created", at: now, detail: nil), on: connection)
            try RiskStore.insert(entry, on: connection)
            let number = try OrderStore.append(
                account: alias, topic: "orders", event: "order", at: now, body: body, on: connection)
            return (claim, number)
        }
        guard result.0 == .claimed else { return (result.0, nil) }
        keep(order)
        return (
            .claimed,
            JournalEntry(
                number: result.1, account: alias, topic: "orders", event: "order", at: now, body: body)
        )
    }

    /// Waits for the broker's answer as long as a caller should; then says that nobody knows yet.
    private func answer(of done: Completion<OrderAnswer>, _ id: OrderID, _ key: IdempotencyKey) async -> OrderAnswer {
        let late = LoopTimer { done.resolve(OrderAnswer(status: 0, body: [])) }
        late.schedule(after: configuration.answerTime)
        defer { late.cancel() }
        guard let answer = try? await done.value() else {
            return OrderAnswer(status: 503, body: [], problem: Problem(status: 503, code: "shutting_down"))
        }
        guard answer.status == 0 else { return answer }
        guard var order = known[id] else { return answer }
        let now = WallTime.now()
        if order.lost(at: now) {
            let unknown = order
            await update(unknown, TimelineEntry(kind: "unanswered", at: now, detail: "No answer in time."))
        }
        let given = stored(known[id] ?? order)
        await remember(given, for: key)
        return given
    }

    /// The broker has answered, or never will.
    private func finish(
        _ id: OrderID, _ outcome: WriteOutcome, _ ticket: RiskDesk.Ticket, _ key: IdempotencyKey,
        _ requestID: RequestID
    ) async -> OrderAnswer {
        guard var order = known[id] else { return OrderLedger.unavailable(.closed) }
        let now = WallTime.now()
        switch outcome {
        case .accepted(let number):
            let isNews = order.accepted(brokerOrderID: number, at: now)
            let given = stored(order)
            if isNews {
                await commit(order, TimelineEntry(kind: "answered", at: now, detail: nil), given, key)
            } else {
                // A push was faster.
                await remember(given, for: key)
            }
            FaultPoint.reach("submit.recorded")
            timer.schedule(after: .milliseconds(500))
            return given
        case .refused(let failure):
            var problem = Problem(failure)
            if problem.status < 400 || problem.status == 424 || problem.status >= 500 {
                problem.code = "order_rejected"
            }
            if problem.code == "invalid_request" { problem.code = "order_rejected" }
            problem.extra.append(("order_id", .string(id.text)))
            let rejection = Order.Rejection(
                code: failure.upstream?.code ?? problem.code, detail: failure.upstream?.message ?? failure.message)
            let isNews = order.refused(rejection, at: now)
            // A push has shown that it is there all the same.
            if !isNews, order.brokerOrderID != nil {
                let given = stored(order)
                await remember(given, for: key)
                return given
            }
            var json = JSONWriter()
            problem.write(to: &json, requestID: requestID)
            let given = OrderAnswer(status: problem.status, body: json.bytes, order: order, problem: problem)
            if isNews {
                risk.release(ticket)
                await commit(
                    order, TimelineEntry(kind: "refused", at: now, detail: rejection.detail), given, key,
                    releasing: ticket)
            }
            return given
        case .notSent(let failure):
            var problem = Problem(failure)
            problem.retryable = true
            problem.extra.append(("order_id", .string(id.text)))
            let isNews = order.notSent(failure.message, at: now)
            if isNews {
                // Nothing left this machine: the same key may try again.
                risk.release(ticket)
                await update(order, TimelineEntry(kind: "not_sent", at: now, detail: failure.message)) {
                    [entry = ticket.entry] connection throws(StorageError) in
                    try IdempotencyStore.free(key, on: connection)
                    try RiskStore.release(entry, on: connection)
                }
            }
            return OrderAnswer(status: problem.status, body: [], order: order, problem: problem)
        case .unknown(let failure):
            if order.lost(at: now) {
                let given = stored(order)
                await commit(order, TimelineEntry(kind: "unknown", at: now, detail: failure.message), given, key)
                lastPoll = nil
                timer.schedule(after: .milliseconds(200))
                return given
            }
            return stored(order)
        }
    }

    private func commit(
        _ order: Order, _ entry: TimelineEntry, _ answer: OrderAnswer, _ key: IdempotencyKey,
        releasing ticket: RiskDesk.Ticket? = nil
    ) async {
        let kept = StoredAnswer(status: answer.status, body: answer.body)
        let released = ticket?.entry
        await update(order, entry) { connection throws(StorageError) in
            try IdempotencyStore.answer(key, kept, on: connection)
            if let released { try RiskStore.release(released, on: connection) }
        }
    }

    private func remember(_ answer: OrderAnswer, for key: IdempotencyKey) async {
        let kept = StoredAnswer(status: answer.status, body: answer.body)
        _ = try? await database.write { connection throws(StorageError) in
            try IdempotencyStore.answer(key, kept, on: connection)
        }
    }

    /// The answer to a submit whose key was used before.
    func answer(to claim: IdempotencyStore.Claim) async -> OrderAnswer {
        switch claim {
        case .claimed, .full:
            return OrderAnswer(
                status: 503, body: [],
                problem: Problem(
                    status: 503, code: "overloaded", detail: "Too many idempotency keys are in use.", retryable: true))
        case .answered(let answer):
            return OrderAnswer(status: answer.status, body: answer.body, isReplayed: true)
        case .mismatch:
            return OrderAnswer(
                status: 422, body: [],
                problem: Problem(
                    status: 422, code: "idempotency_mismatch",
                    detail: "This Idempotency-Key was used for another request.", field: "Idempotency-Key"))
        case .unanswered(let text):
            guard let id = text.flatMap({ OrderID($0) }), submitting[id] == nil, let order = try? await order(id)
            else {
                return OrderAnswer(
                    status: 409, body: [],
                    problem: Problem(
                        status: 409, code: "idempotency_in_flight",
                        detail: "The request with this Idempotency-Key is still under way.", retryable: true,
                        retryAfter: .seconds(1)))
            }
            // The run that sent it ended before it could answer: the order tells what became of it.
            var answer = stored(order)
            answer.isReplayed = true
            return answer
        }
    }

    /// The answer that shows an order: 201 once the broker has it, 202 while nobody knows, 422 when it is refused.
    func stored(_ order: Order) -> OrderAnswer {
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.members(of: order, account)
        json.endObject()
        let status =
            switch order.outcome {
            case .unknown, .pending: 202
            case .accepted, .rejected, .notSent: order.brokerOrderID == nil ? 202 : 201
            }
        return OrderAnswer(status: status, body: json.bytes, order: order)
    }
}
