internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

extension BridgeApplication {
    static func addMarketRoutes(to table: inout RouteTable<Route>) {
        func add(
            _ template: String,
            _ handle: @escaping @LoopActor (BridgeApplication, RouteContext) throws(Problem) -> HTTPReply
        ) {
            table.add(.get, template, Route(scope: .marketRead, handle: handle))
        }
        add("/v1/quotes") { application, context throws(Problem) in try application.quotes(context) }
        add("/v1/instruments") { application, context throws(Problem) in try application.instrumentList(context) }
        add("/v1/depth/{symbol}") { application, context throws(Problem) in try application.depth(context) }
        add("/v1/trades/{symbol}") { application, context throws(Problem) in try application.trades(context) }
        add("/v1/candles/{symbol}") { application, context throws(Problem) in try application.candles(context) }
        add("/v1/intraday/{symbol}") { application, context throws(Problem) in try application.intraday(context) }
        add("/v1/subscriptions") { application, context throws(Problem) in try application.subscriptions(context) }
        add("/v1/stream") { application, context throws(Problem) in try application.stream(context) }
    }

    // MARK: Several symbols

    private func quotes(_ context: RouteContext) throws(Problem) -> HTTPReply {
        // The same key asking the same again, with no push between, gets the same bytes.
        let question = context.holder.name + " " + context.request.head.target.text
        if let body = hub.answer(question) { return .ready(context.json(body)) }
        var query = QueryReader(context.request.head.target)
        let (symbols, malformed) = try symbols(&query, context)
        let alias = try query.string("account")
        let maximumAge = try maximumAge(&query)
        try query.finish()
        guard let first = symbols.first else { throw malformed.first?.problem ?? .symbol("", field: "symbols") }
        let broker = try accounts.answering(alias, .quotes, market: first.market, context.holder)
        if maximumAge > .zero, malformed.isEmpty, let body = hub.liveQuotes(broker, symbols) {
            hub.keep(body, for: question)
            return .ready(context.json(body))
        }
        let wait = marketData.maxWait
        return pending(context, cache, "quotes", broker, symbols.map(\.text).joined(separator: ","), maximumAge) {
            await BridgeApplication.list(malformed, broker) { () async throws(BrokerFailure) in
                try await broker.quotes(symbols, wait: wait)
            } each: {
                $0.members(of: $1)
            } symbols: {
                symbols
            }
        }
    }

    private func instrumentList(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let (symbols, malformed) = try symbols(&query, context)
        let alias = try query.string("account")
        let forced = try query.integer("max_age_ms", in: 0...86_400_000)
        try query.finish()
        guard let first = symbols.first else { throw malformed.first?.problem ?? .symbol("", field: "symbols") }
        let broker = try accounts.answering(alias, .instruments, market: first.market, context.holder)
        let wait = marketData.maxWait
        let age = forced.map { Duration.milliseconds($0) } ?? .seconds(86_400)
        return pending(context, instruments, "instruments", broker, symbols.map(\.text).joined(separator: ","), age) {
            await BridgeApplication.list(malformed, broker) { () async throws(BrokerFailure) in
                try await broker.instruments(symbols, wait: wait)
            } each: {
                $0.members(of: $1)
            } symbols: {
                symbols
            }
        }
    }

    /// The symbols of the query: those that can be read, and a problem for each of the others.
    private func symbols(
        _ query: inout QueryReader, _ context: RouteContext
    ) throws(Problem) -> (symbols: [Symbol], malformed: [(text: String, problem: Problem)]) {
        let texts = try query.required("symbols", query.list("symbols", maximumCount: 500))
        var symbols: [Symbol] = []
        var malformed: [(text: String, problem: Problem)] = []
        for text in texts {
            do throws(Problem) {
                let symbol = try context.symbol(text, field: "symbols")
                if !symbols.contains(symbol) { symbols.append(symbol) }
            } catch {
                malformed.append((String(text.prefix(64)), error))
            }
        }
        return (symbols, malformed)
    }

