internal import Bytes
internal import Clocks

/// A refusal of the trading API: status, code, message.
struct TradeRefusal: Error, Equatable {
    var status = 400
    var code: Int
    var message: String

    static func invalid(_ message: String) -> TradeRefusal { TradeRefusal(code: 602_001, message: message) }
    static let badStep = TradeRefusal(code: 602_035, message: "wrong bid size")
    static let notFound = TradeRefusal(code: 602_001, message: "order not found")
}

/// Reads the body of a submit or a replace as strictly as the vendor does.
///
/// - Source: Longbridge OpenAPI, "Submit Order" and "Replace Order": what each type needs.
struct TradeOrderReader {
    let json: JSONValue

    init(_ body: [UInt8]) throws(TradeRefusal) {
        guard let json = try? JSONValue.parse(body), json.objectValue != nil else { throw .invalid("invalid body") }
        self.json = json
    }

    /// A part of a body.
    init(part json: JSONValue) { self.json = json }

    // MARK: Members

    func text(_ name: String) -> String? {
        guard let text = json[name]?.stringValue, !text.isEmpty else { return nil }
        return text
    }

    /// A price or an amount in thousandths, above zero.
    func money(_ name: String) throws(TradeRefusal) -> Int64? {
        guard let text = text(name) else { return nil }
        guard let value = DecimalText(text)?.units(scale: 3), value >= 0, value < 1_000_000_000_000 else {
            throw .invalid("invalid \(name)")
        }
        return value == 0 ? nil : value
    }

    /// Whole shares, above zero.
    func quantity(_ name: String) throws(TradeRefusal) -> Int64 {
        guard let value = text(name).flatMap({ DecimalText($0)?.wholeNumber }), value > 0, value < 1_000_000_000 else {
            throw .invalid("invalid \(name)")
        }
        return value
    }

    func integer(_ name: String, _ range: ClosedRange<Int64>) throws(TradeRefusal) -> Int64? {
        guard let member = json[name] else { return nil }
        guard let value = member.intValue, range.contains(value) else { throw .invalid("invalid \(name)") }
        return value
    }

    /// - Source: 255 by the submit page, 64 by the replace page.
    private func remark(_ limit: Int) throws(TradeRefusal) -> String? {
        guard let remark = json["remark"]?.stringValue else { return nil }
        guard remark.unicodeScalars.count <= limit else { throw .invalid("remark too long") }
        return remark
    }

    private func trail(_ kind: OrderKind) throws(TradeRefusal) -> Int64? {
        guard kind.isTrailing else { return nil }
        let trail = try money(kind.isPercent ? "trailing_percent" : "trailing_amount")
        guard !kind.isPercent || trail ?? 0 <= 100_000 else { throw .invalid("invalid trailing_percent") }
        return trail
    }

    // MARK: Submit

    /// The order a submit asks for.
    func order(
        _ security: SimulatedSecurity, _ hours: MarketHours, id: Int64, now: WallTime
    ) throws(TradeRefusal) -> SimulatedOrder {
        guard let kind = text("order_type").flatMap({ TradeWire.kinds[$0] }) else {
            throw .invalid("invalid order_type")
        }
        guard let side = text("side"), side == "Buy" || side == "Sell" else { throw .invalid("invalid side") }
        guard let lifetime = text("time_in_force").flatMap({ TradeWire.lifetimes[$0] }) else {
            throw .invalid("time in force not supported")
        }
        guard security.market == .hongKong || !kind.isHongKongOnly else {
            throw .invalid("order type not supported in this market")
        }
        let quantity = try quantity("submitted_quantity")
        try TradeOrderReader.check(quantity, kind, security)
        var order = SimulatedOrder(
            id: id, symbol: security.symbol, market: security.market, currency: security.currency,
            side: side == "Buy" ? .buy : .sell, kind: kind, quantity: quantity, submitted: now, updated: now)
        order.limit = kind.needsLimit ? try money("submitted_price") : nil
        order.trigger = kind.isTouched ? try money("trigger_price") : nil
        order.trail = try trail(kind)
        order.limitOffset = try money("limit_offset")
        order.depthLevel = Int(try integer("limit_depth_level", -5...5) ?? 0)
        order.triggerCount = Int(try integer("trigger_count", 0...3) ?? 0)
        order.monitor = try money("monitor_price")
        order.lifetime = lifetime
        order.remark = try remark(255) ?? ""
        try readSessions(&order, security)
        try readTimes(&order, security, now)
        if kind.isTrailingLimit, order.depthLevel == 0, order.limitOffset == nil {
            throw .invalid("limit_offset is required")
        }
        try TradeOrderReader.check(order, security)
        order.ends = OrderEnd.of(
            lifetime, expires: order.expires, sessions: order.sessions, security.market, hours, now: now)
        return order
    }

