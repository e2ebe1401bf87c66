internal import BrokerModel
internal import Bytes
internal import Clocks

/// An order as the vendor's US data centre describes it: numbers where the other one has words, and names of its own.
///
/// - Source: `longbridge-http`, section 5.2.11; that a time in force is 1 for a day, 3 until cancelled and 4 until a date,
///   the vendor's published tools say.
extension BrokerOrderDetail {
    /// `nil` when what an order cannot be without is missing.
    init?(unitedStates json: JSONValue) {
        guard let order = BrokerOrder(unitedStates: json) else { return nil }
        self.init(order: order)
        if let charges = json["charge_detail"], !charges.isNull {
            totalCharges = charges.decimal("total_amount")
            chargesCurrency = charges.text("currency")
            self.charges = charges.list("items").flatMap { item in
                item.list("fees").compactMap { fee in
                    // Where there is only a word, it has no amount to show.
                    guard let name = fee.text("name") ?? fee.text("code") else { return nil }
                    return Charge(
                        category: item.text("name") ?? item.text("code") ?? "unknown", name: name,
                        amount: fee.decimal("amount"), currency: fee.text("currency"))
                }
            }
        }
        // Newest first on the wire.
        history = json.list("order_histories").reversed().map { step in
            Step(
                time: step.seconds("time"), status: step.text("status") ?? "", price: step.figure("price"),
                quantity: step.decimal("qty"), message: step.text("msg"))
        }
    }
}

extension BrokerOrder {
    /// Its conditions and attached orders stay unknown: the lists, which both data centres have, say more of them.
    fileprivate init?(unitedStates json: JSONValue) {
        guard let id = json.text("id"), let symbol = json.symbolInUnitedStates,
            let side = Self.side(json.text("action")), let quantity = json.decimal("quantity"),
            let status = json.text("status")
        else { return nil }
        self.init(
            brokerOrderID: id, symbol: symbol, side: side, quantity: quantity, brokerStatus: status,
            status: TradeWords.status(status) ?? TradeWords.status("\(status)Status"))
        remark = json.text("remark") ?? ""
        name = json.text("name")
        type = json.text("order_type").flatMap { TradeWords.types[$0] }
        filledQuantity = json.decimal("executed_qty") ?? .zero
        averagePrice = filledQuantity.isZero ? nil : json.decimal("executed_price")
        for (price, member) in [
            (OrderPrice.limit, "price"), (.trigger, "trigger_price"), (.trailingAmount, "tailing_amount"),
            (.trailingPercent, "tailing_percent"), (.limitOffset, "limit_offset"), (.monitor, "monitor_price"),
        ] {
            // An unused figure is empty, or zero.
            prices[price] = json.figure(member)
        }
        currency = json.text("currency")
        timeInForce = Self.timeInForce(json.text("time_in_force"))
        if timeInForce == .gtd { expireDate = json.text("gtd").flatMap { CivilDate(iso: $0) } }
        message = json.text("msg")
        submittedAt = json.seconds("submitted_at")
        updatedAt = json.seconds("done_at") ?? json.list("order_histories").first?.seconds("time")
    }

    private static func side(_ word: String?) -> OrderSide? {
        switch word {
        case "1": .buy
        case "2": .sell
        default: TradeWords.side(word)
        }
    }

    private static func timeInForce(_ word: String?) -> TimeInForce? {
        switch word {
        case "1": .day
        case "3": .gtc
        case "4": .gtd
        default: TradeWords.timeInForce(word)
        }
    }
}
