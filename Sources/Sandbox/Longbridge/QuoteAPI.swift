internal import Bytes
internal import Clocks
internal import HTTPWire

/// The HTTP calls of the vendor that are about market data and the lists of a user: what each answers with.
///
/// Watchlists and reminders are kept in memory, the rest follows from the simulation.
struct QuoteAPI {
    /// A refused call, in the vendor's envelope.
    struct Refusal: Error, Equatable {
        var status = 400
        var code = 310_010
        var message: String

        init(_ message: String) { self.message = message }

        init(_ refusal: BrokerRefusal) {
            code = Int(refusal.code)
            message = refusal.message
        }
    }

    /// What is asked.
    struct Call {
        var method: HTTPMethod
        var path: String
        var query: [(name: String, value: String)]
        var body: [UInt8]

        func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

        /// The body as an object; empty if there is none.
        func object() throws(Refusal) -> JSONValue {
            guard !body.isEmpty else { return .object(JSONObject()) }
            guard let value = try? JSONValue.parse(body), value.objectValue != nil else {
                throw Refusal("request body is not a JSON object")
            }
            return value
        }
    }

    var watchlists = WatchlistBook()
    var reminders = ReminderBook()

    private static let paths: Set<String> = [
        "/v1/quote/get_security_list", "/v1/quote/market_temperature", "/v1/quote/history_market_temperature",
        "/v1/quote/options/strikes", "/v1/watchlist/groups", "/v1/watchlist/pinned", "/v1/notify/reminders",
    ]

    /// Whether it is one of these calls.
    static func serves(_ path: String) -> Bool {
        paths.contains(path) || studies.contains(path) || catalogue.contains(path) || path == cryptoPath
    }

    /// The `data` of the answer.
    mutating func answer(_ call: Call, _ answers: inout QuoteAnswers, now: WallTime) throws(Refusal) -> [UInt8] {
        switch (call.method, call.path) {
        case (.get, "/v1/quote/get_security_list"): return try securityList(call)
        case (.get, "/v1/quote/market_temperature"): return try temperature(call, now)
        case (.get, "/v1/quote/history_market_temperature"): return try temperatureHistory(call, now)
        case (.post, "/v1/quote/options/strikes"): return try strikes(call, answers, now)
        case (.get, "/v1/watchlist/groups"): return watchlists.list()
        case (.post, "/v1/watchlist/groups"):
            return try watchlists.create(try call.object(), QuoteAPI.prices(&answers, now), now)
        case (.put, "/v1/watchlist/groups"):
            return try watchlists.update(try call.object(), QuoteAPI.prices(&answers, now), now)
        case (.delete, "/v1/watchlist/groups"): return try watchlists.delete(call)
        case (.post, "/v1/watchlist/pinned"): return try watchlists.pin(try call.object())
        case (.get, "/v1/notify/reminders"): return reminders.list(&answers, now)
        case (.post, "/v1/notify/reminders"): return try reminders.put(try call.object())
        case (.delete, "/v1/notify/reminders"): return try reminders.delete(call)
        case (.get, QuoteAPI.cryptoPath): return try QuoteAPI.crypto(call)
        case (.get, let path) where QuoteAPI.studies.contains(path):
            return try QuoteAPI.study(call, &answers, now: now)
        case (.get, let path) where QuoteAPI.catalogue.contains(path):
            return try QuoteAPI.page(call, &answers, now: now)
        default: throw Refusal("method not allowed")
        }
    }

    /// Looks up last prices while a list is changed.
    private static func prices(_ answers: inout QuoteAnswers, _ now: WallTime) -> [String: String] {
        var prices: [String: String] = [:]
        for security in SimulatedSecurity.all {
            let listing = answers.market.listing(security.symbol, at: now)
            prices[security.symbol] = listing?.regular.map { QuoteAnswers.price($0.last) } ?? ""
        }
        return prices
    }

    // MARK: Securities, temperatures, chains

