/// What is held back while an order works: cash for what is left to buy, shares for what is left to sell.
extension SimulatedAccount {
    /// Holds back what an order needs, if there is as much.
    mutating func hold(for order: inout SimulatedOrder) -> MatchingEngine.Refusal? {
        guard order.side == .buy else {
            guard order.remaining <= sellable(order.symbol) else { return .noShares }
            holdShares(order.remaining, order.symbol)
            return nil
        }
        let price = order.limit ?? order.estimate
        guard price <= MatchingEngine.valueBound / max(1, order.quantity) else { return .noFunds }
        let needed = order.cashNeeded
        guard needed <= available(order.currency) else { return .noFunds }
        order.held = needed
        hold(needed, order.currency)
        return nil
    }

    /// Gives back what is held for an order.
    mutating func release(_ order: inout SimulatedOrder) {
        guard order.isHolding else { return }
        if order.side == .buy {
            hold(-order.held, order.currency)
            order.held = 0
        } else {
            holdShares(-order.remaining, order.symbol)
        }
    }

    /// Gives an order its new terms; without money or shares for them it keeps the old ones.
    mutating func amend(_ order: inout SimulatedOrder, _ change: SimulatedOrder.Amendment) -> MatchingEngine.Refusal? {
        let before = order
        release(&order)
        order.apply(change)
        guard let reason = hold(for: &order) else { return nil }
        order = before
        if order.side == .buy {
            hold(order.held, order.currency)
        } else {
            holdShares(order.remaining, order.symbol)
        }
        return reason
    }
}

extension SimulatedOrder {
    /// Cash for what is left of a buy order, fees included.
    var cashNeeded: Int64 {
        let value = (limit ?? estimate) * remaining
        return value + FeeSchedule.total(market, side, value: filledValue + value, quantity: quantity) - fees
    }
}
