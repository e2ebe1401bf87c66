internal import BrokerModel
internal import Bytes
internal import Clocks

/// Holdings and money as the vendor's US data centre writes them.
///
/// - Source: `longbridge-http`, section 5.3.5, and what the vendor's client 5.3.0 reads.
extension JSONValue {
    /// The symbol of a member of an account, which comes whole, as the vendor's inner name (`ST/US/AAPL`), or as a code and
    /// a market.
    var symbolInUnitedStates: Symbol? {
        if let symbol = text("full_symbol").flatMap({ Symbol($0) }) { return symbol }
        if let counter = text("counter_id") {
            let parts = counter.split(separator: "/", maxSplits: 2)
            if parts.count == 3, let symbol = Symbol("\(parts[2]).\(parts[1])") { return symbol }
        }
        guard let code = text("symbol") else { return nil }
        if let symbol = Symbol(code) { return symbol }
        return text("market").flatMap { Symbol("\(code).\($0)") }
    }
}

extension AccountBalance {
    /// Cash by currency, and what may be bought with it without a loan.
    init?(unitedStates json: JSONValue) {
        let (power, margin) = (json["buy_limit_info"], json["margin_status"])
        let cash = json.list("cash_list").compactMap { CashBalance(unitedStates: $0) }
        guard let currency = margin?.text("currency") ?? power?.text("currency") ?? cash.first?.currency else {
            return nil
        }
        self.init(currency: currency)
        self.cash = cash
        // A sum over several currencies is the broker's to make.
        if cash.count == 1, cash.first?.currency == currency { totalCash = cash.first?.cash }
        netAssets = margin?.decimal("nlv")
        buyingPower = power?.decimal("cash_buy_power")
        maintenanceMargin = margin?.decimal("mmr")
    }
}

extension CashBalance {
    init?(unitedStates json: JSONValue) {
        guard let currency = json.text("currency") else { return nil }
        self.init(currency: currency)
        cash = json.decimal("total_amount")
        available = json.decimal("available_cash")
        frozen = json.decimal("frozen_cash")
        settling = json.decimal("outstanding")
        withdrawable = json.decimal("withdraw_cash")
    }
}

extension Position {
    /// `nil` for a holding whose symbol is not of a market we know.
    init?(unitedStates json: JSONValue) {
        guard let symbol = json.symbolInUnitedStates, var quantity = json.decimal("quantity") else { return nil }
        if json.text("position_side")?.uppercased() == "SHORT", quantity > .zero {
            guard let short = DecimalText.zero.subtracting(quantity) else { return nil }
            quantity = short
        }
        self.init(symbol: symbol, quantity: quantity)
        name = json.text("name")
        currency = json.text("currency")
        costPrice = json.decimal("average_cost")
    }
}

extension CashFlowEntry {
    init?(unitedStates json: JSONValue) {
        guard let name = json.text("title") ?? json.text("biz_code_name") ?? json.text("biz_code") else { return nil }
        self.init(name: name)
        amount = json.figure("amount")
        if let amount {
            direction = amount.isNegative ? "out" : "in"
            kind = "cash"
        } else if json.figure("quantity") != nil {
            kind = "stock"
        }
        currency = json.text("currency")
        symbol = json.text("symbol").flatMap { json.symbolInUnitedStates?.text ?? $0 }
        detail = json.text("remark") ?? json.text("quantity_description")
        time = json.seconds("done_at") ?? json.seconds("create_at")
    }
}
