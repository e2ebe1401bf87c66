internal import Clocks

/// The simulated broker's orders: taken, matched against the simulated book, amended, withdrawn.
///
/// It is told the market and the time. A fill takes at most what the row of the book shows, so that large orders are done
/// in parts, one row at each look. Cash and shares are held back while an order works and move when it fills.
struct MatchingEngine: Sendable {
    /// What the engine must know of a security at the moment.
    struct Market: Sendable {
        var last: Int64
        /// Best first.
        var asks: [SimulatedBook.Row]
        var bids: [SimulatedBook.Row]
        var currency: String
        var isHongKong: Bool
    }

    /// Why a request is refused; the wire has a code for each.
    enum Refusal: Error, Equatable {
        case notFound
        case notChangeable
        case badQuantity
    }

    private(set) var account = SimulatedAccount()
    private(set) var orders: [Int64: SimulatedOrder] = [:]
    private(set) var fills: [SimulatedOrder.Fill] = []
    private var working: [String: Set<Int64>] = [:]
    private var lastID: Int64 = 0
    private var fillCount = 0

    /// Orders kept; the oldest final ones go first.
    private static let bound = 50_000

    /// Symbols that orders wait for.
    var workingSymbols: [String] { Array(working.keys) }

    /// A number for a new order: later ones are larger.
    mutating func nextID(at now: WallTime) -> Int64 {
        lastID = max(lastID + 1, now.milliseconds << 20)
        return lastID
    }

    // MARK: Requests

    /// Takes an order in. One that money or shares do not suffice for is rejected at once.
    mutating func submit(_ new: SimulatedOrder, currency: String, estimate: Int64, at now: WallTime) -> SimulatedOrder {
        var order = new
        let first: SimulatedOrder.Status = order.isConditional ? .waiting : .open
        order.note(first, price: order.limit ?? 0, quantity: order.quantity, at: now)
        if order.side == .buy {
            let needed = (order.limit ?? estimate) * order.quantity
            if needed > account.available(currency) {
                order.message = "Insufficient buying power"
                order.note(.rejected, price: order.limit ?? 0, quantity: order.quantity, order.message, at: now)
            } else {
                order.held = needed
                account.hold(needed, currency)
            }
        } else if order.quantity > account.sellable(order.symbol) {
            order.message = "Insufficient holdings"
            order.note(.rejected, price: order.limit ?? 0, quantity: order.quantity, order.message, at: now)
        } else {
            account.holdShares(order.quantity, order.symbol)
        }
        if !order.status.isFinal { working[order.symbol, default: []].insert(order.id) }
        keep(order)
        return order
    }

    mutating func replace(
        _ id: Int64, quantity: Int64, limit: Int64?, trigger: Int64?, trail: Int64?, limitOffset: Int64?,
        currency: String, at now: WallTime
    ) throws(Refusal) -> SimulatedOrder {
        guard var order = orders[id] else { throw .notFound }
        guard !order.status.isFinal else { throw .notChangeable }
        guard quantity > order.filled else { throw .badQuantity }
        release(&order, currency)
        order.quantity = quantity
        order.limit = limit ?? order.limit
        order.trigger = trigger ?? order.trigger
        order.trail = trail ?? order.trail
        order.limitOffset = limitOffset ?? order.limitOffset
        if order.side == .buy {
            order.held = (order.limit ?? order.average) * order.remaining
            account.hold(order.held, currency)
        } else {
            account.holdShares(order.remaining, order.symbol)
        }
        order.note(order.status, price: order.limit ?? 0, quantity: order.remaining, "Replaced", at: now)
        keep(order)
        return order
    }

    mutating func cancel(_ id: Int64, currency: String, at now: WallTime) throws(Refusal) -> SimulatedOrder {
        try end(id, as: .cancelled, "Cancelled", currency: currency, at: now)
    }

    /// Ends an order from outside: withdrawn, expired, rejected by the exchange.
    mutating func end(
        _ id: Int64, as status: SimulatedOrder.Status, _ message: String, currency: String, at now: WallTime
    ) throws(Refusal) -> SimulatedOrder {
        guard var order = orders[id] else { throw .notFound }
        guard !order.status.isFinal else { throw .notChangeable }
        release(&order, currency)
        if status == .rejected { order.message = message }
        order.note(status, price: order.limit ?? 0, quantity: order.remaining, message, at: now)
        keep(order)
        return order
    }

    // MARK: The market moves

    /// Looks at every order in a security; those that changed, in the order they came.
    mutating func match(_ symbol: String, _ market: Market, at now: WallTime) -> [SimulatedOrder] {
        var changed: [SimulatedOrder] = []
        for id in (working[symbol] ?? []).sorted() {
            guard var order = orders[id], !order.status.isFinal else { continue }
            let before = order
            if order.status == .waiting { trigger(&order, market, at: now) }
            if order.status != .waiting { fill(&order, market, at: now) }
            guard order != before else { continue }
            keep(order)
            if order.updated != before.updated || order.status != before.status || order.filled != before.filled {
                changed.append(order)
            }
        }
        return changed
    }

