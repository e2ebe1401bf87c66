internal import Clocks
internal import EventLoops
internal import OpenDWire
internal import Protobuf

/// Orders placed, changed, withdrawn, matched; and what clients are told of them.
extension OpenDGateway {
    /// Whether a trade write is new on its connection; what is not is never answered.
    private func isNew(_ packet: OpenD.Common.PacketID, _ client: GatewayConnection) throws(GatewayRefusal) -> Bool {
        guard packet.connID == client.id else { throw .invalid("packetID.connID") }
        if let newest = client.newestWrite, packet.serialNo <= newest { return false }
        client.newestWrite = packet.serialNo
        return true
    }

    func placeOrder(_ c2s: OpenD.TrdPlaceOrder.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.TrdPlaceOrder.S2C?
    {
        guard try isNew(c2s.packetID, client) else { return nil }
        let index = try account(c2s.header)
        try requireUnlocked(accounts[index])
        try admit(2202, account: accounts[index].id)
        guard
            let code = GatewayCode(orderMarket: c2s.secMarket, tradeMarket: c2s.header.trdMarket, code: c2s.code),
            let instrument = GatewayInstrument(code, at: now)
        else { throw .unknown(GatewayCode(0, c2s.code)) }
        guard accounts[index].covers(accounts[index].market(of: code)) else {
            throw GatewayRefusal("The account does not trade in this market")
        }
        let ticket = try OrderTicket(
            c2s, instrument, id: accounts[index].engine.nextID(at: now), hours: exchange?.hours ?? .alwaysOpen, now: now
        )
        guard let market = tradingMarket(ticket.order.symbol) else { throw .unknown(code) }
        if c2s.orderType == 9 { try requireDepth(ticket.order, market) }
        var order = ticket.order
        order.fate = takeRejection()
        accounts[index].engine.confirmation = faults.confirmation
        var trial = accounts[index].engine
        let told = trial.submit(order, market, at: now)
        guard told.first?.status != .rejected else {
            throw GatewayRefusal(order.side == .buy ? "Insufficient buying power" : "Insufficient holdings")
        }
        accounts[index].engine = trial
        accounts[index].terms[order.id] = ticket.terms
        tell(told, index)
        var answer = OpenD.TrdPlaceOrder.S2C()
        answer.header = c2s.header
        answer.orderID = UInt64(clamping: order.id)
        answer.orderIDEx = GatewayAccount.text(order.id)
        return answer
    }

    /// All or nothing: the book must have it at once.
    private func requireDepth(_ order: SimulatedOrder, _ market: MatchingEngine.Market) throws(GatewayRefusal) {
        guard let limit = order.limit else { return }
        let rows = (order.side == .buy ? market.asks : market.bids).prefix(10)
        let there = rows.filter { order.side == .buy ? $0.price <= limit : $0.price >= limit }
        guard there.reduce(0, { $0 + $1.quantity }) >= order.quantity else {
            throw GatewayRefusal("The order cannot be filled in whole")
        }
    }

    func modifyOrder(_ c2s: OpenD.TrdModifyOrder.C2S, _ client: GatewayConnection) throws(GatewayRefusal)
        -> OpenD.TrdModifyOrder.S2C?
    {
        guard try isNew(c2s.packetID, client) else { return nil }
        // Changes of orders may name any market.
        let index = try account(c2s.header)
        try requireUnlocked(accounts[index])
        try admit(2205, account: accounts[index].id)
        var answer = OpenD.TrdModifyOrder.S2C()
        answer.header = c2s.header
        if c2s.forAll == true {
            try cancelAll(index, op: c2s.modifyOrderOp, market: c2s.trdMarket)
            return answer
        }
        guard let order = accounts[index].order(c2s.orderID, c2s.orderIDEx), !accounts[index].deleted.contains(order.id)
        else { throw GatewayRefusal("The order does not exist") }
        switch c2s.modifyOrderOp {
        case 1:
            guard order.market != .mainland else { throw GatewayRefusal("The market allows no changes of orders") }
            let change = try amendment(c2s, order)
            try perform(index) { (engine, now) throws(MatchingEngine.Refusal) in
                try engine.replace(order.id, change, at: now)
            }
        case 2:
            try perform(index) { (engine, now) throws(MatchingEngine.Refusal) in try engine.cancel(order.id, at: now) }
        case 5:
            guard order.status.isFinal, order.filled == 0, accounts[index].isReal else {
                throw GatewayRefusal("The order cannot be deleted")
            }
            accounts[index].deleted.insert(order.id)
            tell([order], index)
        default: throw GatewayRefusal("The simulation does not disable orders")
        }
        answer.orderID = UInt64(clamping: order.id)
        answer.orderIDEx = GatewayAccount.text(order.id)
        return answer
    }

    private func cancelAll(_ index: Int, op: Int32, market: Int32?) throws(GatewayRefusal) {
        guard op == 2 else { throw .invalid("modifyOrderOp") }
        guard accounts[index].isReal else { throw GatewayRefusal("Paper trading cannot cancel all orders") }
        let open = accounts[index].engine.orders.values.filter { !$0.status.isFinal }.sorted { $0.id < $1.id }
        for order in open {
            guard let instrument = GatewayInstrument(trading: order.symbol) else { continue }
            if let market, market != 0, accounts[index].market(of: instrument.code) != market { continue }
            // One that is on its way out already is no failure of the others.
            if let told = try? accounts[index].engine.cancel(order.id, at: now) { tell(told, index) }
        }
    }

    private func amendment(
        _ c2s: OpenD.TrdModifyOrder.C2S, _ order: SimulatedOrder
    ) throws(GatewayRefusal) -> SimulatedOrder.Amendment {
        guard let instrument = GatewayInstrument(trading: order.symbol) else { throw .invalid("orderID") }
        var change = SimulatedOrder.Amendment(quantity: order.quantity)
        if let value = c2s.qty, value != 0 { change.quantity = try OrderTicket.quantity(value, instrument) }
        if order.kind.needsLimit, let value = c2s.price, value != 0 {
            change.limit = try OrderTicket.price(
                value, instrument, adjusts: c2s.adjustPrice == true, reach: c2s.adjustSideAndLimit ?? 0)
        }
        if let value = OrderTicket.thousandths(c2s.auxPrice), value > 0 { change.trigger = value }
        if let value = OrderTicket.thousandths(c2s.trailValue), value > 0 { change.trail = value }
        if let value = OrderTicket.thousandths(c2s.trailSpread) { change.limitOffset = value }
        return change
    }

    private func perform(
        _ index: Int, _ body: (inout MatchingEngine, WallTime) throws(MatchingEngine.Refusal) -> [SimulatedOrder]
    ) throws(GatewayRefusal) {
        accounts[index].engine.confirmation = faults.confirmation
        do throws(MatchingEngine.Refusal) {
            tell(try body(&accounts[index].engine, now), index)
        } catch {
            switch error {
            case .notFound: throw GatewayRefusal("The order does not exist")
            case .notChangeable: throw GatewayRefusal("The order cannot be changed in its state")
            case .badQuantity: throw GatewayRefusal("The quantity is not more than what is filled")
            case .noFunds: throw GatewayRefusal("Insufficient buying power")
            case .noShares: throw GatewayRefusal("Insufficient holdings")
            }
        }
    }

    // MARK: The market

    /// Symbols of the simulation that orders wait for.
    var tradingSymbols: Set<String> {
        var symbols: Set<String> = []
        for account in accounts {
            for symbol in account.engine.workingSymbols {
                if let instrument = GatewayInstrument(trading: symbol) { symbols.insert(instrument.source.symbol) }
            }
        }
        return symbols
    }

    func tradingMarket(_ symbol: String) -> MatchingEngine.Market? {
        guard let instrument = GatewayInstrument(trading: symbol), let view = view(instrument),
            let record = view.listing.current
        else { return nil }
        let book = view.book
        return MatchingEngine.Market(
            last: view.price(record.last, record.lastTime), asks: book.asks, bids: book.bids,
            version: view.listing.tradeCount, session: view.listing.active, isHalted: faults.isMatchingPaused)
    }

    /// What was on its way arrives, and orders meet the books.
    func match() {
        for index in accounts.indices {
            var told = accounts[index].engine.advance(to: now)
            for symbol in accounts[index].engine.workingSymbols.sorted() {
                guard let market = tradingMarket(symbol) else { continue }
                told += accounts[index].engine.match(symbol, market, at: now)
            }
            tell(told, index)
        }
        flush()
    }

    /// Tells the connections that asked for the account of its changes, and looks at the market again soon.
    func tell(_ orders: [SimulatedOrder], _ index: Int) {
        guard !orders.isEmpty else { return }
        let account = accounts[index]
        let listeners = connections.values.filter { $0.isReady && $0.accounts.contains(account.id) }.map(\.id)
        for order in orders {
            var update = OpenD.TrdUpdateOrder.S2C()
            update.order = account.message(order)
            update.header = account.header(update.order.trdMarket)
            for listener in listeners { later(2208, update, to: listener) }
        }
        let fills = account.engine.fills
        for fill in fills.suffix(max(0, fills.count - toldFills[index, default: 0])) where account.isReal {
            var update = OpenD.TrdUpdateOrderFill.S2C()
            update.orderFill = account.message(fill)
            update.header = account.header(update.orderFill.trdMarket)
            for listener in listeners { later(2218, update, to: listener) }
        }
        toldFills[index] = fills.count
        matching.schedule(after: .milliseconds(15))
        if let due = account.engine.nextDue {
            confirming.schedule(after: max(.zero, due - now))
        }
    }

    private func takeRejection() -> String? {
        guard faults.rejections > 0 else { return nil }
        faults.rejections -= 1
        return "Rejected as asked"
    }
}
