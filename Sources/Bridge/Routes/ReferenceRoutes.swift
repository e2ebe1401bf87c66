internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// What companies and exchanges do to securities: ex-dates, new issues, terms of futures.
extension BridgeApplication {
    static func addReferenceRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/instruments/{symbol}/adjustments", to: &table) { application, context throws(Problem) in
            try application.adjustments(context)
        }
        addMarket("/v1/ipos", to: &table) { application, context throws(Problem) in try application.newIssues(context) }
        addMarket("/v1/futures", to: &table) { application, context throws(Problem) in try application.futures(context)
        }
    }

    private func adjustments(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: .seconds(6 * 3600))
        try query.finish()
        let broker = try accounts.answering(alias, .adjustments, market: symbol.market, context.holder)
        let wait = longestWait(context)
        return pending(context, instruments, broker, key: "adjustments/\(symbol)", age, isTagged: true) {
            () async throws(BrokerFailure) in
            let rows = try await broker.adjustments(symbol, wait: wait)
            // Newest first, as every list of the API.
            return ReadCache.Fetched(body: BridgeApplication.list(symbol, rows.reversed()) { $0.adjustment($1) })
        }
    }

    private func newIssues(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let market = try context.market(try query.required("market", query.string("market")), field: "market")
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: .seconds(3600))
        try query.finish()
        let broker = try accounts.answering(alias, .newIssues, market: market, context.holder)
        let wait = longestWait(context)
        return pending(context, instruments, broker, key: "ipos/\(market.rawValue)", age, isTagged: true) {
            () async throws(BrokerFailure) in
            let issues = try await broker.newIssues(market, wait: wait)
            var json = JSONWriter(capacity: 4096)
            json.key("market")
            json.string(market.rawValue)
            json.list(issues) { $0.newIssue($1) }
            return ReadCache.Fetched(body: json.bytes)
        }
    }

    private func futures(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try reference(context, .futures, name: "futures") { broker, symbols, wait async throws(BrokerFailure) in
            try await broker.futures(symbols, wait: wait)
        } each: {
            $0.members(of: $1)
        }
    }
}