    private func trigger(_ order: inout SimulatedOrder, _ market: Market, at now: WallTime) {
        switch order.kind {
        case .market, .limit: return
        case .limitIfTouched, .marketIfTouched:
            guard let trigger = order.trigger else { return }
            // Above the market when buying on a rise, below when on a fall: the side of the first look decides.
            let from = order.best ?? market.last
            order.best = from
            let isTouched = from >= trigger ? market.last <= trigger : market.last >= trigger
            guard isTouched else { return }
        case .trailingMarket, .trailingLimit:
            guard let trail = order.trail else { return }
            let isSelling = order.side == .sell
            let best = isSelling ? max(order.best ?? 0, market.last) : min(order.best ?? .max, market.last)
            order.best = best
            let distance = order.isTrailPercent ? best / 1000 * trail / 100 : trail
            guard isSelling ? market.last <= best - distance : market.last >= best + distance else { return }
            if order.kind == .trailingLimit {
                let offset = order.limitOffset ?? 0
                order.limit = isSelling ? market.last - offset : market.last + offset
            }
        }
        order.triggered = now
        order.note(.open, price: order.limit ?? 0, quantity: order.quantity, "Triggered", at: now)
    }

    /// What the best row gives.
    private mutating func fill(_ order: inout SimulatedOrder, _ market: Market, at now: WallTime) {
        guard let row = (order.side == .buy ? market.asks : market.bids).first else { return }
        if let worst = order.worst {
            guard order.side == .buy ? row.price <= worst : row.price >= worst else { return }
        }
        execute(&order, min(order.remaining, row.quantity), row.price, market.currency, market.isHongKong, at: now)
    }

    /// Does a part of an order at a price, whatever the market.
    mutating func fill(
        _ id: Int64, _ quantity: Int64, at price: Int64, currency: String, isHongKong: Bool, now: WallTime
    ) throws(Refusal) -> SimulatedOrder {
        guard var order = orders[id] else { throw .notFound }
        guard !order.status.isFinal else { throw .notChangeable }
        guard quantity > 0, quantity <= order.remaining else { throw .badQuantity }
        execute(&order, quantity, price, currency, isHongKong, at: now)
        keep(order)
        return order
    }

    private mutating func execute(
        _ order: inout SimulatedOrder, _ quantity: Int64, _ price: Int64, _ currency: String, _ isHongKong: Bool,
        at now: WallTime
    ) {
        guard quantity > 0 else { return }
        let value = price * quantity
        var fee: Int64 = order.filled == 0 ? (isHongKong ? 15_000 : 990) : 0
        // Stamp duty of a thousandth, whole dollars upwards.
        if isHongKong { fee += (value / 1000 + 999) / 1000 * 1000 }
        if order.side == .buy {
            let freed =
                order.remaining == quantity ? order.held : min(order.held, order.held / order.remaining * quantity)
            order.held -= freed
            account.hold(-freed, currency)
            account.bought(quantity, of: order.symbol, for: value, fee: fee, currency)
        } else {
            account.holdShares(-quantity, order.symbol)
            account.sold(quantity, of: order.symbol, for: value, fee: fee, currency)
        }
        order.filled += quantity
        order.filledValue += value
        order.fees += fee
        order.last = price
        order.lastQuantity = quantity
        fillCount += 1
        fills.append(
            SimulatedOrder.Fill(
                id: "\(order.id)-\(fillCount)", order: order.id, symbol: order.symbol, side: order.side, price: price,
                quantity: quantity, time: now))
        let status: SimulatedOrder.Status = order.remaining == 0 ? .filled : .partiallyFilled
        order.note(status, price: price, quantity: quantity, "Execution of \(quantity)", at: now)
    }

    private mutating func release(_ order: inout SimulatedOrder, _ currency: String) {
        if order.side == .buy {
            account.hold(-order.held, currency)
            order.held = 0
        } else {
            account.holdShares(-order.remaining, order.symbol)
        }
    }

    // MARK: Memory

    private mutating func keep(_ order: SimulatedOrder) {
        orders[order.id] = order
        if order.status.isFinal {
            working[order.symbol]?.remove(order.id)
            if working[order.symbol]?.isEmpty == true { working[order.symbol] = nil }
        }
        guard orders.count > MatchingEngine.bound else { return }
        let old = orders.values.filter(\.status.isFinal).map(\.id).sorted().prefix(MatchingEngine.bound / 10)
        for id in old { orders[id] = nil }
        let gone = Set(old)
        fills.removeAll { gone.contains($0.order) }
    }

    /// Adds an order of the past, with its fill, that touches neither money nor shares.
    mutating func remember(_ order: SimulatedOrder, _ fill: SimulatedOrder.Fill?) {
        orders[order.id] = order
        lastID = max(lastID, order.id)
        if let fill { fills.append(fill) }
    }
}
