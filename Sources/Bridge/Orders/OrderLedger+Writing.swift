internal import AuditLog
internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPWire
internal import Storage

/// What a request about an order is answered with.
struct OrderAnswer: Sendable {
    var status: Int
    var body: [UInt8]
    /// The order it is about.
    var order: Order?
    /// Whether it was given before.
    var isReplayed = false
    /// A problem instead of an order.
    var problem: Problem?
}

/// What every write has in common: it is recorded before it leaves.
extension OrderLedger {
    /// Sends something once the audit log has it on the disk, and records what came of it. What cannot be recorded is
    /// not sent.
    func recorded(
        _ action: String, _ order: Order, change: OrderChange? = nil, _ ticket: RiskDesk.Ticket?,
        by caller: AuditCaller?,
        isUrgent: Bool = false, send: @LoopActor () async -> WriteOutcome
    ) async -> WriteOutcome {
        guard let trail else { return await send() }
        do throws(AuditError) {
            try await trail.intent(
                action, order, change: change, by: caller, verdicts: ticket?.verdicts.map(\.text) ?? [],
                isUrgent: isUrgent)
        } catch {
            return .notSent(
                BrokerFailure(.notRecorded, "The audit log cannot be written: \(error).", retryAfter: .seconds(1)))
        }
        if action == "order.submit" { FaultPoint.reach("submit.intended") }
        let began = Instant.now()
        let outcome = await send()
        trail.outcome(action, order, outcome, by: caller, began: began)
        return outcome
    }

    static func unavailable(_ error: StorageError) -> OrderAnswer {
        OrderAnswer(
            status: 503, body: [],
            problem: Problem(
                status: 503, code: "storage_unavailable",
                detail: "The order could not be made durable, so it was not sent: \(error).", retryable: true))
    }
}
