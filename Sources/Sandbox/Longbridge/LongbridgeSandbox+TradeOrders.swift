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
        take(order, at: now)
        if let identifier { desk.remember(order.id, under: identifier, at: now) }
        return Self.number(order.id)
    }

    private static func number(_ id: Int64) -> [UInt8] { Array("{\"order_id\":\"\(id)\"}".utf8) }

    func replace(_ body: [UInt8]) throws(TradeRefusal) -> [UInt8] {
        let reader = try TradeOrderReader(body)
        let order = try order(reader.text("order_id"))
        let change = try reader.amendment(of: order, try security(order.symbol))
        do throws(MatchingEngine.Refusal) {
            tell(try desk.engine.replace(order.id, change, at: clock()))
        } catch { throw TradeRefusal(error) }
        return Array("{}".utf8)
    }

    func withdraw(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        let order = try order(query["order_id"])
        do throws(MatchingEngine.Refusal) {
            tell(try desk.engine.cancel(order.id, at: clock()))
        } catch { throw TradeRefusal(error) }
        return Array("{}".utf8)
    }

    func detail(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        let order = try order(query["order_id"])
        let security = try security(order.symbol)
        var json = JSONWriter(capacity: 2048)
        json.beginObject()
        json.members(of: order, security)
        json.detail(of: order, security)
        json.endObject()
        return json.bytes
    }

    private func order(_ number: String?) throws(TradeRefusal) -> SimulatedOrder {
        guard let id = number.flatMap({ Int64($0) }), let order = desk.engine.orders[id], !isHidden(order) else {
            throw .notFound
        }
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
