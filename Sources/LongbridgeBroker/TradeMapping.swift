internal import BrokerModel
internal import Bytes
internal import Clocks

/// Reads the vendor's JSON. Figures are strings there, or now and then numbers; an empty one is unknown.
extension JSONValue {
    func text(_ name: String) -> String? {
        self[name].flatMap { $0.stringValue ?? $0.numberText }.flatMap { BrokerText.of($0) }
    }

    func decimal(_ name: String) -> DecimalText? { text(name).flatMap { DecimalText($0) } }

    /// Seconds since 1970; 0 and nothing are no time.
    func seconds(_ name: String) -> WallTime? {
        guard let seconds = text(name).flatMap({ Int64($0) }), seconds > 0, seconds < 253_402_300_800 else {
            return nil
        }
        return WallTime(seconds: seconds)
    }

    /// The objects of an array; nothing where there is none.
    func list(_ name: String) -> [JSONValue] { self[name]?.arrayValue ?? [] }
}

extension BrokerOrder {
    /// An element of the lists, or the first block of a detail. `nil` when what an order cannot be without is missing.
    init?(listed json: JSONValue) {
        self.init(json, quantity: "quantity", price: "price")
        conditions = OrderConditions(listed: json)
        attachedOrders = json.list("attached_orders").compactMap { AttachedOrder($0) }
    }

    /// The data of an `order_changed_lb` push, which has other names for two figures.
    init?(pushed json: JSONValue) {
        self.init(json, quantity: "submitted_quantity", price: "submitted_price")
    }

    private init?(_ json: JSONValue, quantity quantityName: String, price priceName: String) {
        guard let id = json.text("order_id"), let symbol = json.text("symbol").flatMap({ Symbol($0) }),
            let side = TradeWords.side(json.text("side")), let quantity = json.decimal(quantityName),
            let status = json.text("status")
        else { return nil }
        self.init(
            brokerOrderID: id, symbol: symbol, side: side, quantity: quantity, brokerStatus: status,
            status: TradeWords.status(status))
        remark = json.text("remark") ?? ""
        name = json.text("stock_name")
        type = json.text("order_type").flatMap { TradeWords.types[$0] }
        filledQuantity = json.decimal("executed_quantity") ?? .zero
        averagePrice = filledQuantity.isZero ? nil : json.decimal("executed_price")
        for (price, member) in [
            (OrderPrice.limit, priceName), (.trigger, "trigger_price"), (.trailingAmount, "trailing_amount"),
            (.trailingPercent, "trailing_percent"), (.limitOffset, "limit_offset"), (.monitor, "monitor_price"),
        ] {
            // An unused figure is empty, or zero.
            prices[price] = json.figure(member)
        }
        currency = json.text("currency")
        timeInForce = TradeWords.timeInForce(json.text("time_in_force"))
        if timeInForce == .gtd { expireDate = json.text("expire_date").flatMap { CivilDate(iso: $0) } }
        outsideRegularHours = TradeWords.outside(json.text("outside_rth"))
        message = json.text("msg")
        submittedAt = json.seconds("submitted_at")
        updatedAt = json.seconds("updated_at")
        succession = TradeWords.successions[status]
    }
}

extension BrokerOrderDetail {
    init?(_ json: JSONValue) {
        guard let order = BrokerOrder(listed: json) else { return nil }
        self.init(order: order)
        if let charges = json["charge_detail"], !charges.isNull {
            totalCharges = charges.decimal("total_amount")
            chargesCurrency = charges.text("currency")
            self.charges = charges.list("items").flatMap { item in
                item.list("fees").map { fee in
                    Charge(
                        category: Self.category(item.text("code")), name: fee.text("name") ?? fee.text("code") ?? "",
                        amount: fee.decimal("amount"), currency: fee.text("currency"))
                }
            }
        }
        // Newest first on the wire.
        history = json.list("history").reversed().map { step in
            Step(
                time: step.seconds("time"), status: step.text("status") ?? "", price: step.decimal("price"),
                quantity: step.decimal("quantity"), message: step.text("msg"))
        }
    }

    private static func category(_ code: String?) -> String {
        switch code {
        case "BROKER_FEES": "broker"
        case "THIRD_FEES": "third_party"
        default: code?.lowercased() ?? "unknown"
        }
    }
}

extension Execution {
    init?(_ json: JSONValue) {
        guard let id = json.text("trade_id"), let order = json.text("order_id"),
            let symbol = json.text("symbol").flatMap({ Symbol($0) }), let price = json.decimal("price"),
            let quantity = json.decimal("quantity"), let time = json.seconds("trade_done_at")
        else { return nil }
        self.init(
            id: id, brokerOrderID: order, symbol: symbol, side: TradeWords.side(json.text("side")), price: price,
            quantity: quantity, time: time)
    }
}
