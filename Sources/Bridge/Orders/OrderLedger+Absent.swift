internal import BrokerModel
internal import BrokerSessions
internal import Clocks
internal import EventLoops

/// Orders that are open here and not in the broker's list of today: they are of an earlier day, ended on one, or are gone.
extension OrderLedger {
    /// Since when the broker does not have an order, and how often it was asked.
    struct Absence {
        var since: Instant
        var looks = 0
    }

    /// How often the broker must have been asked before an order counts as gone.
    private static let looksBeforeGone = 3
    /// Orders asked for one by one at a poll; the others wait for the next.
    private static let detailsAtOnce = 2

    /// Looks for orders in the list of earlier days, one call for all of them, and then one by one.
    func lookAt(_ absent: [Order], wait: Duration) async throws(BrokerFailure) {
        var rest = Dictionary(absent.map { ($0.brokerOrderID ?? "", $0) }) { first, _ in first }
        if absent.count > OrderLedger.detailsAtOnce, let start = absent.map(\.createdAt).min() {
            let asked = Instant.now()
            let page = try await broker.pastOrders(PastRequest(start: start + .seconds(-3600), end: .now()), wait: wait)
            let found = page.elements.filter { rest[$0.brokerOrderID] != nil }
            take(found.map { News(order: $0, origin: .poll, askedAt: asked) })
            for order in found {
                rest[order.brokerOrderID].map { missing[$0.id] = nil }
                rest[order.brokerOrderID] = nil
            }
        }
        // Whoever was looked at least often comes first.
        let next = rest.sorted { (looks($0.value), $0.key) < (looks($1.value), $1.key) }
        for (number, order) in next.prefix(OrderLedger.detailsAtOnce) {
            try await lookAt(order, number, wait: wait)
        }
    }

    private func looks(_ order: Order) -> Int { missing[order.id]?.looks ?? 0 }

    private func lookAt(_ order: Order, _ number: String, wait: Duration) async throws(BrokerFailure) {
        let asked = Instant.now()
        if let detail = try await broker.detail(brokerOrderID: number, wait: wait) {
            missing[order.id] = nil
            return take([News(order: detail.order, origin: .poll, askedAt: asked)])
        }
        let request = PastRequest(
            start: order.createdAt + .seconds(-86_400), end: .now(), symbol: order.request.symbol)
        let page = try await broker.pastOrders(request, wait: wait)
        if let found = page.elements.first(where: { $0.brokerOrderID == number }) {
            missing[order.id] = nil
            return take([News(order: found, origin: .poll, askedAt: asked)])
        }
        // A page more would have to be read before its absence is sure.
        guard page.next == nil else { return }
        missing[order.id, default: Absence(since: asked)].looks += 1
        guard let absence = missing[order.id], absence.looks >= OrderLedger.looksBeforeGone,
            asked - absence.since >= configuration.settleTime, var latest = known[order.id],
            latest.version == order.version
        else { return }
        let now = WallTime.now()
        guard latest.gone(at: now) else { return }
        missing[order.id] = nil
        areExecutionsDue = true
        onAlarm?("orders.gone", "the broker has \(order.id) no more")
        await update(
            latest, TimelineEntry(kind: "reconciled", at: now, detail: "The broker has the order no more."),
            origin: .reconciled)
    }
}
