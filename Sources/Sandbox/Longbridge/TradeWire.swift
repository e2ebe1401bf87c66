internal import Bytes
internal import Clocks

/// Orders, fills and holdings in the vendor's JSON: every figure a string.
///
/// - Source: Longbridge OpenAPI, "Trade" and "Asset"; what the vendor's client 5.3.0 insists on.
extension JSONWriter {
    mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    /// Thousandths as a decimal; empty for none.
    mutating func member(_ name: StaticString, thousandths value: Int64?) {
        key(name)
        string(value.map { TradeWire.money($0) } ?? "")
    }

    mutating func member(_ name: StaticString, _ number: Int64) {
        key(name)
        string(String(number))
    }

    /// The members that lists and details have in common.
    mutating func members(of order: SimulatedOrder, _ security: SimulatedSecurity) {
        member("order_id", order.id)
        member("status", TradeWire.status(order))
        member("stock_name", security.nameEnglish)
        member("quantity", order.quantity)
        member("executed_quantity", order.filled)
        member("price", thousandths: order.limit)
        member("executed_price", order.filled == 0 ? "0" : TradeWire.money(order.average))
        member("submitted_at", order.submitted.seconds)
        member("side", order.side == .buy ? "Buy" : "Sell")
        member("symbol", order.symbol)
        member("order_type", order.typeName)
        member("last_done", thousandths: order.last)
        member("trigger_price", thousandths: order.trigger)
        member("msg", order.message)
        member("tag", order.lifetime == .day ? "Normal" : "Gtc")
        member("time_in_force", TradeWire.lifetime(order.lifetime))
        member("expire_date", order.expires?.iso ?? "")
        member("updated_at", order.updated.seconds)
        member("trigger_at", order.triggered?.seconds ?? 0)
        member("trailing_amount", thousandths: order.isTrailPercent ? nil : order.trail)
        member("trailing_percent", thousandths: order.isTrailPercent ? order.trail : nil)
        member("limit_offset", thousandths: order.limitOffset)
        member("trigger_status", TradeWire.triggerStatus(order))
        member("currency", security.currency)
        member("outside_rth", order.outside.isEmpty ? "UnknownOutsideRth" : order.outside)
        key("limit_depth_level")
        int(0)
        key("trigger_count")
        int(0)
        member("monitor_price", "")
        member("remark", order.remark)
    }

    /// What a detail has beyond the list.
    mutating func detail(of order: SimulatedOrder, _ security: SimulatedSecurity) {
        member("free_status", "None")
        member("free_amount", "")
        member("free_currency", "")
        member("deductions_status", "NONE")
        member("deductions_amount", "")
        member("deductions_currency", "")
        member("platform_deducted_status", "NONE")
        member("platform_deducted_amount", "")
        member("platform_deducted_currency", "")
        key("history")
        beginArray()
        for step in order.history.reversed() {
            beginObject()
            member("price", step.price == 0 ? "" : TradeWire.money(step.price))
            member("quantity", step.quantity)
            member("status", TradeWire.status(step.status, order))
            member("msg", step.message)
            member("time", step.time.seconds)
            endObject()
        }
        endArray()
        key("charge_detail")
        beginObject()
        member("total_amount", TradeWire.money(order.fees))
        member("currency", security.currency)
        key("items")
        beginArray()
        beginObject()
        member("code", "BROKER_FEES")
        member("name", "Broker Fees")
        key("fees")
        beginArray()
        if order.fees > 0 {
            beginObject()
            member("code", "PLATFORM")
            member("name", "Platform fee and duties")
            member("amount", TradeWire.money(order.fees))
            member("currency", security.currency)
            endObject()
        }
        endArray()
        endObject()
        endArray()
        endObject()
    }

    mutating func fill(_ fill: SimulatedOrder.Fill) {
        beginObject()
        member("order_id", fill.order)
        member("trade_id", fill.id)
        member("symbol", fill.symbol)
        member("trade_done_at", fill.time.seconds)
        member("quantity", fill.quantity)
        member("price", TradeWire.money(fill.price))
        member("side", fill.side == .buy ? "Buy" : "Sell")
        endObject()
    }
}

/// The vendor's words.
enum TradeWire {
    static func money(_ thousandths: Int64) -> String { DecimalText(units: thousandths, scale: 3).text }

    static func status(_ order: SimulatedOrder) -> String { status(order.status, order) }

    static func status(_ status: SimulatedOrder.Status, _ order: SimulatedOrder) -> String {
        switch status {
        case .waiting: "VarietiesNotReported"
        case .open: "NewStatus"
        case .partiallyFilled: "PartialFilledStatus"
        case .filled: "FilledStatus"
        case .cancelled: order.filled > 0 ? "PartialWithdrawal" : "CanceledStatus"
        case .rejected: "RejectedStatus"
        case .expired: "ExpiredStatus"
        }
    }

    static func lifetime(_ lifetime: SimulatedOrder.Lifetime) -> String {
        switch lifetime {
        case .day: "Day"
        case .goodTilCancelled: "GTC"
        case .goodTilDate: "GTD"
        }
    }

    static func triggerStatus(_ order: SimulatedOrder) -> String {
        guard order.isConditional else { return "NOT_USED" }
        if order.triggered != nil { return "RELEASED" }
        return order.best == nil ? "DEACTIVE" : "ACTIVE"
    }

    /// The push of an order's change.
    static func push(_ order: SimulatedOrder, _ security: SimulatedSecurity, account: String) -> [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.member("event", "order_changed_lb")
        json.key("data")
        json.beginObject()
        json.member("side", order.side == .buy ? "Buy" : "Sell")
        json.member("stock_name", security.nameEnglish)
        json.member("submitted_quantity", order.quantity)
        json.member("symbol", order.symbol)
        json.member("order_type", order.typeName)
        json.member("submitted_price", thousandths: order.limit)
        json.member("executed_quantity", order.filled)
        json.member("executed_price", order.filled == 0 ? "0" : money(order.average))
        json.member("order_id", order.id)
        json.member("currency", security.currency)
        json.member("status", status(order))
        json.member("submitted_at", order.submitted.seconds)
        json.member("updated_at", order.updated.seconds)
        json.member("trigger_price", thousandths: order.trigger)
        json.member("msg", order.message)
        json.member("tag", order.lifetime == .day ? "Normal" : "Gtc")
        json.member("trigger_status", triggerStatus(order))
        json.member("trigger_at", order.triggered?.seconds ?? 0)
        json.member("trailing_amount", thousandths: order.isTrailPercent ? nil : order.trail)
        json.member("trailing_percent", thousandths: order.isTrailPercent ? order.trail : nil)
        json.member("limit_offset", thousandths: order.limitOffset)
        json.member("account_no", account)
        json.member("last_share", order.lastQuantity)
        json.member("last_price", thousandths: order.last)
        json.member("remark", order.remark)
        json.endObject()
        json.endObject()
        return json.bytes
    }
}
