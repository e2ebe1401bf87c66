internal import BrokerModel
internal import Bytes

extension KeyConfiguration {
    private static func rate(_ group: EndpointClass, _ meaning: String) -> Setting<RequestRate> {
        Setting(
            "keys[].rates.\(group.rawValue)", .requestRate, default: "that of `limits.rates`", reloads: true,
            "How often the key may \(meaning).")
    }

    private static let rateSettings: [(EndpointClass, Setting<RequestRate>)] = [
        (.market, rate(.market, "ask for market data")), (.account, rate(.account, "ask for what is the account's")),
        (.trade, rate(.trade, "submit and amend")), (.cancel, rate(.cancel, "cancel")),
        (.admin, rate(.admin, "manage")),
    ]

    private static func amount(_ name: String, _ meaning: String) -> Setting<DecimalText> {
        Setting("keys[].risk.\(name)", .amount, default: "none", reloads: true, meaning)
    }

    private static let valueSetting = amount(
        "max_order_value", "The value of one order of the key, in the order's currency.")
    private static let quantitySetting = amount("max_order_quantity", "The quantity of one order of the key.")
    private static let collarSetting = amount(
        "price_collar_percent", "How far a price may be from the last one, in percent of that.")
    private static let notionalSetting = amount(
        "max_notional_per_day", "The values of the key's orders of a day together, for each market.")
    private static let minuteSetting = Setting(
        "keys[].risk.orders_per_minute", .integer(0...5000), default: "none", reloads: true,
        "Submits of the key in any 60 seconds.")
    private static let daySetting = Setting(
        "keys[].risk.orders_per_day", .integer(0...1_000_000), default: "none", reloads: true,
        "Submits of the key in one day of the market.")
    private static let openSetting = Setting(
        "keys[].risk.max_open_orders", .integer(0...1_000_000), default: "none", reloads: true,
        "Orders of the key that are not over, in all accounts.")
    private static let symbolsSetting = Setting(
        "keys[].risk.symbols", .list(of: .symbol, count: 1...1000), default: "all", reloads: true,
        "The only securities of the key's orders; `keys[].symbols` bounds what it may ask about, too.")
    private static let marketsSetting = Setting(
        "keys[].risk.markets", .list(of: Form<Market>.word, count: 1...Market.allCases.count), default: "all",
        reloads: true, "The only markets of the key's orders.")
    private static let sidesSetting = Setting(
        "keys[].risk.sides", .list(of: Form<OrderSide>.word, count: 1...4), default: "all", reloads: true,
        "The only sides of the key's orders.")
    private static let typesSetting = Setting(
        "keys[].risk.order_types", .list(of: Form<OrderType>.word, count: 1...OrderType.allCases.count),
        default: "all", reloads: true, "The only types of the key's orders.")
    private static let hoursSetting = Setting(
        "keys[].risk.trading_hours", .tradingHours, default: "any", reloads: true,
        "The only time of day of the key's orders, on the market's clock; it may go over midnight.")

    static let boundRows =
        rateSettings.map(\.1.row)
        + [
            valueSetting.row, quantitySetting.row, collarSetting.row, notionalSetting.row, minuteSetting.row,
            daySetting.row, openSetting.row, symbolsSetting.row, marketsSetting.row, sidesSetting.row, typesSetting.row,
            hoursSetting.row,
        ]

    /// Reads `rates` and `risk`; `nil` when something was refused: a bound that was refused must not become none.
    static func readBounds(in section: SectionReader) -> (rates: [EndpointClass: RequestRate], risk: RiskRules)? {
        // Both are looked at before either is given up, so that one run shows every mistake.
        let (given, rules) = (section.section("rates"), section.section("risk"))
        var isWhole = true
        func read<Value>(_ setting: Setting<Value>, _ section: SectionReader?) -> Value? {
            guard let section else { return nil }
            let value = section.optional(setting)
            if section.has(setting.key), value == nil { isWhole = false }
            return value
        }
        var rates: [EndpointClass: RequestRate] = [:]
        for (group, setting) in rateSettings { rates[group] = read(setting, given) }
        var risk = RiskRules()
        risk.maxOrderValue = read(valueSetting, rules)
        risk.maxOrderQuantity = read(quantitySetting, rules)
        risk.priceCollarPercent = read(collarSetting, rules)
        risk.maxNotionalPerDay = read(notionalSetting, rules)
        risk.ordersPerMinute = read(minuteSetting, rules)
        risk.ordersPerDay = read(daySetting, rules)
        risk.maxOpenOrders = read(openSetting, rules)
        risk.symbols = read(symbolsSetting, rules).map { Set($0) }
        risk.markets = read(marketsSetting, rules).map { Set($0) }
        risk.sides = read(sidesSetting, rules).map { Set($0) }
        risk.orderTypes = read(typesSetting, rules).map { Set($0) }
        risk.tradingHours = read(hoursSetting, rules)
        return isWhole && given != nil && rules != nil ? (rates, risk) : nil
    }
}

extension Form where Value == RequestRate {
    /// Calls and a unit of time.
    static var requestRate: Form {
        .scalar("rate such as `100/s`, `6000/m`, `5000/h`") { text throws(FormError) in
            guard let rate = RequestRate(text) else {
                throw FormError("\(Quoted(text)) is not a rate such as 100/s, 6000/m or 5000/h")
            }
            return rate
        }
    }
}

extension Form where Value == DecimalText {
    /// A decimal above zero.
    static var amount: Form {
        .scalar("decimal") { text throws(FormError) in
            guard let value = DecimalText(text), value > .zero else {
                throw FormError("\(Quoted(text)) is not a decimal above zero")
            }
            return value
        }
    }
}

extension Form where Value == TradingHours {
    /// Two times of day.
    static var tradingHours: Form {
        .scalar("`HH:MM-HH:MM`") { text throws(FormError) in
            guard let hours = TradingHours(text) else {
                throw FormError("\(Quoted(text)) is not of the form 09:30-16:00")
            }
            return hours
        }
    }
}
