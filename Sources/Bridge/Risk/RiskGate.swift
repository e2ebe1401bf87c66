internal import BrokerModel
internal import Bytes
internal import Clocks

/// An order as the rules see it.
struct OrderIntent: Sendable, Equatable {
    var symbol: Symbol
    var side: OrderSide
    var type: OrderType
    var quantity: DecimalText
    /// The price it may cost, where it names one.
    var price: DecimalText?
    /// The last price of the security, where it is known.
    var last: DecimalText?
    /// Whether it is new: an amendment is not one more order.
    var isNew = true

    init(_ request: OrderRequest, last: DecimalText?) {
        symbol = request.symbol
        side = request.side
        type = request.type
        quantity = request.quantity
        price = request.prices[.limit] ?? request.prices[.trigger]
        self.last = last
    }

    init(symbol: Symbol, side: OrderSide, type: OrderType, quantity: DecimalText, price: DecimalText?) {
        self.symbol = symbol
        self.side = side
        self.type = type
        self.quantity = quantity
        self.price = price
    }

    /// What it may cost; `nil` where no price is known.
    var value: DecimalText? { (price ?? last).flatMap { quantity.multiplied(by: $0) } }
}

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

    /// For the record.
    var text: String {
        "\(owner.rawValue) \(rule) \(isPassed ? "passed" : "failed"): \(value ?? "unknown") of \(limit)"
    }
}

/// Judges orders by rules: every rule that is set says something, so that a caller sees all that is wrong at once.
///
/// What a rule needs and is not known, such as the last price for a collar, fails the rule: an order is not let through
/// because something could not be judged.
struct RiskGate: Sendable {
    var owner: RiskVerdict.Owner
    var rules: RiskRules

    func check(_ intent: OrderIntent, _ history: RiskHistory, openOrders: Int, at now: WallTime) -> [RiskVerdict] {
        var verdicts: [RiskVerdict] = []
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
            say("trading_hours", hours.contains(second), hours.text, nil)
        }
        if let limit = rules.maxOrderQuantity {
            say("max_order_quantity", intent.quantity <= limit, limit.text, intent.quantity.text)
        }
        if let limit = rules.maxOrderValue {
            say("max_order_value", intent.value.map { $0 <= limit } ?? false, limit.text, intent.value?.text)
        }
        if let limit = rules.priceCollarPercent, let price = intent.price {
            let distance = RiskGate.distance(price, from: intent.last)
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
                say("max_open_orders", openOrders + 1 <= limit, "\(limit)", "\(openOrders + 1)")
            }
        }
        if let limit = rules.maxNotionalPerDay {
            let sum = intent.value.flatMap { history.notional(on: day).adding($0) }
            say("max_notional_per_day", sum.map { $0 <= limit } ?? false, limit.text, sum?.text)
        }
        return verdicts
    }

    /// How far a price is from the last one, in percent of that.
    private static func distance(_ price: DecimalText, from last: DecimalText?) -> DecimalText? {
        guard let last, last > .zero, let difference = price.subtracting(last),
            let absolute = difference.isNegative ? DecimalText.zero.subtracting(difference) : difference
        else { return nil }
        return absolute.multiplied(by: DecimalText(100))?.divided(by: last, scale: 4)
    }
}

/// What was submitted lately, by one account or one key.
///
/// It keeps the instants of the last minute and, for two days of each market, a count and a sum: no more, whatever is
/// submitted. A minute with more submits than it keeps counts as that many.
struct RiskHistory: Sendable, Equatable {
    /// A day of a market, on its own clock.
    struct Day: Hashable, Sendable {
        var market: Market
        var date: CivilDate

        init(_ market: Market, at time: WallTime) {
            self.market = market
            date = market.timeZone.civil(at: time).date
        }
    }

    private struct Sum: Equatable, Sendable {
        var orders = 0
        var notional = DecimalText.zero
    }

    private static let kept = 5000
    private var minute: [WallTime] = []
    private var days: [Day: Sum] = [:]

    /// Takes an order in that is about to be sent.
    mutating func submitted(_ intent: OrderIntent, at now: WallTime) {
        minute.removeAll { !RiskHistory.isWithinMinute($0, of: now) }
        if intent.isNew, minute.count < RiskHistory.kept { minute.append(now) }
        let day = Day(intent.symbol.market, at: now)
        let oldest = day.date.adding(days: -2)
        days = days.filter { $0.key.date > oldest }
        if intent.isNew { days[day, default: Sum()].orders += 1 }
        if let value = intent.value, let sum = notional(on: day).adding(value) {
            days[day, default: Sum()].notional = sum
        }
    }

    /// Takes one back that was provably not taken by the broker: it does not weigh on the day's sum. It was an attempt all
    /// the same, and counts as one.
    mutating func released(_ intent: OrderIntent, submittedAt time: WallTime) {
        let day = Day(intent.symbol.market, at: time)
        guard let value = intent.value, let sum = days[day]?.notional.subtracting(value) else { return }
        days[day]?.notional = max(sum, .zero)
    }

    func count(inMinuteBefore now: WallTime) -> Int { minute.count { RiskHistory.isWithinMinute($0, of: now) } }
    func orders(on day: Day) -> Int { days[day]?.orders ?? 0 }
    func notional(on day: Day) -> DecimalText { days[day]?.notional ?? .zero }

    /// The days it has something of.
    var today: [(day: Day, orders: Int, notional: DecimalText)] {
        days.map { ($0.key, $0.value.orders, $0.value.notional) }
            .sorted { ($0.day.market.rawValue, $0.day.date) < ($1.day.market.rawValue, $1.day.date) }
    }

    /// A clock that stepped back makes no submit forgotten.
    private static func isWithinMinute(_ time: WallTime, of now: WallTime) -> Bool { now - time < .seconds(60) }
}
