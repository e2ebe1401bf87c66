internal import Bytes
internal import Clocks

/// Money and securities of the account, and what could be bought with them.
extension LongbridgeSandbox {
    // MARK: Estimates

    func estimate(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let symbol = query["symbol"], let side = query["side"], query["order_type"] != nil else {
            throw .invalid("symbol, order_type and side are required")
        }
        let security = try security(symbol)
        let asked = query["price"].flatMap { DecimalText($0)?.units(scale: 3) }
        if let id = query["order_id"], desk.engine.orders[Int64(id) ?? 0] == nil { throw .notFound }
        // What an order that is to be amended holds back is free for it.
        let own = query["order_id"].flatMap { Int64($0) }.flatMap { desk.engine.orders[$0] }
        let price = max(1, asked ?? answers.market.listing(symbol, at: clock())?.current?.last ?? security.price)
        let lot = security.market == .hongKong ? security.lotSize : 1
        let cash: Int64
        let margin: Int64
        if side == "Sell" {
            cash = max(0, desk.engine.account.sellable(symbol) + (own?.side == .sell ? own?.remaining ?? 0 : 0))
            margin = cash
        } else {
            let free = max(0, desk.engine.account.available(security.currency) + (own?.held ?? 0))
            cash = affordable(free, price, security) / lot * lot
            margin = affordable(free * 5 / 2, price, security) / lot * lot
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("cash_max_qty", cash)
        json.member("margin_max_qty", margin)
        json.endObject()
        return json.bytes
    }

    /// Shares for so much, fees included.
    private func affordable(_ cash: Int64, _ price: Int64, _ security: SimulatedSecurity) -> Int64 {
        let most = min(cash / price, MatchingEngine.valueBound / price)
        let fee = FeeSchedule.total(security.market, .buy, value: most * price, quantity: most)
        return max(0, min(most, (cash - fee) / price))
    }

    func marginRatio(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let symbol = query["symbol"] else { throw .invalid("symbol is required") }
        _ = try security(symbol)
        return Array("{\"im_factor\":\"0.4\",\"mm_factor\":\"0.35\",\"fm_factor\":\"0.3\"}".utf8)
    }

    // MARK: Money and securities

    /// What one unit is in Hong Kong dollars, in thousandths.
    static let rates: [(currency: String, rate: Int64)] = [("HKD", 1000), ("USD", 7800), ("CNH", 1080)]

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
        json.member("account_channel", limits.isLiveAccount ? "lb" : "lb_papertrading")
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

    func funds(_ query: TradeQuery) -> [UInt8] {
        let wanted = query.all("symbol")
        let isWanted = wanted.isEmpty || wanted.contains("HK0000811112")
        var json = JSONWriter()
        json.beginObject()
        json.key("list")
        json.beginArray()
        json.beginObject()
        json.member("account_channel", limits.isLiveAccount ? "lb" : "lb_papertrading")
        json.key("fund_info")
        json.beginArray()
        if isWanted {
            json.beginObject()
            json.member("symbol", "HK0000811112")
            json.member("symbol_name", "Sample USD Cash Fund")
            json.member("currency", "USD")
            json.member("holding_units", "1250.400")
            json.member("current_net_asset_value", "10.821")
            json.member("cost_net_asset_value", "10.640")
            json.member("net_asset_value_day", clock().seconds / 86_400 * 86_400)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }

    func cashFlow(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let start = try query.seconds("start_time"), let end = try query.seconds("end_time") else {
            throw .invalid("start_time and end_time are required")
        }
        let page = Int(try query.number("page", 1...1_000_000) ?? 1)
        let size = Int(try query.number("size", 1...10_000) ?? 50)
        // Every movement of the simulation is one of cash.
        let isCash = try query.number("business_type", 1...3) ?? 1 == 1
        let symbol = query["symbol"]
        let chosen =
            isCash
            ? desk.engine.account.journal.filter {
                $0.time.seconds >= start && $0.time.seconds <= end && (symbol == nil || symbol == $0.symbol)
            }.sorted { $0.time < $1.time } : []
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("list")
        json.beginArray()
        for movement in chosen.dropFirst((page - 1) * size).prefix(size) { json.movement(movement) }
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

    // MARK: Statements

    private static let statementWords = ["1": "daily", "2": "monthly"]

    /// Daily ones of business days, monthly ones of month ends; newest first.
    func statements(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        let type = query["statement_type"] ?? "1"
        guard let word = Self.statementWords[type] else { throw .invalid("invalid statement_type") }
        let from = try query.number("start_date", 0...99_999_999) ?? 1
        let (limit, size) = (try query.number("limit", 1...1000), try query.number("page_size", 1...1000))
        let rows = Int(limit ?? size ?? 20)
        let today = TimeZoneRule.hongKong.civil(at: clock()).date
        var json = JSONWriter()
        json.beginObject()
        json.key("list")
        json.beginArray()
        var count = 0
        for back in 1...SimulatedPast.days where count < rows {
            let date = today.adding(days: -back)
            let isMonthEnd = date.adding(days: 1).day == 1
            guard type == "1" ? (1...5).contains(date.weekday) : isMonthEnd,
                let number = Int64(date.compact), number >= from
            else { continue }
            count += 1
            json.beginObject()
            json.key("dt")
            json.int(number)
            json.member("file_key", "statement/\(word)/\(date.compact).pdf")
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    func statementAddress(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let key = query["file_key"], key.hasPrefix("statement/"), key.utf8.count < 100 else {
            throw .invalid("file_key is not known")
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("url", "\(httpURL)/\(key)?expires=\(clock().seconds + 300)")
        json.endObject()
        return json.bytes
    }
}
