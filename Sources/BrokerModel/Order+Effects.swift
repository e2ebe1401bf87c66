internal import Bytes

/// Whether news of the broker's shows what was asked for.
extension Order {
    /// Whether what was asked for is there. News that does not tell of conditions shows no change of them.
    static func shows(_ found: BrokerOrder, _ change: OrderChange) -> Bool {
        guard (change.quantity.map { $0 == found.quantity } ?? true),
            change.prices.allSatisfy({ found.prices[$0.key] == $0.value })
        else { return false }
        guard change.showsInListsOnly else { return true }
        guard let conditions = found.conditions else { return false }
        var wanted = conditions
        if let level = change.depthLevel { wanted.depthLevel = level == 0 ? nil : level }
        if let count = change.triggerCount { wanted.triggerCount = count == 0 ? nil : count }
        switch change.delay {
        case .until(let time): wanted.delayedUntil = time
        case .lifted: wanted.delayedUntil = nil
        case nil: break
        }
        guard wanted.means(conditions) else { return false }
        switch change.attached {
        case .replace(let orders):
            return orders.exits.allSatisfy { purpose, exit in
                found.attachedOrders?.contains { $0.purpose == purpose && $0.trigger == exit.trigger } == true
            }
        case .withdraw: return found.attachedOrders?.contains(where: \.isLive) != true
        case nil: return true
        }
    }

    /// Whether quantity and prices are those that are known.
    func hasFigures(of found: BrokerOrder) -> Bool {
        found.quantity == request.quantity && found.prices.allSatisfy { request.prices[$0.key] == $0.value }
    }
}