    /// The documented list is that of the United States' overnight session.
    private func securityList(_ call: Call) throws(Refusal) -> [UInt8] {
        guard call.parameter("market") == "US", call.parameter("category").map({ $0 == "Overnight" }) ?? true else {
            throw Refusal("only market US and category Overnight are supported")
        }
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.key("list")
        json.beginArray()
        for security in SimulatedSecurity.unitedStates {
            json.beginObject()
            json.key("symbol")
            json.string(security.symbol)
            json.key("name_cn")
            json.string(security.nameSimplified)
            json.key("name_hk")
            json.string(security.nameTraditional)
            json.key("name_en")
            json.string(security.nameEnglish)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// Temperature, valuation and sentiment of a market on a day, 0 to 100.
    private static func heat(_ market: String, _ date: CivilDate) -> (temperature: Int, valuation: Int, sentiment: Int)
    {
        let path = PricePath(seed: 11, symbol: market)
        let mood = PricePath(seed: 12, symbol: market)
        let valuation = min(max(Int(50 + (path.close(date) - 1) * 160), 0), 100)
        let sentiment = min(max(Int(50 + (mood.close(date) - 1) * 160), 0), 100)
        return ((valuation + sentiment) / 2, valuation, sentiment)
    }

    private static func market(_ call: Call) throws(Refusal) -> (name: String, market: SimulatedMarket) {
        guard let name = call.parameter("market"), let market = SimulatedMarket(rawValue: name) else {
            throw Refusal("market is invalid")
        }
        return (name, market)
    }

    private func temperature(_ call: Call, _ now: WallTime) throws(Refusal) -> [UInt8] {
        let (name, market) = try QuoteAPI.market(call)
        let heat = QuoteAPI.heat(name, market.zone.civil(at: now).date)
        var json = JSONWriter()
        json.beginObject()
        json.key("temperature")
        json.int(heat.temperature)
        json.key("description")
        json.string(heat.temperature < 35 ? "Cool" : heat.temperature < 65 ? "Comfortable" : "Warm")
        json.key("valuation")
        json.int(heat.valuation)
        json.key("sentiment")
        json.int(heat.sentiment)
        json.key("updated_at")
        json.string("\(now.seconds / 60 * 60)")
        json.endObject()
        return json.bytes
    }

    private func temperatureHistory(_ call: Call, _ now: WallTime) throws(Refusal) -> [UInt8] {
        let (name, market) = try QuoteAPI.market(call)
        guard let start = call.parameter("start_date").flatMap({ CivilDate(compact: $0) }),
            let end = call.parameter("end_date").flatMap({ CivilDate(compact: $0) }), start <= end,
            end.daysSinceEpoch - start.daysSinceEpoch <= 3660
        else { throw Refusal("start_date or end_date is invalid") }
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.key("type")
        json.string("day")
        json.key("list")
        json.beginArray()
        var date = start
        while date <= min(end, market.zone.civil(at: now).date) {
            if TradingCalendar.isTrading(market, date) {
                let heat = QuoteAPI.heat(name, date)
                json.beginObject()
                json.key("timestamp")
                json.string("\(market.zone.wallTime(date, secondOfDay: 0).seconds)")
                json.key("temperature")
                json.int(heat.temperature)
                json.key("valuation")
                json.int(heat.valuation)
                json.key("sentiment")
                json.int(heat.sentiment)
                json.endObject()
            }
            date = date.adding(days: 1)
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// As the socket's chain, one entry a contract.
    private func strikes(_ call: Call, _ answers: QuoteAnswers, _ now: WallTime) throws(Refusal) -> [UInt8] {
        let body = try call.object()
        guard let symbol = body["symbol"]?.stringValue, let expiry = body["expiry_date"]?.stringValue else {
            throw Refusal("symbol and expiry_date are required")
        }
        let chain: [(call: SimulatedOption, put: SimulatedOption)]
        do throws(BrokerRefusal) { chain = try answers.optionChain(symbol, expiry, now) } catch {
            throw Refusal(error)
        }
        let today = TimeZoneRule.newYork.civil(at: now).date
        var json = JSONWriter(capacity: 16_384)
        json.beginObject()
        json.key("list")
        json.beginArray()
        for option in chain.flatMap({ [$0.call, $0.put] }) {
            let isMonthly = (15...21).contains(option.expiry.day)
            json.beginObject()
            json.key("expiry_date")
            json.string(option.expiry.compact)
            json.key("strike_price")
            json.string(QuoteAnswers.price(option.strike))
            json.key("direction")
            json.string(option.isCall ? "C" : "P")
            json.key("symbol")
            json.string(option.symbol)
            json.key("option_type")
            json.string(isMonthly ? "" : "W")
            json.key("standard_attr")
            json.string("")
            json.key("days_to_expiry")
            json.int(option.expiry.daysSinceEpoch - today.daysSinceEpoch)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// What a call without an answer has for `data`.
    static let nothing = Array("{}".utf8)
}
