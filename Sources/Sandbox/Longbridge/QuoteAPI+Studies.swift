internal import Bytes
internal import Clocks

/// Filings, short selling and option volumes of the simulation: invented out of its daily bars.
extension QuoteAPI {
    static let studies: Set<String> = [
        "/v1/quote/filings", "/v1/quote/short-positions/hk", "/v1/quote/short-positions/us",
        "/v1/quote/short-trades/hk",
        "/v1/quote/short-trades/us", "/v1/quote/option-volume-stats", "/v1/quote/option-volume-stats/daily",
    ]

    /// The `data` of one of these calls.
    static func study(_ call: Call, _ answers: inout QuoteAnswers, now: WallTime) throws(Refusal) -> [UInt8] {
        guard let symbol = call.parameter("symbol") else { throw Refusal("symbol is required") }
        let listing: SimulatedListing
        do throws(BrokerRefusal) { listing = try answers.tradable(symbol, now) } catch { throw Refusal(error) }
        let rows = try count(call)
        let days = SimulatedCandles(listing: listing, period: .day, includesExtended: false, now: now)
            .bars(CandleRange(count: rows))
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        switch call.path {
        case "/v1/quote/filings": filings(&json, listing.security, days)
        case "/v1/quote/short-positions/hk", "/v1/quote/short-trades/hk":
            try expect(listing, .hongKong)
            shorts(&json, days, call.path.hasSuffix("positions/hk") ? .hongKongPositions : .hongKongTrades)
        case "/v1/quote/short-positions/us", "/v1/quote/short-trades/us":
            try expect(listing, .unitedStates)
            shorts(&json, days, call.path.hasSuffix("positions/us") ? .unitedStatesPositions : .unitedStatesTrades)
        case "/v1/quote/option-volume-stats":
            try expect(listing, .unitedStates)
            let volume = days.last?.volume ?? 0
            json.key("c")
            json.string("\(volume / 900)")
            json.key("p")
            json.string("\(volume / 1200)")
        default:
            try expect(listing, .unitedStates)
            optionVolumes(&json, listing.security, days)
        }
        json.endObject()
        return json.bytes
    }

    private static func count(_ call: Call) throws(Refusal) -> Int {
        let text = call.parameter("count") ?? call.parameter("page_size") ?? call.parameter("line_num") ?? "20"
        guard let count = Int(text), (1...100).contains(count) else { throw Refusal("count is invalid") }
        return count
    }

    private static func expect(_ listing: SimulatedListing, _ market: SimulatedMarket) throws(Refusal) {
        guard listing.security.market == market else { throw Refusal(BrokerRefusal.noQuotes) }
    }

    private static func filings(_ json: inout JSONWriter, _ security: SimulatedSecurity, _ days: [SimulatedBar]) {
        json.key("items")
        json.beginArray()
        for (index, day) in days.suffix(3).enumerated() {
            json.beginObject()
            for (name, text) in [
                ("id", "\(day.start.seconds)"), ("title", "\(security.nameEnglish): simulated filing \(index + 1)"),
                ("description", "Invented by the simulation."), ("file_name", "filing-\(index + 1).pdf"),
                ("publish_at", "\(day.start.seconds)"),
            ] {
                json.key(dynamic: name)
                json.string(text)
            }
            json.key("file_urls")
            json.beginArray()
            json.string("https://example.invalid/filing-\(index + 1).pdf")
            json.endArray()
            json.endObject()
        }
        json.endArray()
    }

    private enum Shorts {
        case hongKongPositions, hongKongTrades, unitedStatesPositions, unitedStatesTrades
    }

    private static func shorts(_ json: inout JSONWriter, _ days: [SimulatedBar], _ kind: Shorts) {
        json.key("data")
        json.beginArray()
        for day in days {
            let short = day.volume * (8 + day.start.seconds / 86_400 % 9) / 100
            var members = [
                ("timestamp", "\(day.start.seconds)"), ("rate", QuoteAnswers.percent(short, of: day.volume)),
                ("close", QuoteAnswers.price(day.close)),
            ]
            switch kind {
            case .hongKongPositions:
                members += [
                    ("amount", "\(short)"), ("balance", QuoteAnswers.price(short * day.close)),
                    ("cost", QuoteAnswers.price(day.open)),
                ]
            case .hongKongTrades:
                members += [("amount", "\(short)"), ("balance", QuoteAnswers.price(short * day.close))]
            case .unitedStatesPositions:
                members += [
                    ("current_shares_short", "\(short * 9)"), ("avg_daily_share_volume", "\(day.volume)"),
                    ("days_to_cover", QuoteAnswers.hundredths(short * 900 / max(1, day.volume))),
                ]
            case .unitedStatesTrades:
                members += [
                    ("nus_amount", "\(short * 6 / 10)"), ("ny_amount", "\(short - short * 6 / 10)"),
                    ("total_amount", "\(day.volume)"),
                ]
            }
            json.beginObject()
            for (name, text) in members {
                json.key(dynamic: name)
                json.string(text)
            }
            json.endObject()
        }
        json.endArray()
    }

    private static func optionVolumes(_ json: inout JSONWriter, _ security: SimulatedSecurity, _ days: [SimulatedBar]) {
        json.key("stats")
        json.beginArray()
        for day in days {
            let calls = day.volume / 900
            let puts = day.volume / 1200
            json.beginObject()
            for (name, text) in [
                ("symbol", security.symbol), ("timestamp", "\(day.start.seconds)"), ("total_call_volume", "\(calls)"),
                ("total_put_volume", "\(puts)"), ("total_call_open_interest", "\(calls * 7)"),
                ("total_put_open_interest", "\(puts * 8)"), ("total_volume", "\(calls + puts)"),
                ("total_open_interest", "\(calls * 7 + puts * 8)"),
                ("put_call_volume_ratio", QuoteAnswers.fraction(Double(puts) / Double(max(1, calls)))),
                ("put_call_open_interest_ratio", QuoteAnswers.fraction(Double(puts * 8) / Double(max(1, calls * 7)))),
            ] {
                json.key(dynamic: name)
                json.string(text)
            }
            json.endObject()
        }
        json.endArray()
    }
}
