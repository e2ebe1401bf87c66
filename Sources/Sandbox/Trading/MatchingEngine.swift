internal import Clocks

/// The simulated broker's orders: taken, sent to the exchange, matched against the simulated book, amended, withdrawn.
///
/// It is told the market and the time, and answers every event with the states its orders went through, in order. Nothing
/// at the exchange is done at once: each hop takes ``confirmation``, within which the market may be faster. Cash and shares
/// are held back while an order works and move when it fills. It knows no broker's wire.
struct MatchingEngine: Sendable {
    /// What the engine must know of a security at the moment.
    struct Market: Sendable {
        var last: Int64
        /// Best first.
        var asks: [SimulatedBook.Row]
        var bids: [SimulatedBook.Row]
        /// Grows whenever the book is another one; what was taken of a row stays taken until then.
        var version: Int
        /// `nil` when it is closed.
        var session: TradingSession?
        /// Whether nothing is done although it is open.
        var isHalted = false
    }

    /// Why a request is refused; each wire has a code for it.
    enum Refusal: Error, Equatable {
        case notFound
        case notChangeable
        case badQuantity
        case noFunds
        case noShares
    }

    /// One hop to the exchange or back.
    var confirmation = Duration.zero
    /// Changes that the exchange still refuses: a fault.
    var changesToRefuse = 0

    private(set) var account: SimulatedAccount
    var orders: [Int64: SimulatedOrder] = [:]
    private(set) var fills: [SimulatedOrder.Fill] = []
    var working: [String: Set<Int64>] = [:]
    /// Orders with something on its way.
    private var inTransit: Set<Int64> = []
    /// What orders took of the rows of each book.
    private var taken: [String: TakenRows] = [:]
    private var lastID: Int64 = 0
    private var fillCount = 0

    private struct TakenRows: Sendable {
        var version: Int
        var byPrice: [Int64: Int64] = [:]
    }

    /// Orders kept; the oldest final ones go first.
    private static let bound = 50_000
    /// The largest value of one order, in thousandths, so that no sum of a day overflows.
    static let valueBound: Int64 = 100_000_000_000_000

    /// An engine whose account was opened at `opened`.
    init(opened: WallTime) { account = SimulatedAccount(opened: opened) }

    /// Symbols that orders wait for.
    var workingSymbols: [String] { Array(working.keys) }
    /// When ``advance(to:)`` has something to do; `nil` when nothing is on its way.
    var nextDue: WallTime? { inTransit.compactMap { orders[$0]?.transit?.due }.min() }

    /// A number for a new order: later ones are larger.
    mutating func nextID(at now: WallTime) -> Int64 {
        lastID = max(lastID + 1, now.milliseconds << 20)
        return lastID
    }

    // MARK: Requests

    /// Takes an order in. One that money or shares do not suffice for is rejected at once.
    mutating func submit(_ new: SimulatedOrder, _ market: Market, at now: WallTime) -> [SimulatedOrder] {
        var order = new
        order.estimate = market.last + market.last / 20
        var told: [SimulatedOrder] = []
        if let reason = hold(&order) {
            order.note(.waitToNew, at: now)
            order.message = reason == .noShares ? "Insufficient holdings" : "Insufficient buying power"
            order.note(.rejected, order.message, at: now)
            keep(order)
            return [order]
        }
        working[order.symbol, default: []].insert(order.id)
        enter(&order, market, at: now)
        told.append(order)
        settle(&order, &told, at: now)
        keep(order)
        return told
    }

    /// Takes an order in that nothing is ever matched with: combinations have no book here. It rests until it is withdrawn.
    mutating func rest(_ new: SimulatedOrder, at now: WallTime) -> [SimulatedOrder] {
        var order = new
        order.isHolding = false
        order.note(.open, at: now)
        keep(order)
        return [order]
    }

    /// Asks for other terms. Those that cannot be are refused at once, what the market made impossible later.
    mutating func replace(
        _ id: Int64, _ change: SimulatedOrder.Amendment, at now: WallTime
    ) throws(Refusal) -> [SimulatedOrder] {
        guard var order = orders[id] else { throw .notFound }
        guard order.status.isChangeable else { throw .notChangeable }
        guard change.quantity > order.filled else { throw .badQuantity }
        var trial = account
        var amended = order
        if let reason = trial.amend(&amended, change) { throw reason }
        var told: [SimulatedOrder] = []
        if order.status.isUnreported {
            _ = account.amend(&order, change)
            order.note(
                order.status == .notReported ? .replacedNotReported : order.status, "Replaced", at: now)
            told.append(order)
        } else {
            order.transit = .init(change: .replace(change), due: now + confirmation)
            order.note(.waitToReplace, at: now)
            told.append(order)
            settle(&order, &told, at: now)
        }
        keep(order)
        return told
    }

