internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

extension BridgeApplication {
    static func addOptionRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/options/quotes", to: &table) { application, context throws(Problem) in
            try application.optionQuotes(context)
        }
        addMarket("/v1/options/{symbol}/expirations", to: &table) { application, context throws(Problem) in
            try application.optionExpirations(context)
        }
        addMarket("/v1/options/{symbol}/chain", to: &table) { application, context throws(Problem) in
            try application.optionChain(context)
        }
    }

    /// Chains change once a day.
    private static let chainAge = Duration.seconds(1800)

    private func optionExpirations(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: BridgeApplication.chainAge)
        try query.finish()
        let broker = try accounts.answering(alias, .options, market: symbol.market, context.holder)
        let wait = longestWait(context)
        return pending(context, instruments, broker, key: "expirations/\(symbol)", age, isTagged: true) {
            () async throws(BrokerFailure) in
            let dates = try await broker.optionExpirations(symbol, wait: wait)
            return ReadCache.Fetched(body: BridgeApplication.list(symbol, dates) { $0.date($1) })
        }
    }

    private func optionChain(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let expiry = try query.required("expiry", query.date("expiry"))
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: BridgeApplication.chainAge)
        try query.finish()
        let broker = try accounts.answering(alias, .options, market: symbol.market, context.holder)
        let wait = longestWait(context)
        return pending(context, instruments, broker, key: "chain/\(expiry.iso)/\(symbol)", age, isTagged: true) {
            () async throws(BrokerFailure) in
            let rows = try await broker.optionChain(symbol, expiry: expiry, wait: wait)
            var json = JSONWriter(capacity: 8192)
            json.raw(BridgeApplication.list(symbol, rows) { $0.chainRow($1) })
            json.key("expiry")
            json.date(expiry)
            return ReadCache.Fetched(body: json.bytes)
        }
    }

    private func optionQuotes(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let (symbols, malformed) = try symbols(&query, context)
        let includesGreeks = try query.boolean("greeks") ?? false
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        guard let first = symbols.first else { throw malformed.first?.problem ?? .symbol("", field: "symbols") }
        let broker = try accounts.answering(alias, .options, market: first.market, context.holder)
        let wait = longestWait(context)
        let key = "option-quotes/\(includesGreeks)/\(BridgeApplication.key(symbols, malformed))"
        return pending(context, cache, broker, key: key, age) { () async throws(BrokerFailure) in
            let results = try await broker.optionQuotes(symbols, includesGreeks: includesGreeks, wait: wait)
            return ReadCache.Fetched(
                body: try BridgeApplication.members(of: results, symbols, malformed) { $0.members(of: $1) },
                asOf: results.values.values.compactMap(\.figures.timestamp).min())
        }
    }
}
