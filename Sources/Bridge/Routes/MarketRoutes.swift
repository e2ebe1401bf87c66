internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

extension BridgeApplication {
    static func addMarketRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/quotes", to: &table) { application, context throws(Problem) in try application.quotes(context) }
        addMarket("/v1/instruments", to: &table) { application, context throws(Problem) in
            try application.instrumentList(context)
        }
        addMarket("/v1/depth/{symbol}", to: &table) { application, context throws(Problem) in
            try application.depth(context)
        }
        addMarket("/v1/trades/{symbol}", to: &table) { application, context throws(Problem) in
            try application.trades(context)
        }
        addMarket("/v1/intraday/{symbol}", to: &table) { application, context throws(Problem) in
            try application.intraday(context)
        }
        // Each topic needs a scope of its own.
        table.add(
            .get, "/v1/stream",
            Route(group: .market) { application, context throws(Problem) in try application.stream(context) })
        addCandleRoutes(to: &table)
        addQueueRoutes(to: &table)
        addFigureRoutes(to: &table)
        addCalendarRoutes(to: &table)
        addOptionRoutes(to: &table)
        addWarrantRoutes(to: &table)
        addSecurityRoutes(to: &table)
        addSectorRoutes(to: &table)
        addReferenceRoutes(to: &table)
        addScreenerRoutes(to: &table)
        addWatchlistRoutes(to: &table)
        addPriceAlertRoutes(to: &table)
        addSubscriptionRoutes(to: &table)
    }

    // MARK: Several symbols

    private func quotes(_ context: RouteContext) throws(Problem) -> HTTPReply {
        // The same key asking the same again, with no push between, gets the same bytes.
        let question = StreamHub.Question(holder: context.holder.name, target: context.request.head.target.text)
        if context.fields.isEmpty, var response = hub.answer(question) {
            response.rateLimit = context.standing
            return .ready(response)
        }
        var query = QueryReader(context.request.head.target)
        let (symbols, malformed) = try symbols(&query, context)
        let alias = try query.string("account")
        let maximumAge = try maximumAge(&query)
        try query.finish()
        guard let first = symbols.first else { throw malformed.first?.problem ?? .symbol("", field: "symbols") }
        let broker = try accounts.answering(alias, .quotes, market: first.market, context.holder)
        if maximumAge > .zero, malformed.isEmpty, let body = hub.liveQuotes(broker, symbols) {
            let response = context.json(body)
            // Where pages of other origins may ask, fields differ by who asks.
            if context.fields.isEmpty { hub.keep(response, for: question) }
            return .ready(response)
        }
        let wait = longestWait(context)
        let key = "quotes/\(BridgeApplication.key(symbols, malformed))"
        return pending(context, cache, broker, key: key, maximumAge) { () async throws(BrokerFailure) in
            let results = try await broker.quotes(symbols, wait: wait)
            return ReadCache.Fetched(
                body: try BridgeApplication.members(of: results, symbols, malformed) { $0.members(of: $1) },
                asOf: results.values.values.compactMap(\.timestamp).min())
        }
    }

    private func instrumentList(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try reference(context, .instruments, name: "instruments") { broker, symbols, wait async throws(BrokerFailure) in
            try await broker.instruments(symbols, wait: wait)
        } each: {
            $0.members(of: $1)
        }
    }

    /// What rarely changes of the securities that the query names: kept for a day, answered with a tag.
    func reference<Value: Sendable>(
        _ context: RouteContext, _ capability: Capability, name: String,
        _ fetch:
            @escaping @LoopActor @Sendable (any Broker, [Symbol], Duration) async throws(BrokerFailure)
            -> SymbolResults<Value>,
        each: @escaping @Sendable (inout JSONWriter, Value) -> Void
    ) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let (symbols, malformed) = try symbols(&query, context)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: .seconds(86_400))
        try query.finish()
        guard let first = symbols.first else { throw malformed.first?.problem ?? .symbol("", field: "symbols") }
        let broker = try accounts.answering(alias, capability, market: first.market, context.holder)
        let wait = longestWait(context)
        let key = "\(name)/\(BridgeApplication.key(symbols, malformed))"
        return pending(context, instruments, broker, key: key, age, isTagged: true) { () async throws(BrokerFailure) in
            let results = try await fetch(broker, symbols, wait)
            return ReadCache.Fetched(
                body: try BridgeApplication.members(of: results, symbols, malformed, each: each))
        }
    }

    /// What names a read of several securities: those that are refused are part of the answer.
    static func key(_ symbols: [Symbol], _ malformed: [RefusedSymbol]) -> String {
        (symbols.map(\.text) + malformed.map { "!\($0.problem.code) \($0.text)" }).joined(separator: ",")
    }

    // MARK: One symbol

    private func depth(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let levels = try query.integer("levels", in: 1...100) ?? 100
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        let broker = try accounts.answering(alias, .depth, market: symbol.market, context.holder)
        if age > .zero, let live = broker.liveDepth(symbol) {
            var json = JSONWriter(capacity: 2048)
            json.beginObject()
            json.members(of: live.value, levels: levels)
            json.meta(broker, at: live.at, source: "push")
            json.endObject()
            return .ready(context.json(json.bytes))
        }
        let wait = longestWait(context)
        return pending(context, cache, broker, key: "depth/\(levels)/\(symbol)", age) {
            () async throws(BrokerFailure) in
            let book = try await broker.depth(symbol, wait: wait)
            var json = JSONWriter(capacity: 2048)
            json.members(of: book, levels: levels)
            return ReadCache.Fetched(body: json.bytes)
        }
    }

    private func trades(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let limit = try query.integer("limit", in: 1...1000) ?? 100
        let after = try query.time("after")
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        let broker = try accounts.answering(alias, .trades, market: symbol.market, context.holder)
        let wait = longestWait(context)
        let key = "trades/\(limit)/\(after?.milliseconds ?? 0)/\(symbol)"
        return pending(context, cache, broker, key: key, age) { () async throws(BrokerFailure) in
            let trades = try await broker.trades(symbol, limit: limit, wait: wait)
            // Newest first, as every list of the API.
            let chosen = trades.filter { trade in after.map { trade.time > $0 } ?? true }.reversed()
            let body = BridgeApplication.list(symbol, chosen) { json, trade in
                json.beginObject()
                json.members(of: trade)
                json.endObject()
            }
            return ReadCache.Fetched(body: body, asOf: trades.last?.time)
        }
    }

    private func intraday(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let sessions: SessionFilter = try query.word("sessions") ?? .regular
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        let broker = try accounts.answering(alias, .intraday, market: symbol.market, context.holder)
        let wait = longestWait(context)
        let key = "intraday/\(sessions)/\(symbol)"
        return pending(context, cache, broker, key: key, age) { () async throws(BrokerFailure) in
            let points = try await broker.intraday(symbol, sessions: sessions, wait: wait)
            return ReadCache.Fetched(body: BridgeApplication.list(symbol, points) { $0.point($1) })
        }
    }
}
