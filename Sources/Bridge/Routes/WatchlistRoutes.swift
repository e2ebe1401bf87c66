internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// The user's watchlists at the broker. Changing them needs the scope `trade`.
extension BridgeApplication {
    static func addWatchlistRoutes(to table: inout RouteTable<Route>) {
        let all = "/v1/accounts/{account}/watchlists"
        let one = all + "/{id}"
        table.add(
            .get, all,
            Route(scope: .accountRead) { application, context throws(Problem) in try application.watchlists(context) })
        table.add(
            .post, all,
            Route(scope: .trade) { application, context throws(Problem) in try application.createWatchlist(context) })
        table.add(
            .get, one,
            Route(scope: .accountRead) { application, context throws(Problem) in try application.watchlist(context) })
        table.add(
            .patch, one,
            Route(scope: .trade) { application, context throws(Problem) in try application.changeWatchlist(context) })
        table.add(
            .delete, one,
            Route(scope: .trade) { application, context throws(Problem) in try application.deleteWatchlist(context) })
    }

    /// The account of the path, if its broker offers this.
    func offering(_ capability: Capability, _ context: RouteContext) throws(Problem) -> any Broker {
        let broker = try accounts.named(context.parameters["account"], context.holder)
        guard broker.account.capabilities.contains(capability) else { throw Problem(.notOffered) }
        return broker
    }

    private func watchlists(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        let broker = try offering(.watchlists, context)
        let wait = longestWait(context)
        return context.later { () async throws(BrokerFailure) in
            let lists = try await broker.watchlists(wait: wait)
            var json = JSONWriter(capacity: 4096)
            json.beginObject()
            json.list(lists) { $0.watchlist($1) }
            json.endObject()
            return context.json(json.bytes)
        }
    }

    private func watchlist(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        let broker = try offering(.watchlists, context)
        let wait = longestWait(context)
        return context.later { () async throws(BrokerFailure) in
            let lists = try await broker.watchlists(wait: wait)
            guard let list = lists.first(where: { $0.id == context.parameters["id"] }) else {
                return context.problem(.noList)
            }
            var json = JSONWriter()
            json.watchlist(list)
            return context.json(json.bytes)
        }
    }

    private func createWatchlist(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        let broker = try offering(.watchlists, context)
        var body = try BodyReader(context.request.body)
        let name = try body.required("name", body.string("name", maximumBytes: 128))
        let symbols = try context.symbols(of: &body, "symbols") ?? []
        try body.finish()
        let wait = longestWait(context)
        return context.later { () async throws(BrokerFailure) in
            let id = try await broker.createWatchlist(name, symbols, wait: wait)
            // The broker's answer names the list only; what is on it is asked for.
            let made = try? await broker.watchlists(wait: wait).first { $0.id == id }
            let list = made ?? Watchlist(id: id, name: name, securities: symbols.map { WatchedSecurity(symbol: $0) })
            var json = JSONWriter()
            json.watchlist(list)
            var response = context.json(json.bytes, status: 201)
            response.fields["Location"] = "/v1/accounts/\(broker.account.alias)/watchlists/\(list.id)"
            return response
        }
    }

    private func changeWatchlist(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        let broker = try offering(.watchlists, context)
        var body = try BodyReader(context.request.body)
        var change = WatchlistChange()
        change.name = try body.string("name", maximumBytes: 128)
        change.securities = try context.symbols(of: &body, "symbols")
        change.added = try context.symbols(of: &body, "add") ?? []
        change.removed = try context.symbols(of: &body, "remove") ?? []
        change.pinned = try context.symbols(of: &body, "pin") ?? []
        change.unpinned = try context.symbols(of: &body, "unpin") ?? []
        try body.finish()
        guard change != WatchlistChange() else {
            throw Problem(status: 400, code: "missing_field", detail: "The body changes nothing.", field: "/name")
        }
        let wait = longestWait(context)
        let wanted = change
        let id = context.parameters["id"]
        return context.later { () async throws(BrokerFailure) in
            guard try await broker.watchlists(wait: wait).contains(where: { $0.id == id }) else {
                return context.problem(.noList)
            }
            try await broker.changeWatchlist(id, wanted, wait: wait)
            guard let list = try await broker.watchlists(wait: wait).first(where: { $0.id == id }) else {
                return context.problem(.noList)
            }
            var json = JSONWriter()
            json.watchlist(list)
            return context.json(json.bytes)
        }
    }

    private func deleteWatchlist(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let purges = try query.boolean("purge") ?? false
        try query.finish()
        let broker = try offering(.watchlists, context)
        let wait = longestWait(context)
        let id = context.parameters["id"]
        return context.later { () async throws(BrokerFailure) in
            guard try await broker.watchlists(wait: wait).contains(where: { $0.id == id }) else {
                return context.problem(.noList)
            }
            try await broker.deleteWatchlist(id, purging: purges, wait: wait)
            return context.empty()
        }
    }
}

extension Problem {
    static let noList = Problem(
        status: 404, code: "not_found", detail: "The account has none with this id.", field: "id")
}

extension RouteContext {
    /// An answer that waits for the broker, and is not kept.
    func later(
        _ answer: @escaping @LoopActor @Sendable () async throws(BrokerFailure) -> HTTPResponse
    ) -> HTTPReply {
        .pending {
            do throws(BrokerFailure) { return try await answer() } catch { return problem(Problem(error)) }
        }
    }

    /// 204.
    func empty() -> HTTPResponse {
        var response = json([], status: 204)
        response.fields["Content-Type"] = nil
        return response
    }

    /// Securities of a body's list, each once; `nil` if it is not given.
    func symbols(of body: inout BodyReader, _ name: String) throws(Problem) -> [Symbol]? {
        guard let texts = try body.strings(name, maximumCount: 500) else { return nil }
        var symbols: [Symbol] = []
        for text in texts {
            let symbol = try symbol(text, field: "/\(name)")
            if !symbols.contains(symbol) { symbols.append(symbol) }
        }
        return symbols
    }
}

extension JSONWriter {
    fileprivate mutating func watchlist(_ list: Watchlist) {
        beginObject()
        key("id")
        string(list.id)
        key("name")
        string(list.name)
        key("securities")
        beginArray()
        for security in list.securities {
            beginObject()
            key("symbol")
            string(security.symbol.text)
            key("name")
            string(security.name)
            key("price_when_added")
            decimal(security.price)
            key("added_at")
            time(security.since)
            key("pinned")
            bool(security.isPinned)
            endObject()
        }
        endArray()
        endObject()
    }
}
