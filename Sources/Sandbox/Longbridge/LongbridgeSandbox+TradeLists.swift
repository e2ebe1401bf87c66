internal import Bytes
internal import Clocks

/// Lists of orders and fills: of today, of the past, in pages.
extension LongbridgeSandbox {
    /// Rows of a list of the past.
    /// - Source: Longbridge OpenAPI, "History Orders" and "History Executions".
    private static let rows = 1000

    /// The day an order belongs to is today where it trades.
    private func isOfToday(_ time: WallTime, _ symbol: String) -> Bool {
        let zone = SimulatedSecurity.bySymbol[symbol]?.market.zone ?? .hongKong
        return zone.civil(at: time).date == zone.civil(at: clock()).date
    }

    /// Today's list for the control path, hidden orders included.
    func allOrders() -> [UInt8] {
        orderList(desk.engine.orders.values.filter { $0.parent == nil && isCurrent($0) }, hasMore: false)
    }

    /// Whether an order is in today's list: of today, or still at work.
    private func isCurrent(_ order: SimulatedOrder) -> Bool {
        !order.status.isFinal || isOfToday(order.submitted, order.symbol)
    }

    func listOrders(_ query: TradeQuery, today: Bool) throws(TradeRefusal) -> [UInt8] {
        let statuses = Set(query.all("status"))
        let span = try window(query)
        let isAttached = query["is_attached"] == "true" && query["order_id"] != nil
        let chosen = desk.engine.orders.values.filter { order in
            guard (order.parent != nil) == isAttached else { return false }
            guard isCurrent(order) == today, !isHidden(order) else { return false }
            guard today || span.contains(order.submitted.seconds) else { return false }
            if let symbol = query["symbol"], symbol != order.symbol { return false }
            if let side = query["side"], side != (order.side == .buy ? "Buy" : "Sell") { return false }
            if let market = query["market"], !order.symbol.hasSuffix(".\(market)") { return false }
            if let id = query["order_id"], id != String(order.id) { return false }
            return statuses.isEmpty || statuses.contains(TradeWire.status(order))
        }
        let page = try self.page(query)
        guard !today || query["size"] != nil else { return orderList(chosen, hasMore: false) }
        let sorted = chosen.sorted { $0.id > $1.id }
        let rows = sorted.dropFirst((page.number - 1) * page.size).prefix(page.size)
        return orderList(Array(rows), hasMore: page.number * page.size < chosen.count)
    }

    private func orderList(_ orders: [SimulatedOrder], hasMore: Bool) -> [UInt8] {
        var json = JSONWriter(capacity: 900 * orders.count + 64)
        json.beginObject()
        json.key("has_more")
        json.bool(hasMore)
        json.key("orders")
        json.beginArray()
        for order in orders.sorted(by: { $0.id > $1.id }) {
            guard let security = order.security else { continue }
            json.beginObject()
            json.members(of: order, security, desk.engine.exits(of: order))
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// Neither bound: the last 90 days; one: 90 days from it.
    private func window(_ query: TradeQuery) throws(TradeRefusal) -> ClosedRange<Int64> {
        let span: Int64 = 90 * 86_400
        let (start, end) = (try query.seconds("start_at"), try query.seconds("end_at"))
        let last = end ?? start.map { $0 + span } ?? clock().seconds
        let first = start ?? last - span
        guard first <= last else { throw .invalid("start_at is after end_at") }
        return first...last
    }

    private func page(_ query: TradeQuery) throws(TradeRefusal) -> (number: Int, size: Int) {
        let size = try query.number("size", 1...Int64(Self.rows)) ?? Int64(Self.rows)
        return (Int(try query.number("page", 1...1_000_000) ?? 1), Int(size))
    }

    enum FillSpan { case today, past, all }

    func listFills(_ query: TradeQuery, _ span: FillSpan) throws(TradeRefusal) -> [UInt8] {
        let within = try window(query)
        let chosen = desk.engine.fills.filter { fill in
            switch span {
            case .today: guard isOfToday(fill.time, fill.symbol) else { return false }
            case .past:
                guard !isOfToday(fill.time, fill.symbol), within.contains(fill.time.seconds) else { return false }
            case .all: guard within.contains(fill.time.seconds) else { return false }
            }
            if let symbol = query["symbol"], symbol != fill.symbol { return false }
            if let id = query["order_id"], id != String(fill.order) { return false }
            return true
        }.sorted { ($0.time, $0.order) > ($1.time, $1.order) }
        let page = try self.page(query)
        let rows = span == .today ? chosen[...] : chosen.dropFirst((page.number - 1) * page.size).prefix(page.size)
        var json = JSONWriter(capacity: 200 * rows.count + 64)
        json.beginObject()
        if span != .today {
            json.key("has_more")
            json.bool(page.number * page.size < chosen.count)
        }
        json.key("trades")
        json.beginArray()
        for fill in rows { json.fill(fill) }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}
