internal import AuditLog
internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPWire
internal import Storage

/// Amendments and cancellations: durable, then sent once; the order's later states tell what came of them.
extension OrderLedger {
    /// Asks the broker for an amendment; the order's later states tell what came of it.
    ///
    /// - Parameters:
    ///   - holder: the name of the key that asks.
    ///   - figures: what the rules of risk judge it by.
    func replace(
        _ order: Order, _ change: OrderChange, holder: String, caller: AuditCaller? = nil, figures: OrderFigures,
        wait: Duration
    ) async -> Result<Order, Problem> {
        if let problem = await unreconciled(wait: wait) { return .failure(problem) }
        let now = known[order.id] ?? order
        let ticket: RiskDesk.Ticket
        do throws(Problem) {
            ticket = try risk.admit(
                OrderIntent(now.request, changed: change, figures), id: "\(now.id.text)/\(now.version)",
                account: alias,
                holder: holder)
        } catch { return .failure(error) }
        return await request(.replace, of: order, change, ticket, kind: "amend", by: caller) { [broker] in
            await broker.replace($0, change, wait: wait)
        }
    }

    /// Asks the broker for a cancellation. It may be asked for again while none has taken effect.
    func cancel(_ order: Order, caller: AuditCaller? = nil, wait: Duration) async -> Result<Order, Problem> {
        await request(.cancel, of: order, OrderChange(), nil, kind: "cancel", by: caller) { [broker] in
            await broker.cancel($0, wait: wait)
        }
    }

    /// Every order that is not over, those included that are about to be sent.
    var ordersToCancel: [Order] {
        let begun = submitting.values.map(\.order).filter { known[$0.id] == nil }
        return openOrders + begun.sorted { $0.createdAt < $1.createdAt }
    }

    /// The order as it stands now.
    func latest(_ order: Order) -> Order { known[order.id] ?? order }

    /// Cancels an order; one whose submit is under way, once that was answered. `nil` if the submit became nothing.
    func cancelOnceSubmitted(_ order: Order, caller: AuditCaller, until last: Instant) async -> Result<Order, Problem>?
    {
        if let submitting = submitting[order.id] { _ = try? await submitting.end.value() }
        guard let latest = known[order.id] else { return nil }
        guard !latest.status.isFinal else { return .success(latest) }
        return await cancel(latest, caller: caller, wait: max(.zero, last - .now()))
    }

    private func request(
        _ pending: Order.Pending.Kind, of order: Order, _ change: OrderChange, _ ticket: RiskDesk.Ticket?,
        kind: String, by caller: AuditCaller?,
        send: @escaping @LoopActor @Sendable (Order) async -> WriteOutcome
    ) async -> Result<Order, Problem> {
        var order = known[order.id] ?? order
        let isRepeated = pending == .cancel && order.pending?.kind == .cancel
        if !isRepeated {
            guard order.began(pending, change, at: .now()) else {
                if let ticket { risk.undo(ticket) }
                return .failure(OrderLedger.notChangeable(order))
            }
            let entry = TimelineEntry(kind: kind, at: order.updatedAt, detail: OrderLedger.text(change))
            let counted = ticket?.entry
            let isKept = await update(order, entry) { connection throws(StorageError) in
                if let counted { try RiskStore.insert(counted, on: connection) }
            }
            if let ticket {
                if isKept { risk.kept(ticket, order.id) } else { risk.undo(ticket) }
            }
            guard isKept || pending == .cancel else {
                // Not on the disk: an amendment is not sent. A cancellation is, since it lessens what is at stake.
                if var latest = known[order.id], latest.requestRefused(notSent: true, at: .now()) {
                    await update(latest, TimelineEntry(kind: "not_sent", at: latest.updatedAt, detail: nil))
                }
                return .failure(
                    Problem(
                        status: 503, code: "storage_unavailable", detail: "The amendment could not be made durable.",
                        retryable: true))
            }
        }
        let id = order.id
        let sent = order
        let task = spawn { [self] () async -> Result<Order, Problem> in
            let outcome = await recorded(
                "order.\(kind)", sent, change: change, ticket, by: caller, isUrgent: pending == .cancel
            ) { await send(sent) }
            return await changed(id, outcome, ticket, kind: kind)
        }
        return await task.value
    }

    private func changed(
        _ id: OrderID, _ outcome: WriteOutcome, _ ticket: RiskDesk.Ticket?, kind: String
    ) async -> Result<Order, Problem> {
        guard var order = known[id] else { return .failure(OrderLedger.gone) }
        let now = WallTime.now()
        timer.schedule(after: .seconds(1))
        switch outcome {
        case .accepted:
            if order.requestAccepted(at: now) {
                await update(order, TimelineEntry(kind: "\(kind)_accepted", at: now, detail: nil))
            }
            return .success(known[id] ?? order)
        case .unknown(let failure):
            if order.requestLost(at: now) {
                await update(order, TimelineEntry(kind: "\(kind)_unknown", at: now, detail: failure.message))
            }
            lastPoll = nil
            return .success(known[id] ?? order)
        case .refused(let failure), .notSent(let failure):
            var isNotSent = false
            if case .notSent = outcome { isNotSent = true }
            if order.requestRefused(notSent: isNotSent, at: now) {
                let detail = failure.upstream?.message ?? failure.message
                let released = ticket?.entry
                if let ticket { risk.release(ticket) }
                await update(order, TimelineEntry(kind: "\(kind)_refused", at: now, detail: detail)) {
                    connection throws(StorageError) in
                    if let released { try RiskStore.release(released, on: connection) }
                }
            }
            lastPoll = nil
            var problem = Problem(failure)
            if !isNotSent, problem.code == "order_rejected" || problem.code == "invalid_request" {
                // What is on its way to the exchange is not withdrawn, but may be in a moment.
                let isOnItsWay = kind == "cancel" && !order.settledStatus.isFinal
                problem = Problem(
                    status: 409, code: "order_not_amendable", detail: problem.detail,
                    retryable: isOnItsWay ? true : nil, field: problem.field, upstream: problem.upstream)
            }
            if isNotSent { problem.retryable = true }
            return .failure(problem)
        }
    }

    private static let gone = Problem(status: 404, code: "not_found", detail: "There is no such order.")

    nonisolated static func notChangeable(_ order: Order) -> Problem {
        Problem(
            status: 409, code: "order_not_amendable",
            detail: "The order is \(order.status.rawValue); nothing can be changed now.")
    }

    private static func text(_ change: OrderChange) -> String? {
        var parts = change.prices.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
        if let quantity = change.quantity { parts.insert("quantity \(quantity)", at: 0) }
        if let level = change.depthLevel { parts.append("limit_depth_level \(level)") }
        if let count = change.triggerCount { parts.append("trigger_count \(count)") }
        switch change.delay {
        case .until(let time): parts.append("delayed_until \(time.rfc3339)")
        case .lifted: parts.append("delayed_until none")
        case nil: break
        }
        switch change.attached {
        case .replace(let orders): parts.append("attached \(orders.text)")
        case .withdraw: parts.append("attached none")
        case nil: break
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}
