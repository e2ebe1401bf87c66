internal import Bytes
internal import Clocks
internal import EventLoops
internal import LongbridgeWire

/// The control path of the trading side: faults of calls and pushes, and what happens to an order from outside.
extension LongbridgeSandbox {
    /// `{"call": "POST /v1/trade/order", "fault": "drop-after", "times": 1}`, `{"lost_percent": 30}`, `{"paused": true}`.
    func bendTrading(_ fields: inout ControlFields) throws(ControlMistake) {
        if let call = try fields.text("call") {
            let fault = try fields.choice("fault", TradingFaults.CallFault.self)
            var rule = TradingFaults.Rule(
                fault: fault ?? .dropAfter, times: try fields.integer("times", 0...1_000_000) ?? 1)
            rule.code = try fields.integer("code", 1...999_999_999) ?? rule.code
            if let delay = try fields.integer("delay_ms", 0...3_600_000) { rule.delay = .milliseconds(delay) }
            tradingFaults.calls[call] = rule
        }
        if let value = try fields.integer("lost_percent", 0...100) { tradingFaults.lostPercent = value }
        if let value = try fields.integer("doubled_percent", 0...100) { tradingFaults.doubledPercent = value }
        if let value = try fields.integer("shuffled_percent", 0...100) { tradingFaults.shuffledPercent = value }
        if let value = try fields.boolean("paused") { tradingFaults.isMatchingPaused = value }
        if let symbol = try fields.text("halt") { tradingFaults.halted.insert(symbol) }
        if let symbol = try fields.text("resume") { tradingFaults.halted.remove(symbol) }
        if let value = try fields.integer("confirm_ms", 0...3_600_000) {
            tradingFaults.confirmation = .milliseconds(value)
        }
        if let value = try fields.integer("hidden_ms", 0...3_600_000) { tradingFaults.hiding = .milliseconds(value) }
        if let value = try fields.integer("reject", 0...1_000_000) {
            tradingFaults.rejections = (value, try fields.text("message") ?? "as asked")
        }
        if let value = try fields.integer("refuse_changes", 0...1_000_000) { desk.engine.changesToRefuse = value }
        if let seed = try fields.integer("seed", 0...Int(Int32.max)) { desk.mangler = PushMangler(seed: UInt64(seed)) }
        if let value = try fields.integer("past_orders", 1...20_000) {
            SimulatedPast.fill(
                &desk.engine, orders: value, days: try fields.integer("past_days", 1...89) ?? 30, now: clock())
        }
        desk.engine.confirmation = tradingFaults.confirmation
        scheduleMatching()
    }

    /// Ends the sockets of the trading side only: without a word, or with the vendor's reason.
    func kickTradeSockets(_ fields: inout ControlFields) throws(ControlMistake) {
        let code = try fields.integer("code", 0...6).flatMap { CloseCode(rawValue: Int32($0)) }
        if try fields.boolean("expire") ?? false { expireSessions() }
        for socket in sockets.values where socket.isTrade {
            if let code {
                socket.close(Longbridge.Control.Close.Code(rawValue: code.rawValue), "as asked")
            } else {
                socket.drop()
            }
        }
    }

    /// `{"do": "fill", "order_id": …, "quantity": …, "price": …}`, or `cancel`, `expire`, `reject`; `forget` takes it
    /// out of every list; `place` is for an order by somebody else.
    func bendOrder(_ fields: inout ControlFields) throws(ControlMistake) {
        let action = try fields.text("do") ?? ""
        if action == "place" { return try placeForeign(&fields) }
        let now = clock()
        guard let id = try fields.text("order_id").flatMap({ Int64($0) }), let order = desk.engine.orders[id],
            let security = SimulatedSecurity.bySymbol[order.symbol]
        else { throw ControlMistake(message: "order_id is not known") }
        if action == "forget" { return desk.engine.forget(id) }
        let message = try fields.text("message") ?? "as asked"
        let ends: [String: OrderStatus] = ["cancel": .cancelled, "expire": .expired, "reject": .rejected]
        let quantity = Int64(try fields.integer("quantity", 1...1_000_000_000) ?? Int(order.remaining))
        let price = try fields.text("price").flatMap { DecimalText($0)?.units(scale: 3) }
        do throws(MatchingEngine.Refusal) {
            if action == "fill" {
                tell(try desk.engine.fill(id, quantity, at: price ?? order.limit ?? security.price, now: now))
            } else if let status = ends[action] {
                tell(try desk.engine.end(id, as: status, message, at: now))
            } else {
                throw .notFound
            }
        } catch { throw ControlMistake(message: "cannot: \(error)") }
    }

    /// An order as a person in the vendor's application would place it.
    private func placeForeign(_ fields: inout ControlFields) throws(ControlMistake) {
        let now = clock()
        guard let symbol = try fields.text("symbol"), let security = try? security(symbol) else {
            throw ControlMistake(message: "symbol is not known")
        }
        let price = try fields.text("price").flatMap { DecimalText($0)?.units(scale: 3) }
        var order = SimulatedOrder(
            id: desk.engine.nextID(at: now), symbol: symbol, market: security.market, currency: security.currency,
            side: try fields.text("side") == "Sell" ? .sell : .buy, kind: price == nil ? .market : .limit,
            quantity: Int64(try fields.integer("quantity", 1...1_000_000) ?? Int(security.lotSize)), limit: price,
            submitted: now, updated: now)
        order.remark = try fields.text("remark") ?? ""
        order.ends = OrderEnd.of(
            .day, expires: nil, sessions: .regular, security.market, hours, now: now)
        take(order, at: now)
    }
}
