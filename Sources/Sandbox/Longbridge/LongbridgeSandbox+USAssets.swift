internal import Bytes
internal import Clocks

/// Money and securities as the US data centre writes them: dollars, and what is held in the United States.
///
/// - Source: `longbridge-http`, section 5.3.5; judged by the vendor's client 5.3.0.
extension LongbridgeSandbox {
    private static let dollar = "USD"

    private func asked(_ query: TradeQuery) throws(TradeRefusal) {
        guard query["currency"] ?? Self.dollar == Self.dollar else { throw .invalid("currency not supported") }
    }

    /// What is held there, by symbol.
    private var holdingsInUnitedStates: [(security: SimulatedSecurity, holding: SimulatedAccount.Holding)] {
        desk.engine.account.holdings.sorted { $0.key < $1.key }.compactMap { symbol, holding in
            guard let security = SimulatedSecurity.bySymbol[symbol], security.market == .unitedStates,
                holding.quantity != 0
            else { return nil }
            return (security, holding)
        }
    }

    private func lastPrice(_ security: SimulatedSecurity) -> Int64 {
        answers.market.listing(security.symbol, at: clock())?.current?.last ?? security.price
    }

    func assetOverview() -> [UInt8] {
        let account = desk.engine.account
        let free = account.available(Self.dollar)
        var json = JSONWriter(capacity: 2048)
        json.beginObject()
        json.member("account_type", "MARGIN")
        json.member("asset_timestamp", clock().seconds)
        json.member("cash_buy_power", TradeWire.money(free))
        json.member("overnight_buy_power", TradeWire.money(free * 2))
        json.member("currency", Self.dollar)
        json.key("cash_list")
        json.beginArray()
        json.beginObject()
        json.member("currency", Self.dollar)
        json.member("frozen_buy_cash", TradeWire.money(account.held[Self.dollar] ?? 0))
        json.member("outstanding", "0")
        json.member("settled_cash", TradeWire.money(account.cash[Self.dollar] ?? 0))
        json.member("total_amount", TradeWire.money(account.cash[Self.dollar] ?? 0))
        json.member("total_cash", TradeWire.money(free))
        json.endObject()
        json.endArray()
        json.key("stock_list")
        json.beginArray()
        for (security, holding) in holdingsInUnitedStates {
            json.holding(security, holding, last: lastPrice(security), opened: account.journal.first?.time)
        }
        json.endArray()
        for name in ["option_list", "crypto_list"] {
            json.key(dynamic: name)
            json.beginArray()
            json.endArray()
        }
        json.key("multi_leg")
        json.beginObject()
        json.endObject()
        json.endObject()
        return json.bytes
    }