    private func readSessions(
        _ order: inout SimulatedOrder, _ security: SimulatedSecurity
    ) throws(TradeRefusal) {
        guard let word = text("outside_rth") else { return }
        guard let sessions = TradeWire.sessions[word] else { throw .invalid("invalid outside_rth") }
        guard security.market == .unitedStates || word == "RTH_ONLY" else {
            throw .invalid("outside_rth is for US securities")
        }
        order.sessions = sessions
        order.sessionsWord = word
    }

    private func readTimes(
        _ order: inout SimulatedOrder, _ security: SimulatedSecurity, _ now: WallTime
    ) throws(TradeRefusal) {
        if order.lifetime == .goodTilDate {
            guard let date = text("expire_date").flatMap({ CivilDate(iso: $0) }) else {
                throw .invalid("expire_date is required")
            }
            guard date >= security.market.zone.civil(at: now).date else { throw .invalid("expire_date is over") }
            order.expires = date
        }
        guard let until = try delay(now) else { return }
        guard order.kind == .limit || order.kind == .market else {
            throw .invalid("delayed_until is for LO and MO only")
        }
        order.delayedUntil = until
    }

    /// Later than now, at most 90 days.
    private func delay(_ now: WallTime) throws(TradeRefusal) -> WallTime? {
        guard let until = try integer("delayed_until", 0...(.max)), until != 0 else { return nil }
        guard until > now.seconds, until <= now.seconds + 90 * 86_400 else { throw .invalid("invalid delayed_until") }
        return WallTime(seconds: until)
    }

    /// A later time, or 1 for none any more.
    private func delayChange(
        of order: SimulatedOrder, _ now: WallTime
    ) throws(TradeRefusal) -> SimulatedOrder.Amendment.Delay? {
        guard json["delayed_until"] != nil else { return nil }
        guard order.status == .delayed else { throw .invalid("the order is not delayed") }
        guard try integer("delayed_until", 0...(.max)) != 1 else { return .lifted }
        return try delay(now).map { .until($0) }
    }

    // MARK: Replace

    /// The new terms a replace asks for; each type needs its own.
    func amendment(
        of order: SimulatedOrder, _ security: SimulatedSecurity, now: WallTime
    ) throws(TradeRefusal) -> SimulatedOrder.Amendment {
        guard order.kind != .specialLimit else { throw .invalid("special limit orders cannot be replaced") }
        var change = SimulatedOrder.Amendment(quantity: try quantity("quantity"))
        try TradeOrderReader.check(change.quantity, order.kind, security)
        change.limit = order.kind.needsLimit ? try money("price") : nil
        change.trigger = order.kind.isTouched ? try money("trigger_price") : nil
        change.trail = try trail(order.kind)
        change.limitOffset = order.kind.isTrailingLimit ? try money("limit_offset") : nil
        change.depthLevel = try integer("limit_depth_level", -5...5).map { Int($0) }
        change.triggerCount = try integer("trigger_count", 0...3).map { Int($0) }
        change.monitor = try money("monitor_price")
        change.delay = try delayChange(of: order, now)
        change.remark = try remark(64)
        var amended = order
        amended.limit = change.limit
        amended.trigger = change.trigger
        amended.trail = change.trail
        amended.quantity = change.quantity
        try TradeOrderReader.check(amended, security)
        return change
    }

    // MARK: What must hold

    private static func check(
        _ quantity: Int64, _ kind: OrderKind, _ security: SimulatedSecurity
    ) throws(TradeRefusal) {
        guard security.lotSize > 1, security.market != .unitedStates else { return }
        if kind == .oddLot {
            guard quantity < security.lotSize else { throw .invalid("an odd lot is less than \(security.lotSize)") }
        } else if !quantity.isMultiple(of: security.lotSize) {
            throw .invalid("quantity must be a multiple of the lot size \(security.lotSize)")
        }
    }

    /// What the type needs is there, prices are on the grid, and the whole is no absurd sum.
    private static func check(_ order: SimulatedOrder, _ security: SimulatedSecurity) throws(TradeRefusal) {
        if order.kind.needsLimit, order.limit == nil { throw .invalid("submitted_price is required") }
        if order.kind.isTouched, order.trigger == nil { throw .invalid("trigger_price is required") }
        if order.kind.isTrailing, order.trail == nil {
            throw .invalid(order.kind.isPercent ? "trailing_percent is required" : "trailing_amount is required")
        }
        for price in [order.limit, order.trigger, order.monitor].compactMap({ $0 }) {
            guard price.isMultiple(of: TickTable.step(security, at: price)) else { throw .badStep }
        }
        guard (order.limit ?? 0) <= MatchingEngine.valueBound / order.quantity else {
            throw .invalid("order value too large")
        }
    }
}
