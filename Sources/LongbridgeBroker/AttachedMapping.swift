internal import BrokerModel
internal import Bytes
internal import Clocks

/// Attached orders in the vendor's JSON.
///
/// - Source: `longbridge-http`, sections 5.2.1, 5.2.2 and 5.2.6; the names are as the vendor's client 5.3.0 sends them.
extension JSONWriter {
    /// The value of `attached_params`, for an order in a security of that market.
    ///
    /// - Parameter existing: the attached orders that an amendment changes; none for a new order.
    mutating func attachedParameters(_ orders: AttachedOrders, _ market: Market, existing: [AttachedOrder] = []) {
        beginObject()
        member("attached_order_type", TradeWords.attachedType(Set(orders.exits.keys)))
        for (purpose, exit) in orders.exits.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let names = purpose.names
            member(names.trigger, exit.trigger.normalized.text)
            if let limit = exit.limit { member(names.limit, limit.normalized.text) }
            if let level = exit.depthLevel {
                key(names.depthLevel)
                int(level)
            }
            // Numbers there, although texts everywhere else.
            if let number = existing.first(where: { $0.purpose == purpose && $0.isLive }).flatMap({
                Int64($0.brokerOrderID)
            }) {
                key(names.number)
                int(number)
            }
        }
        member("time_in_force", TradeWords.timeInForce(orders.timeInForce))
        if let date = orders.expireDate {
            // The last second of that day where it trades.
            key("expire_time")
            int(market.timeZone.wallTime(date.adding(days: 1), secondOfDay: 0).seconds - 1)
        }
        let isLimited = orders.exits.values.contains(where: \.isLimited)
        member("activate_order_type", isLimited ? "LIT" : "MIT")
        if let outside = orders.outsideRegularHours { member("activate_rth", TradeWords.outside(outside)) }
        endObject()
    }

    mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }
}

extension AttachedOrders.Purpose {
    fileprivate var names: (trigger: StaticString, limit: StaticString, depthLevel: StaticString, number: StaticString)
    {
        switch self {
        case .takeProfit:
            ("profit_taker_price", "profit_taker_submit_price", "profit_taker_depth_level", "profit_taker_id")
        case .stopLoss: ("stop_loss_price", "stop_loss_submit_price", "stop_loss_depth_level", "stop_loss_id")
        }
    }
}

extension AttachedOrder {
    /// An element of an order's `attached_orders`; `nil` without a number or a status.
    init?(_ json: JSONValue) {
        guard let number = json.text("order_id"), let word = json.text("status") else { return nil }
        self.init(brokerOrderID: number, brokerStatus: word)
        purpose = TradeWords.purpose(json.text("attached_type_display"))
        status = TradeWords.status(word)
        // Withdrawn before it was ever sent: its status may still be that of one that waits.
        if json["withdrawn"]?.boolValue == true, status?.isFinal != true { status = .cancelled }
        trigger = json.figure("trigger_price")
        limit = json.figure("submit_price")
        depthLevel = json.count("limit_depth_level")
        quantity = json.figure("quantity")
        filledQuantity = json.decimal("executed_qty")
        averagePrice = json.figure("executed_price")
        timeInForce = TradeWords.timeInForce(json.text("time_in_force"))
        expireDate = json.text("gtd").flatMap { CivilDate(iso: $0) }
        updatedAt = json.seconds("updated_at")
    }
}

extension OrderConditions {
    /// Of an element of the lists; a push does not tell them.
    init(listed json: JSONValue) {
        self.init()
        depthLevel = json.count("limit_depth_level")
        triggerCount = json.count("trigger_count")
        delayedUntil = json.seconds("delayed_until")
    }
}

extension JSONValue {
    /// A figure, of which zero says that it is not used.
    func figure(_ name: String) -> DecimalText? { decimal(name).flatMap { $0.isZero ? nil : $0 } }

    /// A small whole number, of which zero says that it is not used.
    fileprivate func count(_ name: String) -> Int? {
        guard let value = text(name).flatMap({ Int($0) }), value != 0, abs(value) < 100 else { return nil }
        return value
    }
}
