internal import Clocks

/// Orders attached to another: they wait for its end, close what it did, and one of them ends the other.
///
///     main is over, nothing done ──▶ both are withdrawn
///     main is over, some done    ──▶ both wait for their triggers, for as much as was done
///     one is set off             ──▶ shares are held back for it, the other is withdrawn
extension MatchingEngine {
    /// Attaches orders to one that was taken.
    mutating func attach(_ exits: [SimulatedOrder], to id: Int64, at now: WallTime) {
        guard var main = orders[id] else { return }
        for exit in exits {
            var exit = exit
            exit.parent = id
            exit.isHolding = false
            exit.note(.waiting, at: now)
            orders[exit.id] = exit
            main.exits.append(exit.id)
        }
        main.updated = now
        keep(main)
    }

    /// The attached orders of an order, in the order they came.
    func exits(of order: SimulatedOrder) -> [SimulatedOrder] { order.exits.compactMap { orders[$0] } }

    /// Takes an order out, with its attached ones, as if there had never been one: a fault.
    mutating func forget(_ id: Int64) {
        guard var order = orders[id] else { return }
        if !order.status.isFinal { finish(&order, as: .cancelled, "", at: order.updated) }
        keep(order)
        for number in order.exits + [id] { orders[number] = nil }
    }

    /// Withdraws those that still wait.
    mutating func withdrawExits(of id: Int64, _ purpose: SimulatedOrder.Purpose? = nil, at now: WallTime) {
        guard let main = orders[id] else { return }
        for var exit in exits(of: main) where exit.status == .waiting && (purpose ?? exit.purpose) == exit.purpose {
            finish(&exit, as: .cancelled, "", at: now)
            keep(exit)
        }
    }

    /// What becomes of the attached orders of an order that is over.
    mutating func settleExits(of main: SimulatedOrder) {
        for var exit in exits(of: main) where exit.status == .waiting {
            guard main.filled > 0 else {
                finish(&exit, as: .cancelled, "", at: main.updated)
                keep(exit)
                continue
            }
            exit.quantity = main.filled
            orders[exit.id] = exit
            working[exit.symbol, default: []].insert(exit.id)
        }
    }

    /// An attached order's trigger was touched. `false` if there is nothing it could close.
    mutating func setOff(
        _ exit: inout SimulatedOrder, _ market: Market, _ told: inout [SimulatedOrder], at now: WallTime
    ) -> Bool {
        if let parent = exit.parent { withdrawOthers(of: parent, than: exit.id, at: now) }
        exit.estimate = market.last + market.last / 20
        guard hold(&exit) == nil else {
            finish(&exit, as: .rejected, "Insufficient holdings", at: now)
            told.append(exit)
            return false
        }
        exit.isHolding = true
        return true
    }

    private mutating func withdrawOthers(of parent: Int64, than id: Int64, at now: WallTime) {
        guard let main = orders[parent] else { return }
        for var other in exits(of: main) where other.id != id && other.status == .waiting {
            finish(&other, as: .cancelled, "", at: now)
            keep(other)
        }
    }
}
