internal import BrokerModel
internal import Bytes
internal import HTTPWire

extension RiskRules {
    /// Reads the members of a body; absent and `null` are unbounded.
    init(reading body: inout BodyReader) throws(Problem) {
        self.init()
        maxOrderValue = try RiskRules.positive("max_order_value", &body)
        maxOrderQuantity = try RiskRules.positive("max_order_quantity", &body)
        priceCollarPercent = try RiskRules.positive("price_collar_percent", &body)
        maxNotionalPerDay = try RiskRules.positive("max_notional_per_day", &body)
        ordersPerMinute = try body.integer("orders_per_minute", in: 0...5000)
        ordersPerDay = try body.integer("orders_per_day", in: 0...1_000_000)
        maxOpenOrders = try body.integer("max_open_orders", in: 0...1_000_000)
        if let texts = try body.strings("symbols", maximumCount: 1000) {
            var symbols: Set<Symbol> = []
            for text in texts {
                guard let symbol = Symbol(text) else { throw .symbol(text, field: body.pointer("symbols")) }
                symbols.insert(symbol)
            }
            self.symbols = symbols
        }
        markets = try body.words("markets")
        sides = try body.words("sides")
        orderTypes = try body.words("order_types")
        if let text = try body.string("trading_hours", maximumBytes: 16) {
            guard let hours = TradingHours(text) else {
                throw body.invalid("trading_hours", "trading_hours is not of the form 09:30-16:00.")
            }
            tradingHours = hours
        }
    }

    private static func positive(_ name: String, _ body: inout BodyReader) throws(Problem) -> DecimalText? {
        guard let value = try body.decimal(name) else { return nil }
        guard value >= .zero else {
            throw body.invalid(name, "\(name) is below zero.")
        }
        return value
    }

    /// Reads what ``write(to:)`` wrote; `nil` for anything else.
    static func read(_ text: String) -> RiskRules? {
        do throws(Problem) {
            var body = try BodyReader(Array(text.utf8))
            let rules = try RiskRules(reading: &body)
            try body.finish()
            return rules
        } catch { return nil }
    }

    /// All members; what is unbounded is `null`.
    func write(to json: inout JSONWriter) {
        func words<Word: RawRepresentable>(_ name: StaticString, _ words: Set<Word>?) where Word.RawValue == String {
            json.key(name)
            json.strings(words.map { $0.map(\.rawValue).sorted() })
        }
        json.beginObject()
        json.key("max_order_value")
        json.decimal(maxOrderValue)
        json.key("max_order_quantity")
        json.decimal(maxOrderQuantity)
        json.key("price_collar_percent")
        json.decimal(priceCollarPercent)
        json.key("max_notional_per_day")
        json.decimal(maxNotionalPerDay)
        json.key("orders_per_minute")
        json.int(ordersPerMinute)
        json.key("orders_per_day")
        json.int(ordersPerDay)
        json.key("max_open_orders")
        json.int(maxOpenOrders)
        json.key("symbols")
        json.strings(symbols.map { $0.map(\.text).sorted() })
        words("markets", markets)
        words("sides", sides)
        words("order_types", orderTypes)
        json.key("trading_hours")
        json.string(tradingHours?.text)
        json.endObject()
    }

    /// As one text, for the state.
    var text: String {
        var json = JSONWriter()
        write(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension JSONWriter {
    /// A list of texts, or `null`.
    mutating func strings(_ texts: [String]?) {
        guard let texts else { return null() }
        beginArray()
        for text in texts { string(text) }
        endArray()
    }
}

extension BodyReader {
    /// A whole number in a range.
    mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.intValue.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            throw Problem(
                status: 400, code: "invalid_field",
                detail: "\(name) is not a whole number from \(range.lowerBound) to \(range.upperBound).",
                field: pointer(name))
        }
        return number
    }

    /// Words of an enumeration.
    mutating func words<Word>(_ name: String) throws(Problem) -> Set<Word>?
    where Word: RawRepresentable & CaseIterable & Hashable, Word.RawValue == String {
        guard let texts = try strings(name, maximumCount: Word.allCases.count) else { return nil }
        var words: Set<Word> = []
        for text in texts {
            guard let word = Word(rawValue: text) else {
                throw Problem(
                    status: 400, code: "invalid_field", detail: "\(name) holds a word that there is not.",
                    field: pointer(name), suggestions: Word.allCases.map(\.rawValue))
            }
            words.insert(word)
        }
        return words
    }
}
