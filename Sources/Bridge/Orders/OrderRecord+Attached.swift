internal import BrokerModel
internal import Bytes
internal import Clocks

/// Attached orders as the database keeps them: what was asked for, and what the broker told.
extension OrderRecord {
    static func write(_ orders: AttachedOrders, to json: inout JSONWriter) {
        json.beginObject()
        for purpose in AttachedOrders.Purpose.allCases {
            guard let exit = orders.exits[purpose] else { continue }
            json.key(dynamic: purpose.rawValue)
            json.beginObject()
            json.key("trigger")
            json.string(exit.trigger.text)
            json.key("limit")
            json.string(exit.limit?.text)
            json.key("depth_level")
            json.int(exit.depthLevel)
            json.endObject()
        }
        json.key("time_in_force")
        json.string(orders.timeInForce.rawValue)
        json.key("expire_date")
        json.string(orders.expireDate?.iso)
        json.key("outside_regular_hours")
        json.string(orders.outsideRegularHours?.rawValue)
        json.endObject()
    }

    static func attachedOrders(_ json: JSONValue) -> AttachedOrders? {
        var exits: [AttachedOrders.Purpose: AttachedOrders.Exit] = [:]
        for purpose in AttachedOrders.Purpose.allCases {
            guard let exit = json[purpose.rawValue], let trigger = decimal(exit["trigger"]) else { continue }
            exits[purpose] = AttachedOrders.Exit(
                trigger: trigger, limit: decimal(exit["limit"]), depthLevel: integer(exit["depth_level"]))
        }
        guard !exits.isEmpty else { return nil }
        var orders = AttachedOrders(exits)
        orders.timeInForce = word(json["time_in_force"]) ?? .day
        orders.expireDate = json["expire_date"]?.stringValue.flatMap { CivilDate(iso: $0) }
        orders.outsideRegularHours = word(json["outside_regular_hours"])
        return orders
    }

    static func write(_ order: AttachedOrder, to json: inout JSONWriter) {
        json.beginObject()
        json.key("broker_order_id")
        json.string(order.brokerOrderID)
        json.key("purpose")
        json.string(order.purpose?.rawValue)
        json.key("status")
        json.string(order.status?.rawValue)
        json.key("broker_status")
        json.string(order.brokerStatus)
        json.key("trigger")
        json.string(order.trigger?.text)
        json.key("limit")
        json.string(order.limit?.text)
        json.key("depth_level")
        json.int(order.depthLevel)
        json.key("quantity")
        json.string(order.quantity?.text)
        json.key("filled_quantity")
        json.string(order.filledQuantity?.text)
        json.key("average_price")
        json.string(order.averagePrice?.text)
        json.key("time_in_force")
        json.string(order.timeInForce?.rawValue)
        json.key("expire_date")
        json.string(order.expireDate?.iso)
        json.key("updated")
        json.int(order.updatedAt?.milliseconds)
        json.endObject()
    }

    static func attachedOrder(_ json: JSONValue) -> AttachedOrder? {
        guard let number = json["broker_order_id"]?.stringValue, let status = json["broker_status"]?.stringValue else {
            return nil
        }
        var order = AttachedOrder(brokerOrderID: number, brokerStatus: status)
        order.purpose = word(json["purpose"])
        order.status = word(json["status"])
        order.trigger = decimal(json["trigger"])
        order.limit = decimal(json["limit"])
        order.depthLevel = integer(json["depth_level"])
        order.quantity = decimal(json["quantity"])
        order.filledQuantity = decimal(json["filled_quantity"])
        order.averagePrice = decimal(json["average_price"])
        order.timeInForce = word(json["time_in_force"])
        order.expireDate = json["expire_date"]?.stringValue.flatMap { CivilDate(iso: $0) }
        order.updatedAt = time(json["updated"])
        return order
    }

    private static func word<Word: RawRepresentable<String>>(_ json: JSONValue?) -> Word? {
        json?.stringValue.flatMap { Word(rawValue: $0) }
    }
}
