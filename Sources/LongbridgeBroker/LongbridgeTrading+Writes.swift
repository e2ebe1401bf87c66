internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops

/// Orders: what the vendor takes, and how it is told.
extension LongbridgeTrading {
    func submit(_ request: OrderRequest, id: OrderID, wait: Duration) async -> WriteOutcome {
        guard let type = TradeWords.type(request.type) else {
            return .refused(BrokerFailure(.notSupported, "The broker takes no such orders.", field: "type"))
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("symbol", request.symbol.text)
        json.member("order_type", type)
        json.member("side", TradeWords.side(request.side))
        json.member("submitted_quantity", request.quantity.normalized.text)
        json.member("time_in_force", TradeWords.timeInForce(request.timeInForce))
        for price in OrderPrice.allCases {
            if let value = request.prices[price] { json.member(Self.submitName(price), value.normalized.text) }
        }
        if let date = request.expireDate { json.member("expire_date", date.iso) }
        if let outside = request.outsideRegularHours { json.member("outside_rth", TradeWords.outside(outside)) }
        json.conditions(request.conditions)
        if let attached = request.attached {
            json.key("attached_params")
            json.attachedParameters(attached, request.symbol.market)
        }
        json.member("remark", request.note.map { "\(id.tag) \($0)" } ?? id.tag)
        // The broker remembers it for ten minutes: should the same order reach it twice, it is one.
        json.member("client_request_id", id.tag)
        json.endObject()
        let call = GatewayCall("/v1/trade/order", method: "POST", body: json.bytes, deadline: LongbridgeTrading.timeout)
        return await write(call, .write, wait: wait) { data in
            guard let number = data.text("order_id") else {
                return .unknown(BrokerFailure(.badAnswer, "The broker's answer has no order number."))
            }
            return .accepted(brokerOrderID: number)
        }
    }

    func replace(_ order: Order, _ change: OrderChange, wait: Duration) async -> WriteOutcome {
        guard let number = order.brokerOrderID else { return .notSent(LongbridgeTrading.noNumber) }
        guard order.brokerType != .specialLimit else {
            return .refused(BrokerFailure(.notSupported, "The broker amends no special limit orders."))
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("order_id", number)
        // The total, even where only a price changes.
        json.member("quantity", (change.quantity ?? order.request.quantity).normalized.text)
        for price in OrderPrice.allCases {
            // What the type has must be sent again, changed or not.
            guard let value = change.prices[price] ?? order.request.prices[price] else { continue }
            json.member(Self.replaceName(price), value.normalized.text)
        }
        json.conditions(order.request.amended(by: change).conditions, were: order.request.conditions)
        switch change.attached {
        case .replace(let attached):
            json.key("attached_params")
            json.attachedParameters(attached, order.request.symbol.market, existing: order.attachedOrders)
        case .withdraw:
            json.key("attached_params")
            json.beginObject()
            json.key("cancel_all_attached")
            json.bool(true)
            json.endObject()
        case nil: break
        }
        json.endObject()
        let call = GatewayCall("/v1/trade/order", method: "PUT", body: json.bytes, deadline: LongbridgeTrading.timeout)
        return await write(call, .write, wait: wait) { _ in .accepted(brokerOrderID: number) }
    }

    func cancel(_ order: Order, wait: Duration) async -> WriteOutcome {
        guard let number = order.brokerOrderID else { return .notSent(LongbridgeTrading.noNumber) }
        let call = GatewayCall(
            "/v1/trade/order", method: "DELETE", query: [("order_id", number)], deadline: LongbridgeTrading.timeout)
        return await write(call, .cancel, wait: wait) { _ in .accepted(brokerOrderID: number) }
    }

    private static let noNumber = BrokerFailure(.invalidRequest, "The broker's number of the order is not known.")

    private static func submitName(_ price: OrderPrice) -> StaticString {
        switch price {
        case .limit: "submitted_price"
        case .trigger: "trigger_price"
        case .trailingAmount: "trailing_amount"
        case .trailingPercent: "trailing_percent"
        case .limitOffset: "limit_offset"
        case .monitor: "monitor_price"
        }
    }

    private static func replaceName(_ price: OrderPrice) -> StaticString {
        switch price {
        case .limit: "price"
        case .trigger: "trigger_price"
        case .trailingAmount: "trailing_amount"
        case .trailingPercent: "trailing_percent"
        case .limitOffset: "limit_offset"
        case .monitor: "monitor_price"
        }
    }
}

extension JSONWriter {
    /// The members that state them. One that held before and is none any more is taken away by a word of its own.
    fileprivate mutating func conditions(
        _ conditions: OrderConditions, were before: OrderConditions = OrderConditions()
    ) {
        if let level = conditions.depthLevel ?? before.depthLevel.map({ _ in 0 }) {
            key("limit_depth_level")
            int(level)
        }
        if let count = conditions.triggerCount ?? before.triggerCount.map({ _ in 0 }) {
            key("trigger_count")
            int(count)
        }
        // In an amendment, 1 ends the delay.
        if let time = conditions.delayedUntil?.seconds ?? before.delayedUntil.map({ _ in 1 }) {
            key("delayed_until")
            int(time)
        }
    }
}
