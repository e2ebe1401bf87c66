internal import Clocks
internal import EventLoops
internal import LongbridgeWire
internal import Protobuf

/// Orders meet the market, and the account's sockets are told.
extension LongbridgeSandbox {
    /// What the engine is told of a security now; `nil` for one the simulation does not know.
    func tradingMarket(_ symbol: String, at now: WallTime) -> MatchingEngine.Market? {
        guard let listing = answers.market.listing(symbol, at: now), let last = listing.current?.last else {
            return nil
        }
        let book = listing.book
        return MatchingEngine.Market(
            last: last, asks: book.asks, bids: book.bids, version: listing.tradeCount, session: listing.active,
            isHalted: tradingFaults.isMatchingPaused || faults.isFrozen || tradingFaults.halted.contains(symbol))
    }

    /// Takes an order in, tells of it, and looks at the market a moment later, as an exchange would.
    func take(_ new: SimulatedOrder, at now: WallTime) {
        guard let market = tradingMarket(new.symbol, at: now) else { return }
        var order = new
        order.fate = tradingFaults.takeRejection()
        desk.engine.confirmation = tradingFaults.confirmation
        tell(desk.engine.submit(order, market, at: now))
    }

    /// Looks at what is on its way, and at the books, shortly.
    func scheduleMatching() {
        matching.schedule(after: .milliseconds(15))
        guard let due = desk.engine.nextDue else { return }
        confirming.schedule(after: max(.zero, due - clock()))
    }

    /// What is on its way to the exchange arrives.
    func confirm() { tell(desk.engine.advance(to: clock())) }

    func match() {
        let now = clock()
        var told = desk.engine.advance(to: now)
        for symbol in desk.engine.workingSymbols.sorted() {
            guard let market = tradingMarket(symbol, at: now) else { continue }
            told += desk.engine.match(symbol, market, at: now)
        }
        tell(told)
    }

    /// Pushes that were held back are sent at last.
    func releasePushes() {
        for push in desk.mangler.release() { send(orderPush: push) }
    }

    /// Pushes an order's changes to every socket that asked for the account's orders.
    func tell(_ changes: [SimulatedOrder]) {
        // Of attached orders nothing is pushed: they show in their order.
        for order in changes where order.parent == nil {
            guard let security = order.security else { continue }
            let push = TradeWire.push(order, security, account: TradingDesk.account)
            for data in desk.mangler.mangle(push, tradingFaults) { send(orderPush: data) }
        }
        if !changes.isEmpty { scheduleMatching() }
    }

    private func send(orderPush data: [UInt8]) {
        var notification = Longbridge.Trade.Notification()
        notification.topic = "private"
        notification.contentType = .contentJson
        notification.dispatchType = .dispatchDirect
        notification.data = data
        let packet = encode(LongbridgePacket(.push, command: TradeCommand.notify, body: notification.encoded()))
        for socket in sockets.values where socket.wantsOrders {
            socket.send(packet)
            counters.pushes += 1
        }
    }
}
