internal import Bytes
internal import Clocks
internal import EventLoops

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
        if let value = try fields.boolean("paused") {
            tradingFaults.isMatchingPaused = value
            scheduleMatching()
        }
    }

    /// `{"do": "fill", "order_id": …, "quantity": …, "price": …}`, or `cancel`, `expire`, `reject`; `place` for an order
    /// by somebody else.
    func bendOrder(_ fields: inout ControlFields) throws(ControlMistake) {
        let action = try fields.text("do") ?? ""
        let now = clock()
        if action == "place" {
            guard let symbol = try fields.text("symbol"), let security = try? security(symbol) else {
                throw ControlMistake(message: "symbol is not known")
            }
            let price = try fields.text("price").flatMap { DecimalText($0)?.units(scale: 3) }
            var order = SimulatedOrder(
                id: desk.engine.nextID(at: now), symbol: symbol,
                side: try fields.text("side") == "Sell" ? .sell : .buy, kind: price == nil ? .market : .limit,
                typeName: price == nil ? "MO" : "LO",
                quantity: Int64(try fields.integer("quantity", 1...1_000_000) ?? Int(security.lotSize)),
                limit: price, submitted: now, updated: now)
            order.remark = try fields.text("remark") ?? ""
            return take(order, security, at: now)
        }
        guard let id = try fields.text("order_id").flatMap({ Int64($0) }), let order = desk.engine.orders[id],
            let security = SimulatedSecurity.bySymbol[order.symbol]
        else { throw ControlMistake(message: "order_id is not known") }
        let message = try fields.text("message")
        do throws(MatchingEngine.Refusal) {
            switch action {
            case "fill":
                let quantity: Int64
                let price: Int64
                do throws(ControlMistake) {
                    quantity = Int64(try fields.integer("quantity", 1...1_000_000_000) ?? Int(order.remaining))
                    price =
                        try fields.text("price").flatMap { DecimalText($0)?.units(scale: 3) } ?? order.limit
                        ?? security.price
                } catch { throw .badQuantity }
                tell(
                    try desk.engine.fill(
                        id, quantity, at: price, currency: security.currency,
                        isHongKong: security.market == .hongKong, now: now))
            case "cancel", "expire", "reject":
                let status: SimulatedOrder.Status =
                    action == "cancel" ? .cancelled : action == "expire" ? .expired : .rejected
                tell(
                    try desk.engine.end(id, as: status, message ?? "as asked", currency: security.currency, at: now))
            default: throw .notFound
            }
        } catch { throw ControlMistake(message: "cannot: \(error)") }
    }
}
