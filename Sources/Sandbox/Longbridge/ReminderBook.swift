internal import Bytes
internal import Clocks

/// The price reminders of the user.
struct ReminderBook {
    private struct Reminder {
        var id: Int64
        var symbol: String
        /// `1` and `2` a price from above and below, `3` and `4` a rise and a fall in percent.
        var indicator: String
        var value: String
        var isEnabled: Bool
        var frequency: Int64
        var scope: Int64
        var state: [Int64]

        var member: String { indicator == "1" || indicator == "2" ? "price" : "chg" }

        var text: String {
            switch indicator {
            case "1": "Price rises to \(value)"
            case "2": "Price falls to \(value)"
            case "3": "Rises by \(value)%"
            default: "Falls by \(value)%"
            }
        }
    }

    private var reminders: [Reminder] = []
    private var nextID: Int64 = 90_001
    private static let bound = 500

    /// Adds one, or changes the one of `id`. A change must be whole, as the vendor wants it.
    mutating func put(_ body: JSONValue) throws(QuoteAPI.Refusal) -> [UInt8] {
        guard let indicator = ReminderBook.text(body["indicator_id"]), ["1", "2", "3", "4"].contains(indicator) else {
            throw QuoteAPI.Refusal("invalid indicator id")
        }
        guard let frequency = body["frequency"]?.intValue, (1...3).contains(frequency) else {
            throw QuoteAPI.Refusal("invalid frequency")
        }
        let member = indicator == "1" || indicator == "2" ? "price" : "chg"
        guard let value = ReminderBook.text(body["value_map"]?[member]), let number = DecimalText(value),
            number > .zero
        else { throw QuoteAPI.Refusal("invalid value") }
        var reminder = Reminder(
            id: nextID, symbol: "", indicator: indicator, value: value, isEnabled: body["enabled"]?.boolValue ?? true,
            frequency: frequency, scope: body["scope"]?.intValue ?? 0,
            state: body["state"]?.arrayValue?.compactMap(\.intValue) ?? [1])
        if let id = ReminderBook.text(body["id"]).flatMap({ Int64($0) }) {
            guard let index = reminders.firstIndex(where: { $0.id == id }) else {
                throw QuoteAPI.Refusal("reminder not found")
            }
            reminder.id = id
            reminder.symbol = reminders[index].symbol
            reminders[index] = reminder
            return QuoteAPI.nothing
        }
        guard let symbol = body["symbol"]?.stringValue, SimulatedSecurity.bySymbol[symbol] != nil else {
            throw QuoteAPI.Refusal("security not found")
        }
        guard reminders.count < ReminderBook.bound else { throw QuoteAPI.Refusal("too many reminders") }
        reminder.symbol = symbol
        nextID += 1
        reminders.append(reminder)
        return QuoteAPI.nothing
    }

    /// By `ids` of the query, repeated, or of the body.
    mutating func delete(_ call: QuoteAPI.Call) throws(QuoteAPI.Refusal) -> [UInt8] {
        let body = try call.object()
        let texts =
            call.query.filter { $0.name == "ids" }.map(\.value)
            + (body["ids"]?.arrayValue ?? []).compactMap { ReminderBook.text($0) }
        let ids = Set(texts.compactMap { Int64($0) })
        guard !ids.isEmpty else { throw QuoteAPI.Refusal("ids is required") }
        reminders.removeAll { ids.contains($0.id) }
        return QuoteAPI.nothing
    }

    /// Identifiers come as texts or as numbers.
    private static func text(_ value: JSONValue?) -> String? { value?.stringValue ?? value?.numberText }

    /// By security, in the order they were first named.
    func list(_ answers: inout QuoteAnswers, _ now: WallTime) -> [UInt8] {
        var symbols: [String] = []
        for reminder in reminders where !symbols.contains(reminder.symbol) { symbols.append(reminder.symbol) }
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.key("lists")
        json.beginArray()
        for symbol in symbols {
            guard let security = SimulatedSecurity.bySymbol[symbol],
                let record = answers.market.listing(symbol, at: now)?.regular
            else { continue }
            json.beginObject()
            for (name, text) in [
                ("symbol", symbol), ("code", String(symbol.prefix { $0 != "." })), ("market", security.market.rawValue),
                ("name", security.nameEnglish), ("price", QuoteAnswers.price(record.last)),
                ("chg", QuoteAnswers.price(record.last - record.previousClose)),
                ("p_chg", QuoteAnswers.percent(record.last - record.previousClose, of: record.previousClose)),
                ("product", "ST"),
            ] {
                json.key(dynamic: name)
                json.string(text)
            }
            json.key("indicators")
            json.beginArray()
            for reminder in reminders where reminder.symbol == symbol { ReminderBook.write(reminder, to: &json) }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private static func write(_ reminder: Reminder, to json: inout JSONWriter) {
        json.beginObject()
        json.key("id")
        json.string("\(reminder.id)")
        json.key("indicator_id")
        json.string(reminder.indicator)
        json.key("enabled")
        json.bool(reminder.isEnabled)
        json.key("frequency")
        json.int(reminder.frequency)
        json.key("scope")
        json.int(reminder.scope)
        json.key("text")
        json.string(reminder.text)
        json.key("state")
        json.beginArray()
        for state in reminder.state { json.int(state) }
        json.endArray()
        json.key("value_map")
        json.beginObject()
        json.key(dynamic: reminder.member)
        json.string(reminder.value)
        json.endObject()
        json.endObject()
    }
}
