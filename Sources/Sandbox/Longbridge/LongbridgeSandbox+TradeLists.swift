internal import Bytes
internal import Clocks
internal import EventLoops

/// Lists and figures of the trading side.
extension LongbridgeSandbox {
    /// Rows of a list of the past.
    private static let rows = 1000

    /// The day an order belongs to is today where it trades.
    private func isOfToday(_ time: WallTime, _ symbol: String) -> Bool {
        let zone = SimulatedSecurity.bySymbol[symbol]?.market.zone ?? .hongKong
        return zone.civil(at: time).date == zone.civil(at: clock()).date
    }

    func listOrders(_ query: TradeQuery, today: Bool) -> [UInt8] {
        let statuses = Set(query.all("status"))
        let (start, end) = window(query)
        let chosen = desk.engine.orders.values.filter { order in
            let isCurrent = isOfToday(order.submitted, order.symbol) || !order.status.isFinal
            guard isCurrent == today else { return false }
            if !today, order.submitted.seconds < start || order.submitted.seconds > end { return false }
            if let symbol = query["symbol"], symbol != order.symbol { return false }
            if let side = query["side"], side != (order.side == .buy ? "Buy" : "Sell") { return false }
            if let market = query["market"], !order.symbol.hasSuffix(".\(market)") { return false }
            if let id = query["order_id"], id != String(order.id) { return false }
            return statuses.isEmpty || statuses.contains(TradeWire.status(order))
        }.sorted { $0.id > $1.id }
        let shown = today ? chosen[...] : chosen.prefix(LongbridgeSandbox.rows)
        var json = JSONWriter(capacity: 900 * shown.count + 64)
        json.beginObject()
        json.key("has_more")
        json.bool(shown.count < chosen.count)
        json.key("orders")
        json.beginArray()
        for order in shown {
            guard let security = SimulatedSecurity.bySymbol[order.symbol] else { continue }
            json.beginObject()
            json.members(of: order, security)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// Neither bound: the last 90 days; one: 90 days from it.
    private func window(_ query: TradeQuery) -> (start: Int64, end: Int64) {
        let span: Int64 = 90 * 86_400
        switch (query.seconds("start_at"), query.seconds("end_at")) {
        case (nil, nil): return (clock().seconds - span, clock().seconds)
        case (let start?, nil): return (start, start + span)
        case (nil, let end?): return (end - span, end)
        case (let start?, let end?): return (start, end)
        }
    }

    enum FillSpan { case today, past, all }

    func listFills(_ query: TradeQuery, _ span: FillSpan) -> [UInt8] {
        let (start, end) = window(query)
        let chosen = desk.engine.fills.filter { fill in
            switch span {
            case .today: guard isOfToday(fill.time, fill.symbol) else { return false }
            case .past:
                guard !isOfToday(fill.time, fill.symbol), (start...max(start, end)).contains(fill.time.seconds) else {
                    return false
                }
            case .all: guard (start...max(start, end)).contains(fill.time.seconds) else { return false }
            }
            if let symbol = query["symbol"], symbol != fill.symbol { return false }
            if let id = query["order_id"], id != String(fill.order) { return false }
            return true
        }.sorted { $0.time > $1.time }
        let page = max(1, query["page"].flatMap { Int($0) } ?? 1)
        let rows =
            span == .today
            ? chosen[...] : chosen.dropFirst((page - 1) * LongbridgeSandbox.rows).prefix(LongbridgeSandbox.rows)
        var json = JSONWriter(capacity: 200 * rows.count + 64)
        json.beginObject()
        if span != .today {
            json.key("has_more")
            json.bool(page * LongbridgeSandbox.rows < chosen.count)
        }
        json.key("trades")
        json.beginArray()
        for fill in rows { json.fill(fill) }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    // MARK: Estimates

    func estimate(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let symbol = query["symbol"], let side = query["side"], query["order_type"] != nil else {
            throw .invalid("symbol, order_type and side are required")
        }
        let security = try security(symbol)
        let asked = query["price"].flatMap { DecimalText($0)?.units(scale: 3) }
        let price = max(1, asked ?? answers.market.listing(symbol, at: clock())?.current?.last ?? security.price)
        let lot = security.market == .hongKong ? security.lotSize : 1
        let cash: Int64
        let margin: Int64
        if side == "Sell" {
            cash = max(0, desk.engine.account.sellable(symbol))
            margin = cash
        } else {
            cash = max(0, desk.engine.account.available(security.currency)) / price / lot * lot
            margin = max(0, desk.engine.account.available(security.currency)) * 5 / 2 / price / lot * lot
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("cash_max_qty", cash)
        json.member("margin_max_qty", margin)
        json.endObject()
        return json.bytes
    }

    func marginRatio(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let symbol = query["symbol"] else { throw .invalid("symbol is required") }
        _ = try security(symbol)
        return Array("{\"im_factor\":\"0.4\",\"mm_factor\":\"0.35\",\"fm_factor\":\"0.3\"}".utf8)
    }

    // MARK: Money and securities

    /// What one unit is in Hong Kong dollars, in thousandths.
    private static let rates: [(currency: String, rate: Int64)] = [("HKD", 1000), ("USD", 7800), ("CNH", 1080)]

    private func converted(_ amount: Int64, from currency: String, to target: String) -> Int64 {
        let from = LongbridgeSandbox.rates.first { $0.currency == currency }?.rate ?? 1000
        let to = LongbridgeSandbox.rates.first { $0.currency == target }?.rate ?? 1000
        return amount * from / to
    }

    func balances(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        let target = query["currency"] ?? "HKD"
        guard LongbridgeSandbox.rates.contains(where: { $0.currency == target }) else {
            throw .invalid("currency not supported")
        }
        let account = desk.engine.account
        let cash = account.cash.reduce(0) { $0 + converted($1.value, from: $1.key, to: target) }
        let value = account.holdings.reduce(Int64(0)) { sum, entry in
            let security = SimulatedSecurity.bySymbol[entry.key]
            let last = answers.market.listing(entry.key, at: clock())?.current?.last ?? 0
            return sum + converted(last * entry.value.quantity, from: security?.currency ?? "HKD", to: target)
        }
        let free = account.cash.keys.reduce(0) { $0 + converted(account.available($1), from: $1, to: target) }
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("list")
        json.beginArray()
        json.beginObject()
        json.member("total_cash", TradeWire.money(cash))
        json.member("max_finance_amount", "300000.000")
        json.member("remaining_finance_amount", "300000.000")
        json.member("risk_level", "0")
        json.member("margin_call", "0")
        json.member("currency", target)
        json.member("net_assets", TradeWire.money(cash + value))
        json.member("init_margin", TradeWire.money(value * 4 / 10))
        json.member("maintenance_margin", TradeWire.money(value * 35 / 100))
        json.member("buy_power", TradeWire.money(free))
        json.key("cash_infos")
        json.beginArray()
        for currency in account.cash.keys.sorted() {
            json.beginObject()
            json.member("withdraw_cash", TradeWire.money(account.available(currency)))
            json.member("available_cash", TradeWire.money(account.available(currency)))
            json.member("frozen_cash", TradeWire.money(account.held[currency] ?? 0))
            json.member("settling_cash", "0")
            json.member("currency", currency)
            json.endObject()
        }
        json.endArray()
        json.key("frozen_transaction_fees")
        json.beginArray()
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }

    func positions(_ query: TradeQuery) -> [UInt8] {
        let wanted = Set(query.all("symbol"))
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("list")
        json.beginArray()
        json.beginObject()
        json.member("account_channel", "lb_papertrading")
        json.key("stock_info")
        json.beginArray()
        for (symbol, holding) in desk.engine.account.holdings.sorted(by: { $0.key < $1.key })
        where wanted.isEmpty || wanted.contains(symbol) {
            guard let security = SimulatedSecurity.bySymbol[symbol] else { continue }
            json.beginObject()
            json.member("symbol", symbol)
            json.member("symbol_name", security.nameEnglish)
            json.member("quantity", holding.quantity)
            json.member("available_quantity", holding.quantity - holding.held)
            json.member("currency", security.currency)
            json.member("cost_price", TradeWire.money(holding.averageCost))
            json.member("market", security.market.rawValue)
            json.member("init_quantity", holding.initial)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }

    func funds() -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("list")
        json.beginArray()
        json.beginObject()
        json.member("account_channel", "lb_papertrading")
        json.key("fund_info")
        json.beginArray()
        json.beginObject()
        json.member("symbol", "HK0000811112")
        json.member("symbol_name", "Sample USD Cash Fund")
        json.member("currency", "USD")
        json.member("holding_units", "1250.400")
        json.member("current_net_asset_value", "10.821")
        json.member("cost_net_asset_value", "10.640")
        json.member("net_asset_value_day", clock().seconds / 86_400 * 86_400)
        json.endObject()
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }

    func cashFlow(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let start = query.seconds("start_time"), let end = query.seconds("end_time") else {
            throw .invalid("start_time and end_time are required")
        }
        let page = max(1, query["page"].flatMap { Int($0) } ?? 1)
        let size = min(max(1, query["size"].flatMap { Int($0) } ?? 50), 10_000)
        let flows = desk.engine.fills.filter { fill in
            (start...max(start, end)).contains(fill.time.seconds) && (query["symbol"].map { $0 == fill.symbol } ?? true)
        }.sorted { $0.time < $1.time }
        let isOther = query["business_type"].map { $0 != "1" } ?? false
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("list")
        json.beginArray()
        for fill in isOther ? [] : flows.dropFirst((page - 1) * size).prefix(size) {
            let isBuying = fill.side == .buy
            json.beginObject()
            json.member("transaction_flow_name", isBuying ? "Buy Contract-Stocks" : "Sell Contract-Stocks")
            json.key("direction")
            json.int(isBuying ? 1 : 2)
            json.key("business_type")
            json.int(1)
            let value = fill.price * fill.quantity
            json.member("balance", TradeWire.money(isBuying ? -value : value))
            json.member("currency", SimulatedSecurity.bySymbol[fill.symbol]?.currency ?? "HKD")
            json.member("business_time", fill.time.seconds)
            json.member("symbol", fill.symbol)
            json.member("description", "\(isBuying ? "Bought" : "Sold") \(fill.quantity) \(fill.symbol)")
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    func exchangeRates() -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("exchanges")
        json.beginArray()
        for (currency, rate) in LongbridgeSandbox.rates where currency != "HKD" {
            json.beginObject()
            for name in ["average_rate", "bid_rate", "offer_rate"] {
                json.key(dynamic: name)
                json.raw(Array(TradeWire.money(rate).utf8))
            }
            json.member("base_currency", currency)
            json.member("other_currency", "HKD")
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}