    /// Asks for the rest to be withdrawn. Asking again while that is on its way changes nothing.
    mutating func cancel(_ id: Int64, at now: WallTime) throws(Refusal) -> [SimulatedOrder] {
        guard var order = orders[id] else { throw .notFound }
        guard order.status != .waitToCancel, order.status != .pendingCancel else { return [] }
        guard order.status.isChangeable else { throw .notChangeable }
        if order.status.isUnreported { return try end(id, as: .cancelled, "", at: now) }
        var told: [SimulatedOrder] = []
        order.transit = .init(change: .cancel, due: now + confirmation)
        order.note(.waitToCancel, at: now)
        told.append(order)
        settle(&order, &told, at: now)
        keep(order)
        return told
    }

    /// Ends an order from outside: withdrawn, expired, rejected by the exchange.
    mutating func end(
        _ id: Int64, as status: OrderStatus, _ message: String, at now: WallTime
    ) throws(Refusal) -> [SimulatedOrder] {
        guard var order = orders[id] else { throw .notFound }
        guard !order.status.isFinal else { throw .notChangeable }
        finish(&order, as: status, message, at: now)
        keep(order)
        return [order]
    }

    /// Does a part of an order at a price, whatever the market.
    mutating func fill(
        _ id: Int64, _ quantity: Int64, at price: Int64, now: WallTime
    ) throws(Refusal) -> [SimulatedOrder] {
        guard var order = orders[id] else { throw .notFound }
        guard !order.status.isFinal else { throw .notChangeable }
        guard quantity > 0, quantity <= order.remaining, price > 0, price <= MatchingEngine.valueBound / quantity else {
            throw .badQuantity
        }
        if !order.status.isWorking {
            order.status = .open
            order.transit = nil
        }
        execute(&order, quantity, price, at: now)
        keep(order)
        return [order]
    }

    // MARK: Time passes

    /// What was on its way arrives.
    mutating func advance(to now: WallTime) -> [SimulatedOrder] {
        var told: [SimulatedOrder] = []
        for id in inTransit.sorted() {
            guard var order = orders[id] else { continue }
            settle(&order, &told, at: now)
            keep(order)
        }
        return told
    }

    /// Looks at every order in a security, in the order they came.
    mutating func match(_ symbol: String, _ market: Market, at now: WallTime) -> [SimulatedOrder] {
        var told: [SimulatedOrder] = []
        for id in (working[symbol] ?? []).sorted() {
            guard let before = orders[id] else { continue }
            var order = before
            look(&order, market, &told, at: now)
            if order != before { keep(order) }
        }
        return told
    }

    private mutating func look(
        _ order: inout SimulatedOrder, _ market: Market, _ told: inout [SimulatedOrder], at now: WallTime
    ) {
        if let ends = order.ends, now >= ends {
            finish(&order, as: .expired, "Expired", at: now)
            return told.append(order)
        }
        switch order.status {
        case .delayed:
            if let until = order.delayedUntil, now < until { return }
            order.delayedUntil = nil
        case .notReported, .replacedNotReported:
            guard market.session.map(order.sessions.include) == true else { return }
        case .waiting:
            guard !market.isHalted, market.session.map(order.sessions.include) == true,
                order.isSetOff(market, at: now)
            else { return }
            order.triggered = now
            if order.parent != nil, !setOff(&order, market, &told, at: now) { return }
        default:
            guard order.status.isWorking, !market.isHalted, market.session.map(order.sessions.include) == true else {
                return
            }
            return fill(&order, market, &told, at: now)
        }
        enter(&order, market, at: now)
        told.append(order)
        settle(&order, &told, at: now)
    }

    /// Where an order stands that was just taken, set off or let go.
    private func enter(_ order: inout SimulatedOrder, _ market: Market, at now: WallTime) {
        if let until = order.delayedUntil, until > now { return order.note(.delayed, at: now) }
        if order.kind.isConditional, order.triggered == nil { return order.note(.waiting, at: now) }
        guard market.session.map(order.sessions.include) == true else { return order.note(.notReported, at: now) }
        order.transit = .init(change: .report, due: now + confirmation)
        order.note(.waitToNew, order.triggered == nil ? "" : "Triggered", at: now)
    }

    /// Does the hops that are due.
    private mutating func settle(_ order: inout SimulatedOrder, _ told: inout [SimulatedOrder], at now: WallTime) {
        while let transit = order.transit, transit.due <= now {
            order.transit = nil
            switch (transit.change, order.status) {
            case (.report, _):
                guard let reason = order.fate else {
                    order.note(.open, at: now)
                    break
                }
                finish(&order, as: .rejected, reason, at: now)
            case (_, .waitToReplace), (_, .waitToCancel):
                order.transit = .init(change: transit.change, due: transit.due + confirmation)
                order.note(order.status == .waitToCancel ? .pendingCancel : .pendingReplace, at: now)
            case (.cancel, _):
                if isRefused() {
                    order.note(order.workingStatus, "Cancel refused", at: now)
                } else {
                    finish(&order, as: .cancelled, "", at: now)
                }
            case (.replace(let change), _):
                if isRefused() || change.quantity <= order.filled || account.amend(&order, change) != nil {
                    order.note(order.workingStatus, "Replace refused", at: now)
                } else {
                    order.note(.replaced, "Replaced", at: now)
                    told.append(order)
                    order.note(order.workingStatus, at: now)
                }
            }
            told.append(order)
        }
    }

