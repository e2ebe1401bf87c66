internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Lists of securities and moods of markets.
extension BridgeApplication {
    static func addSecurityRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/securities", to: &table) { application, context throws(Problem) in
            try application.securityList(context)
        }
        addMarket("/v1/markets/{market}/temperature", to: &table) { application, context throws(Problem) in
            try application.temperature(context)
        }
        addMarket("/v1/markets/{market}/temperature/history", to: &table) { application, context throws(Problem) in
            try application.temperatureHistory(context)
        }
    }

    private func securityList(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let market = try context.market(try query.string("market") ?? "US", field: "market")
        let category: SecurityCategory = try query.word("category") ?? .overnight
        let limit = try query.integer("limit", in: 1...1000) ?? 500
        let offset = try query.integer("cursor", in: 0...1_000_000) ?? 0
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: .seconds(6 * 3600))
        try query.finish()
        let broker = try accounts.answering(alias, .securities, market: market, context.holder)
        let wait = longestWait(context)
        let key = "securities/\(market.rawValue)/\(category.rawValue)/\(limit)/\(offset)"
        return pending(context, instruments, broker, key: key, age, isTagged: true) { () async throws(BrokerFailure) in
            // A stable order, whatever the broker's is: pages must not overlap.
            let all = try await broker.securities(market, category, wait: wait).sorted { $0.symbol < $1.symbol }
            let page = all.dropFirst(offset).prefix(limit)
            let next = offset + page.count
            var json = JSONWriter(capacity: 16_384)
            json.list(page, nextCursor: next < all.count && !page.isEmpty ? String(next) : nil) { json, listing in
                json.beginObject()
                json.key("symbol")
                json.string(listing.symbol.text)
                json.names(listing.nameEnglish, listing.nameSimplifiedChinese, listing.nameTraditionalChinese)
                json.endObject()
            }
            json.key("total")
            json.int(all.count)
            return ReadCache.Fetched(body: json.bytes)
        }
    }

    private func temperature(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let market = try context.market()
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: .seconds(60))
        try query.finish()
        let broker = try accounts.answering(alias, .temperature, market: market, context.holder)
        let wait = longestWait(context)
        return pending(context, cache, broker, key: "temperature/\(market.rawValue)", age) {
            () async throws(BrokerFailure) in
            let temperature = try await broker.temperature(market, wait: wait)
            var json = JSONWriter()
            json.key("market")
            json.string(market.rawValue)
            json.members(of: temperature)
            return ReadCache.Fetched(body: json.bytes, asOf: temperature.time)
        }
    }

    private func temperatureHistory(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let market = try context.market()
        var query = QueryReader(context.request.head.target)
        let today = market.timeZone.civil(at: .now()).date
        let end = try query.date("end") ?? today
        let start = try query.date("start") ?? end.adding(days: -30)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: .seconds(3600))
        try query.finish()
        guard start <= end, end.daysSinceEpoch - start.daysSinceEpoch <= 3660 else {
            throw Problem(
                status: 400, code: "invalid_field", detail: "end must be up to ten years behind start.", field: "end")
        }
        let broker = try accounts.answering(alias, .temperature, market: market, context.holder)
        let wait = longestWait(context)
        let key = "temperature/\(market.rawValue)/\(start.iso)/\(end.iso)"
        return pending(context, cache, broker, key: key, age) { () async throws(BrokerFailure) in
            let rows = try await broker.temperatureHistory(market, from: start, through: end, wait: wait)
            var json = JSONWriter(capacity: 4096)
            json.key("market")
            json.string(market.rawValue)
            json.key("time_zone")
            json.string(market.timeZone.identifier)
            json.list(rows) { json, row in
                json.beginObject()
                json.key("date")
                json.date(row.time.map { market.timeZone.civil(at: $0).date })
                json.members(of: row)
                json.endObject()
            }
            return ReadCache.Fetched(body: json.bytes)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func members(of temperature: MarketTemperature) {
        key("temperature")
        int(temperature.temperature)
        key("valuation")
        int(temperature.valuation)
        key("sentiment")
        int(temperature.sentiment)
        key("description")
        string(temperature.description)
        key("timestamp")
        time(temperature.time)
    }
}
