internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// The groups a broker sorts securities into.
extension BridgeApplication {
    static func addSectorRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/sectors", to: &table) { application, context throws(Problem) in
            try application.sectors(context)
        }
        addMarket("/v1/sectors/{id}/securities", to: &table) { application, context throws(Problem) in
            try application.sectorMembers(context)
        }
        addMarket("/v1/instruments/{symbol}/sectors", to: &table) { application, context throws(Problem) in
            try application.sectorsOfSymbol(context)
        }
    }

    /// Groups change by the day.
    private static let sectorAge = Duration.seconds(6 * 3600)

    private func sectors(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let market = try context.market(
            try query.required("market", query.string("market")), field: "market")
        let kind: SectorKind? = try query.word("kind")
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: BridgeApplication.sectorAge)
        try query.finish()
        let broker = try accounts.answering(alias, .sectors, market: market, context.holder)
        let wait = longestWait(context)
        let key = "sectors/\(market.rawValue)/\(kind?.rawValue ?? "all")"
        return pending(context, instruments, broker, key: key, age, isTagged: true) { () async throws(BrokerFailure) in
            let sectors = try await broker.sectors(market, kind, wait: wait)
            var json = JSONWriter(capacity: 16_384)
            json.key("market")
            json.string(market.rawValue)
            json.list(sectors) { $0.sector($1) }
            return ReadCache.Fetched(body: json.bytes)
        }
    }

    private func sectorMembers(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let id = try context.symbol(context.parameters["id"], field: "id")
        var query = QueryReader(context.request.head.target)
        let limit = try query.integer("limit", in: 1...1000) ?? 500
        let offset = try query.integer("cursor", in: 0...1_000_000) ?? 0
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: BridgeApplication.sectorAge)
        try query.finish()
        let broker = try accounts.answering(alias, .sectors, market: id.market, context.holder)
        let wait = longestWait(context)
        let key = "sectors/\(id)/securities/\(limit)/\(offset)"
        return pending(context, instruments, broker, key: key, age, isTagged: true) { () async throws(BrokerFailure) in
            // A stable order, whatever the broker's is: pages must not overlap.
            let all = try await broker.sectorMembers(id, wait: wait).sorted { $0.symbol < $1.symbol }
            let page = all.dropFirst(offset).prefix(limit)
            let next = offset + page.count
            var json = JSONWriter(capacity: 16_384)
            json.key("id")
            json.string(id.text)
            json.list(page, nextCursor: next < all.count && !page.isEmpty ? String(next) : nil) { json, member in
                json.beginObject()
                json.key("symbol")
                json.string(member.symbol.text)
                json.key("name")
                json.string(member.name)
                json.key("type")
                json.string(member.type)
                json.key("lot_size")
                json.int(member.lotSize)
                json.endObject()
            }
            json.key("total")
            json.int(all.count)
            return ReadCache.Fetched(body: json.bytes)
        }
    }

    private func sectorsOfSymbol(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: BridgeApplication.sectorAge)
        try query.finish()
        let broker = try accounts.answering(alias, .sectors, market: symbol.market, context.holder)
        let wait = longestWait(context)
        return pending(context, instruments, broker, key: "sectors/of/\(symbol)", age, isTagged: true) {
            () async throws(BrokerFailure) in
            let sectors = try await broker.sectors(of: symbol, wait: wait)
            var json = JSONWriter(capacity: 1024)
            json.key("symbol")
            json.string(symbol.text)
            json.list(sectors) { $0.sector($1) }
            return ReadCache.Fetched(body: json.bytes)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func sector(_ sector: Sector) {
        beginObject()
        key("id")
        string(sector.id.text)
        key("name")
        string(sector.name)
        key("kind")
        string(sector.kind?.rawValue)
        endObject()
    }
}