    private static func list<Value: Sendable>(
        _ malformed: [(text: String, problem: Problem)], _ broker: any Broker,
        _ read: @LoopActor () async throws(BrokerFailure) -> SymbolResults<Value>,
        each: (inout JSONWriter, Value) -> Void, symbols: () -> [Symbol]
    ) async -> Result<[UInt8], Problem> {
        do throws(BrokerFailure) {
            let results = try await read()
            let asked = symbols()
            if asked.count == 1, malformed.isEmpty, let failure = results.failures.first {
                return .failure(Problem(failure.value, symbol: failure.key))
            }
            var json = JSONWriter(capacity: 1024)
            json.key("data")
            json.beginArray()
            for symbol in asked {
                guard let value = results.values[symbol] else { continue }
                json.beginObject()
                each(&json, value)
                json.endObject()
            }
            json.endArray()
            json.key("next_cursor")
            json.null()
            json.key("errors")
            json.beginArray()
            for (text, problem) in malformed
                + results.failures.map({ ($0.key.text, Problem($0.value)) }).sorted(by: { $0.0 < $1.0 })
            {
                json.beginObject()
                json.key("symbol")
                json.string(text)
                json.key("problem")
                problem.write(to: &json, requestID: nil)
                json.endObject()
            }
            json.endArray()
            return .success(json.bytes)
        } catch {
            return .failure(Problem(error))
        }
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
        let wait = marketData.maxWait
        return pending(context, cache, "depth/\(levels)", broker, symbol.text, age) {
            do throws(BrokerFailure) {
                let book = try await broker.depth(symbol, wait: wait)
                var json = JSONWriter(capacity: 2048)
                json.members(of: book, levels: levels)
                return .success(json.bytes)
            } catch { return .failure(Problem(error, symbol: symbol)) }
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
        let wait = marketData.maxWait
        return pending(context, cache, "trades/\(limit)/\(after?.milliseconds ?? 0)", broker, symbol.text, age) {
            do throws(BrokerFailure) {
                let trades = try await broker.trades(symbol, limit: limit, wait: wait)
                // Newest first, as every list of the API.
                let chosen = trades.filter { trade in after.map { trade.time > $0 } ?? true }.reversed()
                return .success(
                    BridgeApplication.list(symbol, chosen) { json, trade in
                        json.beginObject()
                        json.members(of: trade)
                        json.endObject()
                    })
            } catch { return .failure(Problem(error, symbol: symbol)) }
        }
    }

    private func candles(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let interval = try query.required("interval", query.word("interval", as: CandleInterval.self))
        let wanted = CandleRequest(
            symbol: symbol, interval: interval, limit: try query.integer("limit", in: 1...1000) ?? 100,
            adjustment: try query.word("adjust") ?? .none, sessions: try query.word("sessions") ?? .regular)
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        let broker = try accounts.answering(alias, .candles, market: symbol.market, context.holder)
        let wait = marketData.maxWait
        let key = "candles/\(interval.rawValue)/\(wanted.limit)/\(wanted.adjustment)/\(wanted.sessions)"
        return pending(context, cache, key, broker, symbol.text, age) {
            do throws(BrokerFailure) {
                let candles = try await broker.candles(wanted, wait: wait)
                return .success(
                    BridgeApplication.list(symbol, candles.reversed(), interval: interval) { $0.candle($1) })
            } catch { return .failure(Problem(error, symbol: symbol)) }
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
        let wait = marketData.maxWait
        return pending(context, cache, "intraday/\(sessions)", broker, symbol.text, age) {
            do throws(BrokerFailure) {
                let points = try await broker.intraday(symbol, sessions: sessions, wait: wait)
                return .success(BridgeApplication.list(symbol, points) { $0.point($1) })
            } catch { return .failure(Problem(error, symbol: symbol)) }
        }
    }

    /// The members of a list about one security, without braces.
    private static func list<Values: Sequence>(
        _ symbol: Symbol, _ values: Values, interval: CandleInterval? = nil,
        each: (inout JSONWriter, Values.Element) -> Void
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.key("symbol")
        json.string(symbol.text)
        if let interval {
            json.key("interval")
            json.string(interval.rawValue)
        }
        json.key("time_zone")
        json.string(symbol.market.timeZone.identifier)
        json.key("data")
        json.beginArray()
        for value in values { each(&json, value) }
        json.endArray()
        json.key("next_cursor")
        json.null()
        return json.bytes
    }

    private func maximumAge(_ query: inout QueryReader) throws(Problem) -> Duration {
        try query.integer("max_age_ms", in: 0...86_400_000).map { .milliseconds($0) } ?? marketData.maxAge
    }

    /// Answers with the members `fetch` makes, and `meta` behind them.
    private func pending(
        _ context: RouteContext, _ cache: ReadCache, _ kind: String, _ broker: any Broker, _ subject: String,
        _ maximumAge: Duration, _ fetch: @escaping @LoopActor @Sendable () async -> Result<[UInt8], Problem>
    ) -> HTTPReply {
        let key = "\(broker.account.alias)/\(kind)/\(subject)"
        return .pending {
            switch await cache.answer(key, maximumAge: maximumAge, fetch) {
            case .success(let entry):
                var json = JSONWriter(capacity: entry.body.count + 256)
                json.beginObject()
                json.raw(entry.body)
                let at = WallTime.now() + (entry.at - Instant.now())
                json.meta(broker, at: at, source: entry.isFromCache ? "cache" : "broker")
                json.endObject()
                return context.json(json.bytes)
            case .failure(let problem): return context.problem(problem)
            }
        }
    }

    private func subscriptions(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        var json = JSONWriter()
        json.beginObject()
        json.key("data")
        json.beginArray()
        for broker in accounts.brokers where context.holder.mayUse(account: broker.account.alias) {
            json.beginObject()
            json.key("account")
            json.string(broker.account.alias)
            json.key("used")
            json.int(broker.links.reduce(0) { $0 + $1.subscriptionsUsed })
            json.key("limit")
            json.int(broker.links.compactMap(\.subscriptionLimit).first)
            json.key("topics")
            json.beginArray()
            for (topic, readers) in hub.subscriptions(of: broker.account.alias) {
                json.beginObject()
                json.key("topic")
                json.string(topic)
                json.key("readers")
                json.int(readers)
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.key("next_cursor")
        json.null()
        json.endObject()
        return .ready(context.json(json.bytes))
    }
}

extension JSONWriter {
    /// Where an answer came from.
    @LoopActor
    mutating func meta(_ broker: any Broker, at time: WallTime, source: String) {
        key("meta")
        beginObject()
        key("account")
        string(broker.account.alias)
        key("broker")
        string(broker.account.broker)
        key("as_of")
        self.time(time)
        key("received_at")
        self.time(time)
        key("source")
        string(source)
        endObject()
    }
}
