internal import Bytes
internal import Clocks

/// Reads `attached_params` as strictly as the vendor does.
///
/// - Source: Longbridge OpenAPI, "Submit Order" and "Replace Order".
extension TradeOrderReader {
    /// What is asked for: orders to attach, or that those there are be withdrawn.
    struct Attachment {
        var exits: [SimulatedOrder] = []
        var withdrawsAll = false
    }

    /// - Parameter nextID: a number for each.
    func attachment(
        to main: SimulatedOrder, _ security: SimulatedSecurity, _ hours: MarketHours, now: WallTime,
        nextID: () -> Int64
    ) throws(TradeRefusal) -> Attachment? {
        guard let member = json["attached_params"], !member.isNull else { return nil }
        guard member.objectValue != nil else { throw .invalid("invalid attached_params") }
        let reader = TradeOrderReader(part: member)
        if member["cancel_all_attached"]?.boolValue == true { return Attachment(withdrawsAll: true) }
        let purposes: [SimulatedOrder.Purpose]
        switch reader.text("attached_order_type") {
        case "PROFIT_TAKER": purposes = [.takeProfit]
        case "STOP_LOSS": purposes = [.stopLoss]
        case "BRACKET": purposes = [.takeProfit, .stopLoss]
        default: throw .invalid("invalid attached_order_type")
        }
        var exits: [SimulatedOrder] = []
        for purpose in purposes { exits.append(try reader.exit(purpose, main, security, hours, now, nextID())) }
        if exits.count == 2, let profit = exits[0].trigger, let loss = exits[1].trigger {
            guard main.side == .buy ? profit > loss : profit < loss else {
                throw .invalid("profit_taker_price is on the wrong side of stop_loss_price")
            }
        }
        return Attachment(exits: exits)
    }

    private func exit(
        _ purpose: SimulatedOrder.Purpose, _ main: SimulatedOrder, _ security: SimulatedSecurity, _ hours: MarketHours,
        _ now: WallTime, _ id: Int64
    ) throws(TradeRefusal) -> SimulatedOrder {
        let prefix = purpose == .takeProfit ? "profit_taker" : "stop_loss"
        let word = text("activate_order_type") ?? "MIT"
        guard word == "LIT" || word == "MIT" else { throw .invalid("invalid activate_order_type") }
        guard let lifetime = text("time_in_force").flatMap({ TradeWire.lifetimes[$0] }) else {
            throw .invalid("time in force not supported")
        }
        var order = SimulatedOrder(
            id: id, symbol: main.symbol, market: main.market, currency: main.currency,
            side: main.side == .buy ? .sell : .buy, kind: word == "LIT" ? .limitIfTouched : .marketIfTouched,
            quantity: main.quantity, submitted: now, updated: now)
        order.purpose = purpose
        order.trigger = try money("\(prefix)_price")
        order.limit = try money("\(prefix)_submit_price")
        order.depthLevel = Int(try integer("\(prefix)_depth_level", -5...5) ?? 0)
        order.lifetime = lifetime
        guard order.trigger != nil else { throw .invalid("\(prefix)_price is required") }
        guard word == "MIT" || order.limit != nil || order.depthLevel != 0 else {
            throw .invalid("\(prefix)_submit_price is required")
        }
        for price in [order.trigger, order.limit].compactMap({ $0 }) {
            guard price.isMultiple(of: TickTable.step(security, at: price)) else { throw .badStep }
        }
        if let word = text("activate_rth") {
            guard let sessions = TradeWire.sessions[word] else { throw .invalid("invalid activate_rth") }
            order.sessions = sessions
            order.sessionsWord = word
        }
        if lifetime == .goodTilDate {
            guard let end = try integer("expire_time", 0...9_999_999_999), end > now.seconds else {
                throw .invalid("expire_time is required")
            }
            order.expires = main.market.zone.civil(at: WallTime(seconds: end)).date
        }
        order.ends = OrderEnd.of(
            lifetime, expires: order.expires, sessions: order.sessions, main.market, hours, now: now)
        return order
    }
}
