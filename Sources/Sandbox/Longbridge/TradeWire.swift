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
    mutating func members(
        of order: SimulatedOrder, _ security: SimulatedSecurity, _ exits: [SimulatedOrder] = []
    ) {
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
        member("order_type", TradeWire.kind(order.kind))
        member("last_done", thousandths: order.last)
        member("trigger_price", thousandths: order.trigger)
        member("msg", order.message)
        member("tag", order.lifetime == .day ? "Normal" : "Gtc")
        member("time_in_force", TradeWire.lifetime(order.lifetime))
        member("expire_date", order.expires?.iso ?? "")
        member("updated_at", order.updated.seconds)
        member("trigger_at", order.triggered?.seconds ?? 0)
        member("trailing_amount", thousandths: order.kind.isPercent ? nil : order.trail)
        member("trailing_percent", thousandths: order.kind.isPercent ? order.trail : nil)
        member("limit_offset", thousandths: order.limitOffset)
        member("trigger_status", TradeWire.triggerStatus(order))
        member("currency", security.currency)
        member("outside_rth", order.sessionsWord.isEmpty ? "UnknownOutsideRth" : order.sessionsWord)
        key("limit_depth_level")
        int(order.depthLevel)
        key("trigger_count")
        int(order.triggerCount)
        member("monitor_price", thousandths: order.monitor)
        member("remark", order.remark)
        member("delayed_until", order.delayedUntil?.seconds ?? 0)
        if let combination = order.combination { self.combination(combination, of: order) }
        guard !exits.isEmpty else { return }
        key("attached_orders")
        beginArray()
        for exit in exits { attached(exit) }
        endArray()
    }

    private mutating func attached(_ order: SimulatedOrder) {
        beginObject()
        member("order_id", order.id)
        member("attached_type_display", order.purpose == .takeProfit ? "PROFIT_TAKER" : "STOP_LOSS")
        member("trigger_price", thousandths: order.trigger)
        member("quantity", order.quantity)
        member("executed_qty", order.filled)
        member("status", TradeWire.status(order))
        member("updated_at", order.updated.seconds)
        key("withdrawn")
        bool(order.status == .cancelled)
        member("gtd", order.expires?.iso ?? "")
        member("time_in_force", TradeWire.lifetime(order.lifetime))
        member("counter_id", TradeWire.counter(order))
        member("trigger_status", TradeWire.triggerStatus(order))
        member("executed_amount", TradeWire.money(order.filledValue))
        member("tag", order.lifetime == .day ? "Normal" : "Gtc")
        member("submitted_at", order.submitted.seconds)
        member("executed_price", order.filled == 0 ? "0" : TradeWire.money(order.average))
        member("force_only_rth", order.sessionsWord)
        key("reviewed")
        bool(false)
        member("activate_order_type", TradeWire.kind(order.kind))
        member("activate_rth", order.sessionsWord)
        member("submit_price", thousandths: order.limit)
        key("limit_depth_level")
        int(order.depthLevel)
        endObject()
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
        charges("BROKER_FEES", "Broker Fees", order.charges.filter(\.isBrokers), security.currency)
        charges("THIRD_FEES", "Third-party Fees", order.charges.filter { !$0.isBrokers }, security.currency)
        endArray()
        endObject()
    }

    private mutating func charges(
        _ code: StaticString, _ name: StaticString, _ charges: [Charge], _ currency: String
    ) {
        beginObject()
        member("code", "\(code)")
        member("name", "\(name)")
        key("fees")
        beginArray()
        for charge in charges {
            beginObject()
            member("code", charge.code)
            member("name", charge.name)
            member("amount", TradeWire.money(charge.amount))
            member("currency", currency)
            endObject()
        }
        endArray()
        endObject()
    }

    /// A line of the cash flow.
    mutating func movement(_ movement: SimulatedAccount.Movement) {
        let isIncoming = movement.amount >= 0
        beginObject()
        member("transaction_flow_name", TradeWire.name(of: movement))
        key("direction")
        int(isIncoming ? 2 : 1)
        key("business_type")
        int(1)
        member("balance", TradeWire.money(movement.amount))
        member("currency", movement.currency)
        member("business_time", movement.time.seconds)
        member("symbol", movement.symbol)
        member("description", TradeWire.description(of: movement))
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

    static let kinds: [String: OrderKind] = [
        "LO": .limit, "ELO": .enhancedLimit, "MO": .market, "AO": .auction, "ALO": .auctionLimit, "ODD": .oddLot,
        "SLO": .specialLimit, "LIT": .limitIfTouched, "MIT": .marketIfTouched, "TSLPAMT": .trailingLimitAmount,
        "TSLPPCT": .trailingLimitPercent, "TSMAMT": .trailingMarketAmount, "TSMPCT": .trailingMarketPercent,
    ]

    private static let kindWords = Dictionary(kinds.map { ($0.value, $0.key) }) { first, _ in first }

    static func kind(_ kind: OrderKind) -> String { kindWords[kind] ?? "UnknownOrderType" }

    static let lifetimes: [String: SimulatedOrder.Lifetime] = [
        "Day": .day, "GTC": .goodTilCancelled, "GTD": .goodTilDate,
    ]

    static let sessions: [String: SimulatedOrder.Sessions] = [
        "RTH_ONLY": .regular, "ANY_TIME": .extended, "OVERNIGHT": .overnight, "OPTION_PRE_MARKET": .extended,
    ]

    /// The vendor's inner name of a security.
    static func counter(_ order: SimulatedOrder) -> String {
        let parts = order.symbol.split(separator: ".")
        return "ST/\(parts.last ?? "")/\(parts.dropLast().joined(separator: "."))"
    }

    static func status(_ order: SimulatedOrder) -> String { status(order.status, order) }

    static func status(_ status: OrderStatus, _ order: SimulatedOrder) -> String {
        switch status {
        case .delayed: "DelayedNotReported"
        case .notReported: "NotReported"
        case .replacedNotReported: "ReplacedNotReported"
        case .waiting: "VarietiesNotReported"
        case .waitToNew: "WaitToNew"
        case .open: "NewStatus"
        case .partiallyFilled: "PartialFilledStatus"
        case .waitToReplace: "WaitToReplace"
        case .pendingReplace: "PendingReplaceStatus"
        case .replaced: "ReplacedStatus"
        case .waitToCancel: "WaitToCancel"
        case .pendingCancel: "PendingCancelStatus"
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
        switch order.triggerState {
        case .unused: "NOT_USED"
        case .inactive: "DEACTIVE"
        case .active: "ACTIVE"
        case .released: "RELEASED"
        }
    }

    static func name(of movement: SimulatedAccount.Movement) -> String {
        switch movement.kind {
        case .deposit: "Cash Deposit"
        case .buy: "Buy Contract-Stocks"
        case .sell: "Sell Contract-Stocks"
        case .fee: "Fees"
        case .dividend: "Cash Dividend"
        }
    }

    static func description(of movement: SimulatedAccount.Movement) -> String {
        switch movement.kind {
        case .deposit: "Deposit"
        case .buy: "Bought \(movement.quantity) \(movement.symbol)"
        case .sell: "Sold \(movement.quantity) \(movement.symbol)"
        case .fee: "Fees of \(movement.symbol)"
        case .dividend: "Dividend"
        }
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
        json.member("order_type", kind(order.kind))
        json.member("submitted_price", order.limit.map { money($0) } ?? "0")
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
        json.member("trailing_amount", thousandths: order.kind.isPercent ? nil : order.trail)
        json.member("trailing_percent", thousandths: order.kind.isPercent ? order.trail : nil)
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
