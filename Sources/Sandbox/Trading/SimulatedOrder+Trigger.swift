internal import Clocks

extension SimulatedOrder {
    /// Looks at the market: whether the order is set off now. A trailing limit order gets its limit then.
    mutating func isSetOff(_ market: MatchingEngine.Market, at now: WallTime) -> Bool {
        if kind.isTouched {
            guard isTouched(market.last, at: now) else { return false }
            if depthLevel != 0 { limit = trailingLimit(market) }
            return true
        }
        guard kind.isTrailing, let trail, isTracking(market.last) else { return false }
        let isSelling = side == .sell
        let best = isSelling ? max(best ?? 0, market.last) : min(best ?? .max, market.last)
        self.best = best
        let distance = kind.isPercent ? best / 100 * min(trail, 100_000) / 1000 : trail
        let isBack = isSelling ? market.last <= best - distance : market.last >= best + min(distance, .max - best)
        guard isBack, isTouchedOften(at: now) else { return false }
        if kind.isTrailingLimit { limit = trailingLimit(market) }
        return true
    }

    /// Above the market when it waits for a rise, below when for a fall: the side of the first look decides.
    private mutating func isTouched(_ last: Int64, at now: WallTime) -> Bool {
        guard let trigger else { return false }
        if let purpose {
            // A profit is above for who sells, a loss below; for who buys back the other way round.
            return (purpose == .takeProfit) == (side == .sell) ? last >= trigger : last <= trigger
        }
        let from = best ?? last
        best = from
        return (from >= trigger ? last <= trigger : last >= trigger) && isTouchedOften(at: now)
    }

    /// Counts a touch; whether there were enough of them within a minute.
    private mutating func isTouchedOften(at now: WallTime) -> Bool {
        touches = touches.filter { now - $0 < .seconds(60) } + [now]
        return touches.count >= max(1, triggerCount)
    }

    /// Whether the price that had to be reached before it trails was.
    private mutating func isTracking(_ last: Int64) -> Bool {
        guard let monitor, best == nil else { return true }
        return side == .sell ? last >= monitor : last <= monitor
    }

    private func trailingLimit(_ market: MatchingEngine.Market) -> Int64 {
        if depthLevel != 0 {
            let rows = depthLevel > 0 ? market.asks : market.bids
            if let row = rows.prefix(abs(depthLevel)).last { return row.price }
        }
        let offset = limitOffset ?? 0
        return max(1, side == .sell ? market.last - offset : market.last + min(offset, .max - market.last))
    }

    /// How far a conditional order is: it follows the price, it was set off.
    enum Trigger: Sendable { case unused, inactive, active, released }

    var triggerState: Trigger {
        guard kind.isConditional else { return .unused }
        if triggered != nil { return .released }
        return best == nil ? .inactive : .active
    }

    /// Takes new terms over.
    mutating func apply(_ change: Amendment) {
        quantity = change.quantity
        limit = change.limit ?? limit
        trigger = change.trigger ?? trigger
        trail = change.trail ?? trail
        limitOffset = change.limitOffset ?? limitOffset
        depthLevel = change.depthLevel ?? depthLevel
        triggerCount = change.triggerCount ?? triggerCount
        monitor = change.monitor ?? monitor
        switch change.delay {
        case .until(let time): delayedUntil = time
        case .lifted: delayedUntil = nil
        case nil: break
        }
        remark = change.remark ?? remark
        if change.trigger != nil || change.trail != nil {
            best = nil
            touches = []
        }
    }
}
