internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops

/// Orders: what the vendor takes, and how it is told.
extension LongbridgeTrading {
    /// The remark holds our tag and the caller's note.
    static let remarkLength = 64

    func validate(_ request: OrderRequest) throws(BrokerFailure) {
        let market = request.symbol.market
        guard TradeWords.type(request.type) != nil, TradeWords.isOffered(request.type, in: market) else {
            throw BrokerFailure(
                .notSupported, "The broker takes no \(request.type.rawValue) orders in \(market.rawValue).",
                field: "type")
        }
        guard market == .hongKong || market == .unitedStates else {
            throw BrokerFailure(
                .notSupported, "The broker's interface takes no orders in \(market.rawValue).", field: "symbol")
        }
        if request.side == .sellShort || request.side == .buyToCover, market != .unitedStates {
            throw BrokerFailure(.notSupported, "Short sales are for US securities only.", field: "side")
        }
        if request.outsideRegularHours != nil, market != .unitedStates {
            throw BrokerFailure(
                .invalidRequest, "Hours outside the regular session are for US securities only.",
                field: "outside_regular_hours")
        }
        if let note = request.note, note.utf8.count > LongbridgeTrading.remarkLength - 24 {
            throw BrokerFailure(
                .invalidRequest, "The broker keeps \(LongbridgeTrading.remarkLength - 24) bytes of a note.",
                field: "note")
        }
    }

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
        }
    }

    private static func replaceName(_ price: OrderPrice) -> StaticString {
        switch price {
        case .limit: "price"
        case .trigger: "trigger_price"
        case .trailingAmount: "trailing_amount"
        case .trailingPercent: "trailing_percent"
        case .limitOffset: "limit_offset"
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }
}
