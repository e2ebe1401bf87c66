internal import BrokerModel
internal import Bytes
internal import Clocks

/// An order as the database keeps it: one JSON object. Reading is strict; what cannot be read is no order.
enum OrderRecord {
    static func encode(_ order: Order) -> String {
        let memory = order.memory
        var json = JSONWriter(capacity: 768)
        json.beginObject()
        json.key("version")
        json.int(memory.version)
        json.key("request")
        write(memory.request, to: &json)
        json.key("broker_type")
        json.string(memory.brokerType?.rawValue)
        json.key("broker_order_id")
        json.string(memory.brokerOrderID)
        json.key("foreign")
        json.bool(memory.isForeign)
        json.key("duplicate_suspected")
        json.bool(memory.isDuplicateSuspected)
        json.key("name")
        json.string(memory.name)
        json.key("settled_status")
        json.string(memory.settledStatus.rawValue)
        json.key("broker_status")
        json.string(memory.brokerStatus)
        json.key("filled_quantity")
        json.string(memory.filledQuantity.text)
        json.key("average_price")
        json.string(memory.averagePrice?.text)
        json.key("currency")
        json.string(memory.currency)
        json.key("attached_orders")
        json.beginArray()
        for attached in memory.attachedOrders { write(attached, to: &json) }
        json.endArray()
        json.key("outcome")
        json.string(memory.outcome.rawValue)
        json.key("rejection")
        if let rejection = memory.rejection {
            json.beginObject()
            json.key("code")
            json.string(rejection.code)
            json.key("detail")
            json.string(rejection.detail)
            json.endObject()
        } else {
            json.null()
        }
        json.key("pending")
        if let pending = memory.pending { write(pending, to: &json) } else { json.null() }
        json.key("created")
        json.int(memory.createdAt.milliseconds)
        json.key("updated")
        json.int(memory.updatedAt.milliseconds)
        json.key("broker_updated")
        json.int(memory.brokerUpdatedAt?.milliseconds)
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func write(_ request: OrderRequest, to json: inout JSONWriter) {
        json.beginObject()
        json.key("symbol")
        json.string(request.symbol.text)
        json.key("side")
        json.string(request.side.rawValue)
        json.key("type")
        json.string(request.type.rawValue)
        json.key("quantity")
        json.string(request.quantity.text)
        json.key("prices")
        write(request.prices, to: &json)
        json.key("time_in_force")
        json.string(request.timeInForce.rawValue)
        json.key("expire_date")
        json.string(request.expireDate?.iso)
        json.key("outside_regular_hours")
        json.string(request.outsideRegularHours?.rawValue)
        if request.conditions != OrderConditions() {
            json.key("conditions")
            json.beginObject()
            json.key("depth_level")
            json.int(request.conditions.depthLevel)
            json.key("trigger_count")
            json.int(request.conditions.triggerCount)
            json.key("delayed_until")
            json.int(request.conditions.delayedUntil?.milliseconds)
            json.endObject()
        }
        if let attached = request.attached {
            json.key("attached")
            write(attached, to: &json)
        }
        json.key("client_order_id")
        json.string(request.clientOrderID)
        json.key("note")
        json.string(request.note)
        json.endObject()
    }

    private static func write(_ prices: [OrderPrice: DecimalText], to json: inout JSONWriter) {
        json.beginObject()
        for price in OrderPrice.allCases {
            guard let value = prices[price] else { continue }
            json.key(dynamic: price.rawValue)
            json.string(value.text)
        }
        json.endObject()
    }

    private static func write(_ pending: Order.Pending, to json: inout JSONWriter) {
        json.beginObject()
        json.key("kind")
        json.string(pending.kind.rawValue)
        json.key("quantity")
        json.string(pending.change.quantity?.text)
        json.key("prices")
        write(pending.change.prices, to: &json)
        json.key("depth_level")
        json.int(pending.change.depthLevel)
        json.key("trigger_count")
        json.int(pending.change.triggerCount)
        switch pending.change.delay {
        case .until(let time):
            json.key("delayed_until")
            json.int(time.milliseconds)
        case .lifted:
            json.key("delay_lifted")
            json.bool(true)
        case nil: break
        }
        switch pending.change.attached {
        case .replace(let attached):
            json.key("attached")
            write(attached, to: &json)
        case .withdraw:
            json.key("attached_withdrawn")
            json.bool(true)
        case nil: break
        }
        json.key("since")
        json.int(pending.since.milliseconds)
        json.endObject()
    }

    // MARK: Reading

    /// What an order may have come to; its next change must still have a number.
    private static let versions: ClosedRange<Int64> = 1...1 << 53

    static func decode(id: String, account: String, _ text: String) -> Order? {
        guard let id = OrderID(id), let json = try? JSONValue.parse(Array(text.utf8)),
            let version = json["version"]?.intValue, versions.contains(version),
            let request = json["request"].flatMap({ request($0) }),
            let status = json["settled_status"]?.stringValue.flatMap({ OrderStatus(rawValue: $0) }),
            let outcome = json["outcome"]?.stringValue.flatMap({ Order.Outcome(rawValue: $0) }),
            let isForeign = json["foreign"]?.boolValue, let created = time(json["created"]),
            let updated = time(json["updated"]), let filled = decimal(json["filled_quantity"])
        else { return nil }
        var memory = Order.Memory(
            version: Int(version), request: request, settledStatus: status, outcome: outcome,
            isForeign: isForeign, createdAt: created, updatedAt: updated)
        memory.brokerType = json["broker_type"]?.stringValue.flatMap { OrderType(rawValue: $0) }
        memory.brokerOrderID = json["broker_order_id"]?.stringValue
        memory.isDuplicateSuspected = json["duplicate_suspected"]?.boolValue ?? false
        memory.name = json["name"]?.stringValue
        memory.brokerStatus = json["broker_status"]?.stringValue
        memory.filledQuantity = filled
        memory.averagePrice = decimal(json["average_price"])
        memory.currency = json["currency"]?.stringValue
        memory.attachedOrders = (json["attached_orders"]?.arrayValue ?? []).compactMap { attachedOrder($0) }
        if let rejection = json["rejection"], let code = rejection["code"]?.stringValue {
            memory.rejection = Order.Rejection(code: code, detail: rejection["detail"]?.stringValue)
        }
        memory.pending = json["pending"].flatMap { pending($0) }
        memory.brokerUpdatedAt = time(json["broker_updated"])
        return Order(id: id, account: account, remembered: memory)
    }

    private static func request(_ json: JSONValue) -> OrderRequest? {
        guard let symbol = json["symbol"]?.stringValue.flatMap({ Symbol($0) }),
            let side = json["side"]?.stringValue.flatMap({ OrderSide(rawValue: $0) }),
            let type = json["type"]?.stringValue.flatMap({ OrderType(rawValue: $0) }),
            let quantity = decimal(json["quantity"]),
            let time = json["time_in_force"]?.stringValue.flatMap({ TimeInForce(rawValue: $0) })
        else { return nil }
        var request = OrderRequest(symbol: symbol, side: side, type: type, quantity: quantity)
        request.prices = prices(json["prices"])
        request.timeInForce = time
        request.expireDate = json["expire_date"]?.stringValue.flatMap { CivilDate(iso: $0) }
        request.outsideRegularHours = json["outside_regular_hours"]?.stringValue.flatMap {
            OutsideRegularHours(rawValue: $0)
        }
        request.conditions.depthLevel = integer(json["conditions"]?["depth_level"])
        request.conditions.triggerCount = integer(json["conditions"]?["trigger_count"])
        request.conditions.delayedUntil = Self.time(json["conditions"]?["delayed_until"])
        request.attached = json["attached"].flatMap { attachedOrders($0) }
        request.clientOrderID = json["client_order_id"]?.stringValue
        request.note = json["note"]?.stringValue
        return request
    }

    private static func pending(_ json: JSONValue) -> Order.Pending? {
        guard let kind = json["kind"]?.stringValue.flatMap({ Order.Pending.Kind(rawValue: $0) }),
            let since = time(json["since"])
        else { return nil }
        var change = OrderChange(quantity: decimal(json["quantity"]), prices: prices(json["prices"]))
        change.depthLevel = integer(json["depth_level"])
        change.triggerCount = integer(json["trigger_count"])
        change.delay = time(json["delayed_until"]).map { .until($0) }
        if json["delay_lifted"]?.boolValue == true { change.delay = .lifted }
        change.attached = json["attached"].flatMap { attachedOrders($0) }.map { .replace($0) }
        if json["attached_withdrawn"]?.boolValue == true { change.attached = .withdraw }
        return Order.Pending(kind: kind, change: change, since: since)
    }

    private static func prices(_ json: JSONValue?) -> [OrderPrice: DecimalText] {
        var prices: [OrderPrice: DecimalText] = [:]
        for (name, value) in json?.objectValue?.members ?? [] {
            guard let price = OrderPrice(rawValue: name), let value = decimal(value) else { continue }
            prices[price] = value
        }
        return prices
    }

    static func integer(_ json: JSONValue?) -> Int? { json?.intValue.map { Int(clamping: $0) } }
    static func decimal(_ json: JSONValue?) -> DecimalText? { json?.stringValue.flatMap { DecimalText($0) } }
    static func time(_ json: JSONValue?) -> WallTime? { json?.intValue.map { WallTime(milliseconds: $0) } }
}
