internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Warrants, bull and bear contracts (Hong Kong).
extension BridgeApplication {
    static func addWarrantRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/warrants/quotes", to: &table) { application, context throws(Problem) in
            try application.warrantQuotes(context)
        }
        addMarket("/v1/warrants/{symbol}", to: &table) { application, context throws(Problem) in
            try application.warrantList(context)
        }
        addMarket("/v1/warrant-issuers", to: &table) { application, context throws(Problem) in
            try application.warrantIssuers(context)
        }
    }

    private enum Order: String, CaseIterable {
        case asc, desc
    }

    private func warrantList(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        var filter = WarrantFilter()
        filter.kinds = try query.words("type")
        filter.expiries = try query.words("expiry")
        filter.bounds = try query.words("bounds")
        filter.statuses = try query.words("status")
        for text in try query.list("issuer", maximumCount: 100) ?? [] {
            guard let issuer = Int32(text), issuer >= 0 else {
                throw Problem(
                    status: 400, code: "invalid_field", detail: "issuer is an id of /v1/warrant-issuers.",
                    field: "issuer")
            }
            filter.issuers.append(issuer)
        }
        filter.column = try query.word("sort") ?? .turnover
        filter.isDescending = try query.word("order", as: Order.self) != .asc
        filter.count = try query.integer("limit", in: 1...500) ?? 100
        filter.offset = try query.integer("cursor", in: 0...1_000_000) ?? 0
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        let broker = try accounts.answering(alias, .warrants, market: symbol.market, context.holder)
        let wait = longestWait(context)
        let wanted = filter
        return pending(context, cache, broker, key: "warrants/\(symbol)/\(context.request.head.target.text)", age) {
            () async throws(BrokerFailure) in
            let page = try await broker.warrants(symbol, wanted, wait: wait)
            let next = wanted.offset + page.rows.count
            var json = JSONWriter(capacity: 16_384)
            json.raw(
                BridgeApplication.list(
                    symbol, page.rows, nextCursor: next < page.total && !page.rows.isEmpty ? String(next) : nil
                ) { $0.warrant($1) })
            json.key("total")
            json.int(page.total)
            return ReadCache.Fetched(body: json.bytes)
        }
    }

    private func warrantQuotes(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let (symbols, malformed) = try symbols(&query, context)
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        guard let first = symbols.first else { throw malformed.first?.problem ?? .symbol("", field: "symbols") }
        let broker = try accounts.answering(alias, .warrants, market: first.market, context.holder)
        let wait = longestWait(context)
        let key = "warrant-quotes/\(BridgeApplication.key(symbols, malformed))"
        return pending(context, cache, broker, key: key, age) { () async throws(BrokerFailure) in
            let results = try await broker.warrantQuotes(symbols, wait: wait)
            return ReadCache.Fetched(
                body: try BridgeApplication.members(of: results, symbols, malformed) { $0.members(of: $1) },
                asOf: results.values.values.compactMap(\.figures.timestamp).min())
        }
    }

    private func warrantIssuers(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: .seconds(6 * 3600))
        try query.finish()
        let broker = try accounts.answering(alias, .warrants, market: .hongKong, context.holder)
        let wait = longestWait(context)
        return pending(context, instruments, broker, key: "warrant-issuers", age, isTagged: true) {
            () async throws(BrokerFailure) in
            let issuers = try await broker.warrantIssuers(wait: wait)
            var json = JSONWriter()
            json.list(issuers) { $0.issuer($1) }
            return ReadCache.Fetched(body: json.bytes)
        }
    }
}

extension QueryReader {
    /// Some of an enumeration's raw values, separated by commas; none if the name is not given.
    mutating func words<Word>(_ name: String, as type: Word.Type = Word.self) throws(Problem) -> [Word]
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        var words: [Word] = []
        for text in try list(name, maximumCount: 100) ?? [] {
            guard let word = Word(rawValue: text) else {
                throw Problem(
                    status: 400, code: "invalid_field", detail: "\(name) has an unknown word.", field: name,
                    suggestions: Word.allCases.map(\.rawValue))
            }
            words.append(word)
        }
        return words
    }
}
