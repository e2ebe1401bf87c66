internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// What the routes of market data have in common.
extension BridgeApplication {
    /// A symbol of a query that cannot be asked for, and why.
    typealias RefusedSymbol = (text: String, problem: Problem)

    /// Adds a read of market data.
    static func addMarket(
        _ template: String, to table: inout RouteTable<Route>,
        _ handle: @escaping @LoopActor (BridgeApplication, RouteContext) throws(Problem) -> HTTPReply
    ) {
        table.add(.get, template, Route(scope: .marketRead, handle: handle))
    }

    /// The symbols of the query: those that can be read, and a problem for each of the others.
    func symbols(
        _ query: inout QueryReader, _ context: RouteContext
    ) throws(Problem) -> (symbols: [Symbol], malformed: [RefusedSymbol]) {
        let texts = try query.required("symbols", query.list("symbols", maximumCount: 500))
        var symbols: [Symbol] = []
        var malformed: [RefusedSymbol] = []
        var seen: Set<Symbol> = []
        for text in texts {
            do throws(Problem) {
                let symbol = try context.symbol(text, field: "symbols")
                if seen.insert(symbol).inserted { symbols.append(symbol) }
            } catch {
                malformed.append((String(text.prefix(64)), error))
            }
        }
        return (symbols, malformed)
    }

    /// The members of an answer about several securities. The only one asked for is a failure of the whole.
    static func members<Value: Sendable>(
        of results: SymbolResults<Value>, _ asked: [Symbol], _ malformed: [RefusedSymbol],
        each: (inout JSONWriter, Value) -> Void
    ) throws(BrokerFailure) -> [UInt8] {
        var failures = results.failures
        for (symbol, failure) in failures where failure.kind == .unknownSymbol {
            failures[symbol]?.field = failure.field ?? "symbols"
            failures[symbol]?.symbol = symbol
        }
        if asked.count == 1, malformed.isEmpty, let failure = failures.first { throw failure.value }
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
            + failures.map({ ($0.key.text, Problem($0.value)) }).sorted(by: { $0.0 < $1.0 })
        {
            json.beginObject()
            json.key("symbol")
            json.string(text)
            json.key("problem")
            problem.write(to: &json, requestID: nil)
            json.endObject()
        }
        json.endArray()
        return json.bytes
    }

    /// The members of a list about one security, without braces.
    static func list<Values: Sequence>(
        _ symbol: Symbol, _ values: Values, interval: CandleInterval? = nil, nextCursor: String? = nil,
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
        json.list(values, nextCursor: nextCursor, each: each)
        return json.bytes
    }

    /// How old an answer may be.
    func maximumAge(_ query: inout QueryReader, default usual: Duration? = nil) throws(Problem) -> Duration {
        try query.integer("max_age_ms", in: 0...86_400_000).map { .milliseconds($0) } ?? usual ?? marketData.maxAge
    }

    /// Answers with the members `fetch` makes, and `meta` behind them.
    ///
    /// - Parameters:
    ///   - key: what is asked, beside the account; equal keys are one call to the broker.
    ///   - budget: which of the broker's limits the call counts against.
    ///   - isTagged: whether the answer has an `ETag` and `If-None-Match` is honoured.
    func pending(
        _ context: RouteContext, _ cache: ReadCache, _ broker: any Broker, key: String, _ maximumAge: Duration,
        isTagged: Bool = false, budget: String = "quote",
        _ fetch: @escaping @LoopActor @Sendable () async throws(BrokerFailure) -> ReadCache.Fetched
    ) -> HTTPReply {
        let key = "\(broker.account.alias)/\(key)"
        return .pending { [self] in
            let outcome = await cache.answer(key, maximumAge: maximumAge, fetch)
            var response: HTTPResponse
            switch outcome {
            case .success(let entry):
                let tag = isTagged ? EntityTag.weak(entry.body) : nil
                if let tag, EntityTag.matches(context.request.head, tag) { return context.notModified(tag) }
                var json = JSONWriter(capacity: entry.body.count + 256)
                json.beginObject()
                json.raw(entry.body)
                let at = WallTime.now() + (entry.at - Instant.now())
                json.meta(broker, asOf: entry.asOf, at: at, source: entry.isFromCache ? "cache" : "broker")
                json.endObject()
                response = context.json(json.bytes, tag: tag)
                if entry.isFromCache { return response }
            case .failure(var problem):
                let named = context.parameters.all.first { $0.name == "symbol" }
                if problem.code == "invalid_symbol", problem.suggestions.isEmpty,
                    let symbol = named.flatMap({ Symbol($0.value) })
                {
                    problem.suggestions = symbol.namesakes.map(\.text)
                }
                response = context.problem(problem)
            }
            if let standing = standing(broker, budget) {
                response.rateLimit = RateLimitFields(nil, upstream: standing)
            }
            return response
        }
    }
}

extension RouteContext {
    /// A JSON answer that may be kept and asked for again by its tag.
    func json(_ body: [UInt8], tag: String?) -> HTTPResponse {
        var response = json(body)
        guard let tag else { return response }
        response.fields["ETag"] = tag
        response.fields["Cache-Control"] = "private, no-cache"
        return response
    }

    /// The caller has it already.
    func notModified(_ tag: String) -> HTTPResponse {
        var response = json([], tag: tag)
        response.status = 304
        response.fields["Content-Type"] = nil
        return response
    }

    /// One market of the path.
    func market() throws(Problem) -> Market { try market(parameters["market"], field: "market") }

    func market(_ text: String, field: String) throws(Problem) -> Market {
        guard let market = Market(rawValue: text.uppercased()) else {
            throw Problem(
                status: 422, code: "invalid_market", detail: "There is no such market.", field: field,
                suggestions: text.uppercased() == "CN" ? ["SH", "SZ"] : Market.allCases.map(\.rawValue))
        }
        return market
    }
}

extension JSONWriter {
    /// Where an answer came from. Without a time of the broker's, the figures are as of their arrival.
    @LoopActor
    mutating func meta(_ broker: any Broker, asOf: WallTime? = nil, at time: WallTime, source: String) {
        key("meta")
        beginObject()
        key("account")
        string(broker.account.alias)
        key("broker")
        string(broker.account.broker)
        key("as_of")
        self.time(asOf ?? time)
        key("received_at")
        self.time(time)
        key("source")
        string(source)
        endObject()
    }

    /// `data` and `next_cursor`.
    mutating func list<Values: Sequence>(
        _ values: Values, nextCursor: String? = nil, each: (inout JSONWriter, Values.Element) -> Void
    ) {
        key("data")
        beginArray()
        for value in values { each(&self, value) }
        endArray()
        key("next_cursor")
        string(nextCursor)
    }

    mutating func date(_ value: CivilDate?) { string(value?.iso) }
}
