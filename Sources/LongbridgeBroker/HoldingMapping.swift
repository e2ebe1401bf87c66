internal import BrokerModel
internal import Bytes

extension AccountBalance {
    init?(_ json: JSONValue) {
        guard let currency = json.text("currency") else { return nil }
        self.init(currency: currency)
        totalCash = json.decimal("total_cash")
        netAssets = json.decimal("net_assets")
        buyingPower = json.decimal("buy_power")
        initialMargin = json.decimal("init_margin")
        maintenanceMargin = json.decimal("maintenance_margin")
        marginCall = json.decimal("margin_call")
        riskLevel = Self.riskLevel(json.text("risk_level"))
        cash = json.list("cash_infos").compactMap { CashBalance($0) }
    }

    private static func riskLevel(_ code: String?) -> String? {
        switch code {
        case "0": "safe"
        case "1": "medium"
        case "2": "warning"
        case "3": "danger"
        default: code
        }
    }
}

extension CashBalance {
    init?(_ json: JSONValue) {
        guard let currency = json.text("currency") else { return nil }
        self.init(currency: currency)
        available = json.decimal("available_cash")
        frozen = json.decimal("frozen_cash")
        settling = json.decimal("settling_cash")
        withdrawable = json.decimal("withdraw_cash")
        if let available, let frozen { cash = available.adding(frozen) }
    }
}

extension Position {
    /// `nil` for a holding whose symbol is not of a market we know.
    init?(_ json: JSONValue) {
        guard let symbol = json.text("symbol").flatMap({ Symbol($0) }), let quantity = json.decimal("quantity") else {
            return nil
        }
        self.init(symbol: symbol, quantity: quantity)
        name = json.text("symbol_name")
        currency = json.text("currency")
        available = json.decimal("available_quantity")
        costPrice = json.decimal("cost_price")
    }
}

extension FundPosition {
    init?(_ json: JSONValue) {
        guard let symbol = json.text("symbol") ?? json.text("counter_id") else { return nil }
        self.init(symbol: symbol)
        name = json.text("symbol_name")
        currency = json.text("currency")
        units = json.decimal("holding_units")
        netAssetValue = json.decimal("current_net_asset_value")
        costValue = json.decimal("cost_net_asset_value")
        valuedAt = json.seconds("net_asset_value_day")
    }
}

extension CashFlowEntry {
    init?(_ json: JSONValue) {
        guard let name = json.text("transaction_flow_name") else { return nil }
        self.init(name: name)
        switch json.text("direction") {
        case "1": direction = "out"
        case "2": direction = "in"
        default: break
        }
        switch json.text("business_type") {
        case "1": kind = "cash"
        case "2": kind = "stock"
        case "3": kind = "fund"
        default: break
        }
        amount = json.decimal("balance")
        currency = json.text("currency")
        symbol = json.text("symbol")
        detail = json.text("description")
        time = json.seconds("business_time")
    }

    /// `cash`, `stock`, `fund` as the query wants it.
    static func code(of kind: String) -> String? {
        switch kind {
        case "cash": "1"
        case "stock": "2"
        case "fund": "3"
        default: nil
        }
    }
}

extension MarginRatio {
    init(_ json: JSONValue) {
        self.init()
        initial = json.decimal("im_factor")
        maintenance = json.decimal("mm_factor")
        forcedLiquidation = json.decimal("fm_factor")
    }
}

extension MaximumQuantity {
    init(_ json: JSONValue) {
        self.init()
        cash = json.decimal("cash_max_qty")
        margin = json.decimal("margin_max_qty")
    }
}
