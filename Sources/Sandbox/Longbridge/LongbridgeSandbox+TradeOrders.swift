internal import Bytes
internal import Clocks

/// One order: submitted, amended, withdrawn, looked at.
extension LongbridgeSandbox {
    func submit(_ body: [UInt8]) throws(TradeRefusal) -> [UInt8] {
        let reader = try TradeOrderReader(body)
        let now = clock()
        let identifier = reader.text("client_request_id")
        if let identifier, let first = desk.placed(under: identifier, at: now) { return Self.number(first) }
        guard let symbol = reader.text("symbol") else { throw .invalid("symbol is required") }
        let security = try security(symbol)
        let order = try reader.order(security, hours, id: desk.engine.nextID(at: now), now: now)
        let attachment = try attachment(reader, order, security, now)
        take(order, at: now)
        if let attachment { desk.engine.attach(attachment.exits, to: order.id, at: now) }
        if let identifier { desk.remember(order.id, under: identifier, at: now) }
        return Self.number(order.id)
    }

    static func number(_ id: Int64) -> [UInt8] { Array("{\"order_id\":\"\(id)\"}".utf8) }

    func replace(_ body: [UInt8]) throws(TradeRefusal) -> [UInt8] {
        let reader = try TradeOrderReader(body)
        let (order, now) = (try order(reader.text("order_id")), clock())
        let security = try security(order.symbol)
        let change = try reader.amendment(of: order, security, now: now)
        let attachment = try attachment(reader, order, security, now)
        do throws(MatchingEngine.Refusal) {
            tell(try desk.engine.replace(order.id, change, at: clock()))
        } catch { throw TradeRefusal(error) }
        if let attachment {
            desk.engine.withdrawExits(of: order.id, at: now)
            desk.engine.attach(attachment.exits, to: order.id, at: now)
        }
        return Array("{}".utf8)
    }

    private func attachment(
        _ reader: TradeOrderReader, _ order: SimulatedOrder, _ security: SimulatedSecurity, _ now: WallTime
    ) throws(TradeRefusal) -> TradeOrderReader.Attachment? {
        // The order itself has not got its place among the numbers yet.
        var last = order.id
        return try reader.attachment(to: order, security, hours, now: now) {
            last = max(last + 1, desk.engine.nextID(at: now))
            return last
        }
    }

    func withdraw(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        let order = try order(query)
        do throws(MatchingEngine.Refusal) {
            tell(try desk.engine.cancel(order.id, at: clock()))
        } catch { throw TradeRefusal(error) }
        return Array("{}".utf8)
    }

    func detail(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        let order = try order(query)
        guard let security = order.security else { throw .notFound }
        var json = JSONWriter(capacity: 2048)
        json.beginObject()
        json.members(of: order, security, desk.engine.exits(of: order))
        json.detail(of: order, security)
        json.endObject()
        return json.bytes
    }

    private func order(_ query: TradeQuery) throws(TradeRefusal) -> SimulatedOrder {
        try order(query["order_id"], isAttached: query["is_attached"] == "true")
    }

    /// Attached orders are found under their own numbers, if that is what was asked for.
    private func order(_ number: String?, isAttached: Bool = false) throws(TradeRefusal) -> SimulatedOrder {
        guard let id = number.flatMap({ Int64($0) }), let order = desk.engine.orders[id], !isHidden(order),
            (order.parent != nil) == isAttached
        else { throw .notFound }
        return order
    }

    /// Whether an order is so new that lists and details do not have it yet.
    func isHidden(_ order: SimulatedOrder) -> Bool {
        tradingFaults.hiding > .zero && clock() - order.submitted < tradingFaults.hiding
    }
}

extension TradeRefusal {
    init(_ refusal: MatchingEngine.Refusal) {
        self =
            switch refusal {
            case .notFound: .notFound
            case .notChangeable: .invalid("order status does not allow this")
            case .badQuantity: .invalid("invalid quantity")
            case .noFunds: .invalid("Insufficient buying power")
            case .noShares: .invalid("Insufficient holdings")
            }
    }
}