    private mutating func isRefused() -> Bool {
        guard changesToRefuse > 0 else { return false }
        changesToRefuse -= 1
        return true
    }

    // MARK: The book

    /// What the book gives, row by row.
    private mutating func fill(
        _ order: inout SimulatedOrder, _ market: Market, _ told: inout [SimulatedOrder], at now: WallTime
    ) {
        let isBuying = order.side == .buy
        var used = taken[order.symbol] ?? TakenRows(version: market.version)
        if used.version != market.version { used = TakenRows(version: market.version) }
        for row in (isBuying ? market.asks : market.bids).prefix(order.kind.levels) {
            if let worst = order.worst, isBuying ? row.price > worst : row.price < worst { break }
            let free = row.quantity - used.byPrice[row.price, default: 0]
            guard free > 0 else { continue }
            let quantity = min(order.remaining, free)
            used.byPrice[row.price, default: 0] += quantity
            execute(&order, quantity, row.price, at: now)
            told.append(order)
            if order.status.isFinal { break }
        }
        taken[order.symbol] = used
        if order.kind == .specialLimit, !order.status.isFinal {
            finish(&order, as: .cancelled, "The rest was withdrawn", at: now)
            told.append(order)
        }
    }

    private mutating func execute(_ order: inout SimulatedOrder, _ quantity: Int64, _ price: Int64, at now: WallTime) {
        fillCount += 1
        let fill = SimulatedOrder.Fill(
            id: "\(order.id)-\(fillCount)", order: order.id, symbol: order.symbol, currency: order.currency,
            side: order.side, price: price, quantity: quantity, time: now)
        fills.append(fill)
        let before = order.fees
        order.filled += quantity
        order.filledValue += fill.value
        order.charges = FeeSchedule.charges(
            order.market, order.side, value: order.filledValue, quantity: order.filled)
        if order.side == .buy {
            let still = order.remaining == 0 ? 0 : min(order.held, order.cashNeeded)
            account.hold(still - order.held, order.currency)
            order.held = still
        } else {
            account.holdShares(-quantity, order.symbol)
        }
        account.settle(fill, fee: order.fees - before)
        order.last = price
        order.lastQuantity = quantity
        let isOnItsWay = order.transit != nil && order.remaining > 0
        if order.remaining == 0 { order.transit = nil }
        order.note(
            order.remaining == 0 ? .filled : isOnItsWay ? order.status : .partiallyFilled, price: price,
            quantity: quantity, "Execution of \(quantity)", at: now)
    }

    /// Holds back what an order needs, if there is as much.
    mutating func hold(_ order: inout SimulatedOrder) -> Refusal? { account.hold(for: &order) }

    mutating func finish(
        _ order: inout SimulatedOrder, as status: OrderStatus, _ message: String, at now: WallTime
    ) {
        account.release(&order)
        order.transit = nil
        if status == .rejected { order.message = message }
        order.note(status, message, at: now)
    }

    // MARK: Memory

    mutating func keep(_ order: SimulatedOrder) {
        orders[order.id] = order
        if order.status.isFinal, !order.exits.isEmpty { settleExits(of: order) }
        if order.transit == nil { inTransit.remove(order.id) } else { inTransit.insert(order.id) }
        if order.status.isFinal {
            working[order.symbol]?.remove(order.id)
            if working[order.symbol]?.isEmpty == true {
                working[order.symbol] = nil
                taken[order.symbol] = nil
            }
        }
        guard orders.count > MatchingEngine.bound else { return }
        let old = orders.values.filter(\.status.isFinal).map(\.id).sorted().prefix(MatchingEngine.bound / 10)
        for id in old { orders[id] = nil }
        let gone = Set(old)
        fills.removeAll { gone.contains($0.order) }
    }

    /// Adds an order of the past, with its fill, that touches neither cash nor shares of today.
    mutating func remember(_ order: SimulatedOrder, _ fill: SimulatedOrder.Fill?) {
        orders[order.id] = order
        lastID = max(lastID, order.id)
        guard let fill else { return }
        fills.append(fill)
        account.remember(fill, fee: order.fees)
    }

    mutating func remember(_ movement: SimulatedAccount.Movement) { account.remember(movement) }
}
