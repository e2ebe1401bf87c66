internal import Bytes
internal import Clocks

/// Orders as the US data centre tells of them.
extension LongbridgeSandbox {
    /// The list by pages, newest first.
    /// - Source: `longbridge-http`, section 5.2.11; times are numbers there, with or without a fraction.
    func queryOrders(_ body: [UInt8]) throws(TradeRefusal) -> [UInt8] {
        let reader = try TradeOrderReader(body)
        let action = try reader.integer("action", 0...2) ?? 0
        let kind = try reader.integer("query_type", 0...2) ?? 0
        let page = Int(try reader.integer("page", 1...1_000_000) ?? 1)
        let limit = Int(try reader.integer("limit", 1...1000) ?? 20)
        let end = try reader.instant("end_at") ?? clock().seconds
        let start = try reader.instant("start_at") ?? end - 90 * 86_400
        // The vendor's client 4 asks by inner names.
        let symbols = Set((reader.json["symbols"]?.arrayValue ?? []).compactMap(\.stringValue))
        let counters = Set((reader.json["counter_ids"]?.arrayValue ?? []).compactMap(\.stringValue))
        let chosen = desk.engine.orders.values.filter { order in
            guard order.parent == nil, !isHidden(order),
                (start...max(start, end)).contains(order.submitted.seconds)
            else { return false }
            let isAnything = symbols.isEmpty && counters.isEmpty
            guard isAnything || symbols.contains(order.symbol) || counters.contains(TradeWire.counter(order)) else {
                return false
            }
            guard action == 0 || (action == 1) == (order.side == .buy) else { return false }
            return kind == 0 || (kind == 1 ? !order.status.isFinal : order.status == .filled)
        }.sorted { $0.id > $1.id }
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.key("orders")
        json.beginArray()
        for order in chosen.dropFirst((page - 1) * limit).prefix(limit) {
            guard let security = order.security else { continue }
            json.beginObject()
            json.membersInUnitedStates(of: order, security)
            json.endObject()
        }
        json.endArray()
        json.key("total_count")
        json.int(chosen.count)
        json.endObject()
        return json.bytes
    }

    /// An attached order is shown within the order it belongs to.
    func detailInUnitedStates(_ number: String) throws(TradeRefusal) -> [UInt8] {
        guard let id = Int64(number), let asked = desk.engine.orders[id], !isHidden(asked),
            let order = desk.engine.orders[asked.parent ?? id]
        else { throw .notFound }
        guard let security = order.security else { throw .notFound }
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.key("order")
        json.detailInUnitedStates(of: order, security, desk.engine.exits(of: order))
        json.key("current_attached_order")
        if asked.parent == nil {
            json.null()
        } else {
            json.detailInUnitedStates(of: asked, security, [])
        }
        json.member("current_millisecond", clock().milliseconds)
        json.endObject()
        return json.bytes
    }
}

extension TradeOrderReader {
    /// Unix seconds as a number; a fraction is left out, and zero is none.
    fileprivate func instant(_ name: String) throws(TradeRefusal) -> Int64? {
        guard let text = json[name]?.numberText else { return nil }
        guard let whole = text.split(separator: ".").first.flatMap({ Int64($0) }), (0...9_999_999_999).contains(whole)
        else { throw .invalid("invalid \(name)") }
        return whole == 0 ? nil : whole
    }
}
