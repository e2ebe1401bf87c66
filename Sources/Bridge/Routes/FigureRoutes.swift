internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Calculated figures and flows of money.
extension BridgeApplication {
    static func addFigureRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/indicators", to: &table) { application, context throws(Problem) in
            try application.indicators(context)
        }
        addMarket("/v1/capital-flow/{symbol}", to: &table) { application, context throws(Problem) in
            try application.capitalFlow(context)
        }
        addMarket("/v1/capital-distribution/{symbol}", to: &table) { application, context throws(Problem) in
            try application.capitalDistribution(context)
        }
    }

    private func indicators(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let (symbols, malformed) = try symbols(&query, context)
        let words = try query.list("fields", maximumCount: 100) ?? Indicator.allCases.map(\.rawValue)
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        var fields: [Indicator] = []
        for word in words {
            guard let field = Indicator(rawValue: word) else {
                throw Problem(
                    status: 400, code: "invalid_field", detail: "There is no such indicator.", field: "fields",
                    suggestions: Indicator.allCases.map(\.rawValue))
            }
            if !fields.contains(field) { fields.append(field) }
        }
        guard let first = symbols.first else { throw malformed.first?.problem ?? .symbol("", field: "symbols") }
        let broker = try accounts.answering(alias, .indicators, market: first.market, context.holder)
        let wait = longestWait(context)
        let asked = fields
        let key =
            "indicators/\(fields.map(\.rawValue).joined(separator: ","))/\(BridgeApplication.key(symbols, malformed))"
        return pending(context, cache, broker, key: key, age) { () async throws(BrokerFailure) in
            let results = try await broker.indicators(symbols, asked, wait: wait)
            return ReadCache.Fetched(
                body: try BridgeApplication.members(of: results, symbols, malformed) {
                    $0.members(of: $1, fields: asked)
                })
        }
    }

    private func capitalFlow(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        let broker = try accounts.answering(alias, .capitalFlow, market: symbol.market, context.holder)
        let wait = longestWait(context)
        return pending(context, cache, broker, key: "capital-flow/\(symbol)", age) { () async throws(BrokerFailure) in
            let points = try await broker.capitalFlow(symbol, wait: wait)
            let body = BridgeApplication.list(symbol, points) { json, point in
                json.beginObject()
                json.key("time")
                json.time(point.time)
                json.key("net_inflow")
                json.decimal(point.netInflow)
                json.endObject()
            }
            return ReadCache.Fetched(body: body)
        }
    }

    private func capitalDistribution(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        let broker = try accounts.answering(alias, .capitalFlow, market: symbol.market, context.holder)
        let wait = longestWait(context)
        return pending(context, cache, broker, key: "capital-distribution/\(symbol)", age) {
            () async throws(BrokerFailure) in
            let distribution = try await broker.capitalDistribution(symbol, wait: wait)
            var json = JSONWriter()
            json.members(of: distribution)
            return ReadCache.Fetched(body: json.bytes, asOf: distribution.time)
        }
    }
}