    func cashAndBuyingPower(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        try asked(query)
        let account = desk.engine.account
        let (all, free) = (account.cash[Self.dollar] ?? 0, account.available(Self.dollar))
        let value = holdingsInUnitedStates.reduce(Int64(0)) { $0 + lastPrice($1.security) * $1.holding.quantity }
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("buy_limit_info")
        json.beginObject()
        json.member("currency", Self.dollar)
        for name in ["cash_buy_power", "instant_buy_power", "option_buy_power", "crypto_buy_power"] {
            json.key(dynamic: name)
            json.string(TradeWire.money(free))
        }
        for name in ["overnight_buy_power", "day_trade_buy_power", "intraday_margin_buy_power"] {
            json.key(dynamic: name)
            json.string(TradeWire.money(free * 2))
        }
        json.member("mme", TradeWire.money(free))
        json.endObject()
        json.key("cash_list")
        json.beginArray()
        json.beginObject()
        json.member("currency", Self.dollar)
        json.member("total_amount", TradeWire.money(all))
        json.member("available_cash", TradeWire.money(free))
        json.member("withdraw_cash", TradeWire.money(free))
        json.member("frozen_cash", TradeWire.money(all - free))
        json.member("settled_cash", TradeWire.money(all))
        json.member("outstanding", "0")
        json.member("external_amount", "0")
        json.endObject()
        json.endArray()
        json.key("margin_status")
        json.beginObject()
        json.member("currency", Self.dollar)
        json.member("nlv", TradeWire.money(all + value))
        json.member("margin_equity", TradeWire.money(all + value))
        json.member("margin_maintenance_excess", TradeWire.money(all + value - value * 35 / 100))
        json.member("mmr", TradeWire.money(value * 35 / 100))
        json.member("reg_t_excess", TradeWire.money(all + value - value / 2))
        json.member("sma", TradeWire.money(all + value - value / 2))
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// By the vendor's words and numbers for kinds of assets.
    private static let categories: [(word: String, code: Int)] = [
        ("ALL", 0), ("STOCK", 1), ("OPTION", 2), ("CRYPTO", 3),
    ]

    func realizedGains(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        try asked(query)
        guard query["currency"] != nil else { throw .invalid("currency is required") }
        let word = query["category"]
        guard word == nil || Self.categories.contains(where: { $0.word == word }) else {
            throw .invalid("invalid category")
        }
        let realized = desk.engine.account.realized[Self.dollar] ?? SimulatedAccount.Realized()
        var json = JSONWriter()
        json.beginObject()
        json.key("realized_pl_list")
        json.beginArray()
        for category in Self.categories where word == nil || word == category.word {
            // Only shares are traded here.
            let known = category.code < 2 ? realized : SimulatedAccount.Realized()
            json.beginObject()
            json.key("category")
            json.int(category.code)
            json.member("currency", Self.dollar)
            json.key("metrics")
            json.beginArray()
            json.beginObject()
            json.member("amount", TradeWire.money(known.gain))
            json.key("period")
            json.int(1)
            json.member(
                "rate", known.cost == 0 ? "0" : DecimalText(units: known.gain * 1000 / known.cost, scale: 3).text)
            json.endObject()
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    func availableHolding(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let symbol = query["symbol"] else { throw .invalid("symbol is required") }
        guard ["STOCK", "OPTION", "CRYPTO"].contains(query["equity_type"] ?? "STOCK") else {
            throw .invalid("invalid equity_type")
        }
        guard ["LONG", "SHORT"].contains(query["position_side"] ?? "LONG") else {
            throw .invalid("invalid position_side")
        }
        let isHeld = query["position_side"] ?? "LONG" == "LONG" && symbol.hasSuffix(".US")
        var json = JSONWriter()
        json.beginObject()
        json.member("available_qty", isHeld ? max(0, desk.engine.account.sellable(symbol)) : 0)
        json.endObject()
        return json.bytes
    }

    /// Newest first. A page that is not full is the last.
    func transactions(_ body: [UInt8]) throws(TradeRefusal) -> [UInt8] {
        let reader = try TradeOrderReader(body)
        let range: ClosedRange<Int64> = 0...9_999_999_999
        guard let start = try reader.integer("start", range), let end = try reader.integer("end", range) else {
            throw .invalid("start and end are required")
        }
        let page = Int(try reader.integer("page", 1...1_000_000) ?? 1)
        let size = Int(try reader.integer("size", 1...1000) ?? 20)
        let types = Set((reader.json["types"]?.arrayValue ?? []).compactMap(\.stringValue))
        let isDollar = reader.text("currency") ?? Self.dollar == Self.dollar
        let chosen = desk.engine.account.journal.filter {
            isDollar && $0.currency == Self.dollar && $0.time.seconds >= start && $0.time.seconds <= end
                && (types.isEmpty || types.contains(TradeWire.type(of: $0)))
        }.sorted { $0.time > $1.time }
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("current_page")
        json.int(page)
        json.key("items")
        json.beginArray()
        for movement in chosen.dropFirst((page - 1) * size).prefix(size) { json.transaction(movement) }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    func exchangeRatesInUnitedStates() -> [UInt8] {
        let dollar = LongbridgeSandbox.rates.first { $0.currency == Self.dollar }?.rate ?? 1000
        var json = JSONWriter()
        json.beginObject()
        json.key("exchanges")
        json.beginArray()
        for (currency, rate) in LongbridgeSandbox.rates where currency != Self.dollar {
            json.beginObject()
            json.member("universal_key", "us_lb_apex")
            json.member("spec_key", "reference")
            json.member("base_currency", Self.dollar)
            json.member("other_currency", currency)
            for name in ["bid_rate", "offer_rate", "average_rate"] {
                json.key(dynamic: name)
                json.string(TradeWire.money(dollar * 1000 / rate))
            }
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}
