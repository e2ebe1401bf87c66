internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Securities chosen by figures, shapes and lines of the chart. It changes nothing; it is a POST because its question has
/// no room in a URL.
extension BridgeApplication {
    static func addScreenerRoutes(to table: inout RouteTable<Route>) {
        table.add(
            .post, "/v1/screener",
            Route(scope: .marketRead) { application, context throws(Problem) in try application.screen(context) })
    }

    private func screen(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: .seconds(30))
        try query.finish()
        var body = try BodyReader(context.request.body)
        let screen = try Screen(reading: &body, context)
        try body.finish()
        let broker = try accounts.answering(alias, .screener, market: screen.market, context.holder)
        let wait = longestWait(context)
        let key = "screener/\(String(decoding: context.request.body, as: UTF8.self))"
        return pending(context, cache, broker, key: key, age) { () async throws(BrokerFailure) in
            let page = try await broker.screen(screen, wait: wait)
            let next = Int(screen.offset) + page.rows.count
            let isOver = page.isLast || page.rows.isEmpty
            var json = JSONWriter(capacity: 8192)
            json.list(page.rows, nextCursor: isOver ? nil : String(next)) { $0.screenRow($1) }
            json.key("total")
            json.int(page.total)
            return ReadCache.Fetched(body: json.bytes)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func screenRow(_ row: ScreenRow) {
        beginObject()
        key("symbol")
        string(row.symbol.text)
        key("name")
        string(row.name)
        key("values")
        beginArray()
        for value in row.values {
            beginObject()
            key("field")
            string(value.field.rawValue)
            key("days")
            int(value.days)
            key("report")
            string(value.report?.rawValue)
            key("value")
            decimal(value.value)
            endObject()
        }
        endArray()
        endObject()
    }
}
