internal import BrokerModel
internal import Bytes
internal import Clocks

/// What one rule says of an order.
struct RiskVerdict: Sendable, Equatable {
    /// Whose rule: the account's, or the key's.
    enum Owner: String, Sendable {
        case account, key
    }

    var owner: Owner
    /// The rule's name, as in the API.
    var rule: String
    /// Whether the order keeps it.
    var isPassed: Bool
    /// The bound, as text.
    var limit: String
    /// What the order would make of it, where it can be told.
    var value: String?

    /// As the API shows it.
    var json: JSONValue {
        var object = JSONObject()
        _ = object.add("owner", .string(owner.rawValue))
        _ = object.add("rule", .string(rule))
        _ = object.add("passed", .bool(isPassed))
        _ = object.add("limit", .string(limit))
        _ = object.add("value", value.map { .string($0) } ?? .null)
        return .object(object)
    }

    /// For people: what would be, and what may.
    var sentence: String {
        "\(rule) of the \(owner.rawValue) is \(limit), and this makes \(value ?? "an unknown value")"
    }

    /// For the record.
    var text: String {
        "\(owner.rawValue) \(rule) \(isPassed ? "passed" : "failed"): \(value ?? "unknown") of \(limit)"
    }
}

/// Judges orders by rules: every rule that is set says something, so that a caller sees all that is wrong at once.
///
/// What a rule needs and is not known, such as the last price for a collar, fails the rule: an order is not let through
/// because something could not be judged. An amendment is judged as the order it would make, by the rules it raises
/// something of; the collar and the lists are asked of every one that does more than take shares away.
struct RiskGate: Sendable {
    var owner: RiskVerdict.Owner
    var rules: RiskRules

    /// - Parameter openOrders: counted only where a rule asks for it.
    func check(
        _ intent: OrderIntent, _ history: RiskHistory, openOrders: @autoclosure () -> Int, at now: WallTime
    ) -> [RiskVerdict] {
        var verdicts: [RiskVerdict] = []
        // Fewer shares of an order that stays as it is are never more risk, whatever the rules have become since.
        guard !intent.onlyLessens else { return [] }
        func say(_ rule: String, _ isPassed: Bool, _ limit: String, _ value: String?) {
            verdicts.append(RiskVerdict(owner: owner, rule: rule, isPassed: isPassed, limit: limit, value: value))
        }
        func words<Word: RawRepresentable>(_ words: Set<Word>) -> String where Word.RawValue == String {
            words.map(\.rawValue).sorted().joined(separator: ", ")
        }
        if let symbols = rules.symbols {
            say("symbols", symbols.contains(intent.symbol), "\(symbols.count) symbols", intent.symbol.text)
        }
        if let markets = rules.markets {
            say("markets", markets.contains(intent.symbol.market), words(markets), intent.symbol.market.rawValue)
        }
        if let sides = rules.sides { say("sides", sides.contains(intent.side), words(sides), intent.side.rawValue) }
        if let types = rules.orderTypes {
            say("order_types", types.contains(intent.type), words(types), intent.type.rawValue)
        }
        if let hours = rules.tradingHours {
            let second = intent.symbol.market.timeZone.civil(at: now).secondOfDay
            say("trading_hours", hours.contains(second), hours.text, TradingHours.text(second))
        }
        if let limit = rules.maxOrderQuantity, intent.raisesQuantity {
            say("max_order_quantity", intent.quantity <= limit, limit.text, intent.quantity.text)
        }
        if let limit = rules.maxOrderValue, intent.raisesValue || !intent.exits.isEmpty {
            let value = intent.largestValue
            say("max_order_value", value.map { $0 <= limit } ?? false, limit.text, value?.text)
        }
        if let limit = rules.priceCollarPercent, !intent.priced.isEmpty {
            let distance = RiskGate.largestDistance(of: intent)
            say("price_collar_percent", distance.map { $0 <= limit } ?? false, limit.text, distance?.text)
        }
        let day = RiskHistory.Day(intent.symbol.market, at: now)
        if intent.isNew {
            if let limit = rules.ordersPerMinute {
                let count = history.count(inMinuteBefore: now) + 1
                say("orders_per_minute", count <= limit, "\(limit)", "\(count)")
            }
            if let limit = rules.ordersPerDay {
                let count = history.orders(on: day) + 1
                say("orders_per_day", count <= limit, "\(limit)", "\(count)")
            }
            if let limit = rules.maxOpenOrders {
                let count = openOrders() + 1
                say("max_open_orders", count <= limit, "\(limit)", "\(count)")
            }
        }
        if let limit = rules.maxNotionalPerDay, intent.raisesValue {
            let sum = intent.addedValue.flatMap { history.notional(on: day).adding($0) }
            say("max_notional_per_day", sum.map { $0 <= limit } ?? false, limit.text, sum?.text)
        }
        return verdicts
    }

    /// How far the order's price, or that of one attached to it, is from the last one; `nil` where it cannot be told.
    private static func largestDistance(of intent: OrderIntent) -> DecimalText? {
        var largest = DecimalText.zero
        for priced in intent.priced {
            guard let price = priced.price, let distance = distance(price, from: priced.last) else { return nil }
            largest = max(largest, distance)
        }
        return largest
    }

    /// How far a price is from the last one, in percent of that.
    private static func distance(_ price: DecimalText, from last: DecimalText?) -> DecimalText? {
        guard let last, last > .zero, let difference = price.subtracting(last),
            let absolute = difference.isNegative ? DecimalText.zero.subtracting(difference) : difference
        else { return nil }
        return absolute.multiplied(by: DecimalText(100))?.divided(by: last, scale: 4)
    }
}
