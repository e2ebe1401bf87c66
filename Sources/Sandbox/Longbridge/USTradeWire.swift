internal import Bytes
internal import Clocks

/// Orders, holdings and movements in the JSON of the US data centre: numbers for kinds, the vendor's inner names for
/// securities.
///
/// - Source: `longbridge-http`, sections 5.2.11 and 5.3.5; what the vendor's client 5.3.0 reads. Numbers that nothing
///   public explains are 0.
extension JSONWriter {
    mutating func member(_ name: StaticString, number: Int) {
        key(name)
        int(number)
    }

    /// What the list and the detail have in common.
    mutating func membersInUnitedStates(of order: SimulatedOrder, _ security: SimulatedSecurity) {
        member("id", order.id)
        member("aaid", TradingDesk.account)
        member("account_channel", "us_lb_apex")
        member("action", number: order.side == .buy ? 1 : 2)
        member("symbol", order.symbol)
        member("counter_id", TradeWire.counter(order))
        member("underlying_symbol", "")
        member("security_type", "STOCK")
        member("name", security.nameEnglish)
        member("currency", security.currency)
        member("trade_currency", security.currency)
        member("order_type", TradeWire.kind(order.kind))
        member("status", TradeWire.status(order))
        member("price", thousandths: order.limit)
        member("quantity", order.quantity)
        member("executed_qty", order.filled)
        member("executed_price", order.filled == 0 ? "0" : TradeWire.money(order.average))
        member("executed_amount", TradeWire.money(order.filledValue))
        member("time_in_force", number: TradeWire.lifetimeNumber(order.lifetime))
        member("gtd", order.expires?.iso ?? "")
        member("tag", number: 0)
        member("msg", order.message)
        member("remark", order.remark)
        member("force_only_rth", number: 0)
        member("submitted_at", order.submitted.seconds)
        member("updated_at", order.updated.seconds)
        member("done_at", order.status.isFinal ? order.updated.seconds : 0)
        member("trigger_price", thousandths: order.trigger)
        member("trigger_at", order.triggered?.seconds ?? 0)
        member("trigger_status", number: 0)
        member("trigger_count", number: order.triggerCount)
        member("tailing_amount", thousandths: order.kind.isPercent ? nil : order.trail)
        member("tailing_percent", thousandths: order.kind.isPercent ? order.trail : nil)
        member("limit_offset", thousandths: order.limitOffset)
        member("limit_depth_level", number: order.depthLevel)
        member("monitor_price", thousandths: order.monitor)
    }

    /// The order of a detail.
    mutating func detailInUnitedStates(
        of order: SimulatedOrder, _ security: SimulatedSecurity, _ exits: [SimulatedOrder]
    ) {
        beginObject()
        membersInUnitedStates(of: order, security)
        let isChangeable = order.status.isChangeable ? 1 : 0
        key("button_control")
        beginObject()
        member("withdraw", number: isChangeable)
        member("replace", number: isChangeable)
        key("exceptionable")
        beginArray()
        endArray()
        endObject()
        key("charge_detail")
        if order.parent == nil { chargesInUnitedStates(of: order, security.currency) } else { null() }
        key("attached_orders")
        beginArray()
        for exit in exits { attachedInUnitedStates(exit) }
        endArray()
        key("order_histories")
        beginArray()
        for step in order.history.reversed() {
            beginObject()
            member("exec_type", number: 0)
            member("status", TradeWire.status(step.status, order))
            member("price", step.price == 0 ? "" : TradeWire.money(step.price))
            member("qty", step.quantity)
            member("time", step.time.seconds)
            member("msg", step.message)
            endObject()
        }
        endArray()
        endObject()
    }

    /// The client takes texts for fees.
    private mutating func chargesInUnitedStates(of order: SimulatedOrder, _ currency: String) {
        beginObject()
        member("currency", currency)
        member("total_amount", TradeWire.money(order.fees))
        key("items")
        beginArray()
        for (code, name, isBrokers) in [(1, "Broker Fees", true), (2, "Third-party Fees", false)] {
            beginObject()
            member("code", number: code)
            member("name", name)
            key("fees")
            beginArray()
            for charge in order.charges where charge.isBrokers == isBrokers { string(charge.name) }
            endArray()
            endObject()
        }
        endArray()
        endObject()
    }

    private mutating func attachedInUnitedStates(_ order: SimulatedOrder) {
        beginObject()
        member("attached_type_display", number: order.purpose == .takeProfit ? 1 : 2)
        member("executed_qty", order.filled)
        member("quantity", order.quantity)
        member("status", TradeWire.status(order))
        member("trigger_price", thousandths: order.trigger)
        member("order_id", order.id)
        member("gtd", order.expires?.iso ?? "")
        member("time_in_force", number: TradeWire.lifetimeNumber(order.lifetime))
        member("tag", number: 0)
        member("activate_order_type", TradeWire.kind(order.kind))
        member("activate_rth", number: 0)
        member("submit_price", thousandths: order.limit)
        member("symbol", order.symbol)
        member("counter_id", TradeWire.counter(order))
        key("withdrawn")
        bool(order.status == .cancelled)
        endObject()
    }

    /// A member of the overview's list of stocks.
    mutating func holding(
        _ security: SimulatedSecurity, _ holding: SimulatedAccount.Holding, last: Int64, opened: WallTime?
    ) {
        let code = String(security.symbol.dropLast(3))
        beginObject()
        member("symbol", code)
        member("full_symbol", security.symbol)
        member("counter_id", "ST/US/\(code)")
        member("asset_type", "STOCK")
        member("quantity", abs(holding.quantity))
        member("currency", security.currency)
        member("average_cost", TradeWire.money(holding.averageCost))
        member("market", "US")
        member("trade_status", "")
        member("prev_close", TradeWire.money(security.price))
        member("last_done", TradeWire.money(last))
        member("market_price", TradeWire.money(last))
        member("position_side", holding.quantity < 0 ? "SHORT" : "LONG")
        member("open_position_time", opened?.seconds ?? 0)
        member("name", security.nameEnglish)
        endObject()
    }

    /// A movement of cash.
    mutating func transaction(_ movement: SimulatedAccount.Movement) {
        beginObject()
        member("title", TradeWire.name(of: movement))
        member("biz_code", TradeWire.type(of: movement))
        member("biz_code_name", TradeWire.name(of: movement))
        member("amount", TradeWire.money(movement.amount))
        member("currency", movement.currency)
        member("symbol", movement.symbol)
        member("market", movement.symbol.isEmpty ? "" : "US")
        member("equity_type", movement.symbol.isEmpty ? "" : "STOCK")
        member("position_side", movement.symbol.isEmpty ? "" : "LONG")
        member("quantity", movement.quantity)
        member("quantity_description", "")
        member("ref_no", "")
        member("remark", TradeWire.description(of: movement))
        member("create_at", movement.time.seconds)
        member("done_at", movement.time.seconds)
        endObject()
    }
}

extension TradeWire {
    /// - Source: the vendor's published tools.
    static func lifetimeNumber(_ lifetime: SimulatedOrder.Lifetime) -> Int {
        switch lifetime {
        case .day: 1
        case .goodTilCancelled: 3
        case .goodTilDate: 4
        }
    }

    /// - Source: the vendor's client 5.3.0, the values of `types`.
    static func type(of movement: SimulatedAccount.Movement) -> String {
        switch movement.kind {
        case .deposit: "TT_DEPOSIT_AND_WITHDRAWAL"
        case .buy, .sell, .fee: "TT_STOCKS_AND_ETFS_TRADING"
        case .dividend: "TT_CORPORATE_ACTION"
        }
    }
}
