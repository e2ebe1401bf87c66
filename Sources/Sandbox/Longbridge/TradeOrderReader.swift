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
struct TradeOrderReader {
    let json: JSONValue

    init(_ body: [UInt8]) throws(TradeRefusal) {
        guard let json = try? JSONValue.parse(body), json.objectValue != nil else { throw .invalid("invalid body") }
        self.json = json
    }

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

    /// The order a submit asks for.
    func order(_ security: SimulatedSecurity, id: Int64, now: WallTime) throws(TradeRefusal) -> SimulatedOrder {
        guard let type = text("order_type"), let (kind, isPercent) = TradeOrderReader.kinds[type] else {
            throw .invalid("invalid order_type")
        }
        guard let side = text("side"), side == "Buy" || side == "Sell" else { throw .invalid("invalid side") }
        guard let force = text("time_in_force"), let lifetime = TradeOrderReader.lifetimes[force] else {
            throw .invalid("time in force not supported")
        }
        guard (text("remark") ?? "").utf8.count <= 255 else { throw .invalid("remark too long") }
        if security.market != .hongKong, ["ELO", "AO", "ALO", "ODD", "SLO"].contains(type) {
            throw .invalid("order type not supported in this market")
        }
        let quantity = try quantity("submitted_quantity")
        if security.market == .hongKong, type != "ODD", !quantity.isMultiple(of: security.lotSize) {
            throw .invalid("quantity must be a multiple of the lot size \(security.lotSize)")
        }
        var order = SimulatedOrder(
            id: id, symbol: security.symbol, side: side == "Buy" ? .buy : .sell, kind: kind, typeName: type,
            quantity: quantity, submitted: now, updated: now)
        order.limit = try money("submitted_price")
        order.trigger = try money("trigger_price")
        order.isTrailPercent = isPercent
        order.trail = try money(isPercent ? "trailing_percent" : "trailing_amount")
        order.limitOffset = try money("limit_offset")
        order.lifetime = lifetime
        order.outside = text("outside_rth") ?? ""
        order.remark = text("remark") ?? ""
        if lifetime == .goodTilDate {
            guard let date = text("expire_date").flatMap({ CivilDate(iso: $0) }) else {
                throw .invalid("expire_date is required")
            }
            order.expires = date
        }
        try check(order, security)
        return order
    }

    /// What the type needs is there, and prices are on the grid.
    private func check(_ order: SimulatedOrder, _ security: SimulatedSecurity) throws(TradeRefusal) {
        switch order.kind {
        case .market: break
        case .limit: guard order.limit != nil else { throw .invalid("submitted_price is required") }
        case .limitIfTouched:
            guard order.limit != nil, order.trigger != nil else {
                throw .invalid("submitted_price and trigger_price are required")
            }
        case .marketIfTouched: guard order.trigger != nil else { throw .invalid("trigger_price is required") }
        case .trailingMarket, .trailingLimit: guard order.trail != nil else { throw .invalid("a trail is required") }
        }
        for price in [order.limit, order.trigger].compactMap({ $0 }) {
            guard price.isMultiple(of: TickTable.step(security, at: price)) else { throw .badStep }
        }
    }

    private static let kinds: [String: (SimulatedOrder.Kind, Bool)] = [
        "LO": (.limit, false), "ELO": (.limit, false), "MO": (.market, false), "AO": (.market, false),
        "ALO": (.limit, false), "ODD": (.limit, false), "SLO": (.limit, false), "LIT": (.limitIfTouched, false),
        "MIT": (.marketIfTouched, false), "TSLPAMT": (.trailingLimit, false), "TSLPPCT": (.trailingLimit, true),
        "TSMAMT": (.trailingMarket, false), "TSMPCT": (.trailingMarket, true),
    ]

    private static let lifetimes: [String: SimulatedOrder.Lifetime] = [
        "Day": .day, "GTC": .goodTilCancelled, "GTD": .goodTilDate,
    ]
}
