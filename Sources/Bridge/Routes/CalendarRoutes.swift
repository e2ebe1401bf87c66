internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// When markets trade.
extension BridgeApplication {
    static func addCalendarRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/markets", to: &table) { application, context throws(Problem) in try application.markets(context)
        }
        addMarket("/v1/markets/{market}/sessions", to: &table) { application, context throws(Problem) in
            try application.marketSessions(context)
        }
        addMarket("/v1/markets/{market}/calendar", to: &table) { application, context throws(Problem) in
            try application.marketCalendar(context)
        }
    }

    /// Hours and days change rarely.
    private static let calendarAge = Duration.seconds(2 * 3600)

    private func markets(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        try query.finish()
        let broker = try accounts.answering(alias, .calendar, market: nil, context.holder)
        let wait = longestWait(context)
        let reference = reference
        return .pending {
            // The state follows from hours and days, which are kept; it is made anew for each answer.
            let now = WallTime.now()
            do throws(BrokerFailure) {
                let markets = try await reference.markets(broker, at: now, wait: wait)
                var json = JSONWriter(capacity: 2048)
                json.beginObject()
                json.list(markets) { $0.market($1.hours, $1.days, at: now) }
                json.meta(broker, at: now, source: "cache")
                json.endObject()
                return context.json(json.bytes)
            } catch {
                return context.problem(Problem(error))
            }
        }
    }

    private func marketSessions(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let market = try context.market()
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: BridgeApplication.calendarAge)
        try query.finish()
        let broker = try accounts.answering(alias, .calendar, market: market, context.holder)
        let wait = longestWait(context)
        return pending(context, instruments, broker, key: "sessions/\(market.rawValue)", age, isTagged: true) {
            () async throws(BrokerFailure) in
            guard let hours = try await broker.marketHours(wait: wait).first(where: { $0.market == market }) else {
                throw BrokerFailure(.noData, "The broker does not tell this market's hours.")
            }
            var json = JSONWriter()
            json.key("market")
            json.string(market.rawValue)
            json.key("time_zone")
            json.string(market.timeZone.identifier)
            json.list(hours.sessions) { $0.stretch($1) }
            return ReadCache.Fetched(body: json.bytes)
        }
    }

    private func marketCalendar(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let market = try context.market()
        var query = QueryReader(context.request.head.target)
        let today = market.timeZone.civil(at: .now()).date
        let start = try query.date("start") ?? today
        let end = try query.date("end") ?? start.adding(days: 30)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: BridgeApplication.calendarAge)
        try query.finish()
        guard start <= end, end.daysSinceEpoch - start.daysSinceEpoch <= 366 else {
            throw Problem(
                status: 400, code: "invalid_field", detail: "end must be up to 366 days behind start.", field: "end")
        }
        let broker = try accounts.answering(alias, .calendar, market: market, context.holder)
        let wait = longestWait(context)
        let key = "calendar/\(market.rawValue)/\(start.iso)/\(end.iso)"
        return pending(context, instruments, broker, key: key, age, isTagged: true) { () async throws(BrokerFailure) in
            let days = try await broker.tradingDays(market, from: start, through: end, wait: wait)
            var json = JSONWriter(capacity: 4096)
            json.key("market")
            json.string(market.rawValue)
            json.key("time_zone")
            json.string(market.timeZone.identifier)
            let all = (days.full.map { ($0, TradingDayKind.full) } + days.half.map { ($0, .half) }).sorted {
                $0.0 < $1.0
            }
            json.list(all) { json, day in
                json.beginObject()
                json.key("date")
                json.date(day.0)
                json.key("kind")
                json.string(day.1.rawValue)
                json.endObject()
            }
            return ReadCache.Fetched(body: json.bytes)
        }
    }
}
