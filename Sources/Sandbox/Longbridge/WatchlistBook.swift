internal import Bytes
internal import Clocks

/// The watchlist groups of the user.
struct WatchlistBook {
    private struct Member {
        var symbol: String
        var price: String
        var at: WallTime
        var isPinned = false
    }

    private struct Group {
        var id: Int64
        var name: String
        var members: [Member]
    }

    private var groups: [Group] = []
    private var nextID: Int64 = 41_507

    /// Groups, and securities of a group.
    private static let bound = 500

    mutating func create(_ body: JSONValue, _ prices: [String: String], _ now: WallTime) throws(QuoteAPI.Refusal)
        -> [UInt8]
    {
        guard let name = body["name"]?.stringValue, !name.isEmpty, name.utf8.count <= 256 else {
            throw QuoteAPI.Refusal("name is required")
        }
        guard groups.count < WatchlistBook.bound else { throw QuoteAPI.Refusal("too many groups") }
        let symbols = try WatchlistBook.symbols(body)
        let group = Group(
            id: nextID, name: name,
            members: symbols.map { Member(symbol: $0, price: prices[$0] ?? "", at: now) })
        nextID += 1
        groups.append(group)
        var json = JSONWriter()
        json.beginObject()
        json.key("id")
        json.string("\(group.id)")
        json.endObject()
        return json.bytes
    }

    mutating func update(_ body: JSONValue, _ prices: [String: String], _ now: WallTime) throws(QuoteAPI.Refusal)
        -> [UInt8]
    {
        guard let id = body["id"]?.intValue else { throw QuoteAPI.Refusal("id is required") }
        guard let index = groups.firstIndex(where: { $0.id == id }) else { throw QuoteAPI.Refusal("group not found") }
        if let name = body["name"]?.stringValue, !name.isEmpty { groups[index].name = name }
        guard body["securities"] != nil else { return QuoteAPI.nothing }
        let symbols = try WatchlistBook.symbols(body)
        let held = groups[index].members
        func member(_ symbol: String) -> Member {
            held.first { $0.symbol == symbol } ?? Member(symbol: symbol, price: prices[symbol] ?? "", at: now)
        }
        switch body["mode"]?.stringValue ?? "replace" {
        case "add":
            groups[index].members += symbols.filter { symbol in !held.contains { $0.symbol == symbol } }.map(member)
        case "remove": groups[index].members.removeAll { symbols.contains($0.symbol) }
        case "replace": groups[index].members = symbols.map(member)
        default: throw QuoteAPI.Refusal("mode is invalid")
        }
        return QuoteAPI.nothing
    }

    mutating func delete(_ call: QuoteAPI.Call) throws(QuoteAPI.Refusal) -> [UInt8] {
        // The vendor's client sends them in the body as well as in the query, by its version.
        let body = try call.object()
        guard let id = call.parameter("id").flatMap({ Int64($0) }) ?? body["id"]?.intValue else {
            throw QuoteAPI.Refusal("id is required")
        }
        guard let index = groups.firstIndex(where: { $0.id == id }) else { throw QuoteAPI.Refusal("group not found") }
        groups.remove(at: index)
        return QuoteAPI.nothing
    }

    mutating func pin(_ body: JSONValue) throws(QuoteAPI.Refusal) -> [UInt8] {
        let symbols = try WatchlistBook.symbols(body)
        guard let mode = body["mode"]?.stringValue, mode == "add" || mode == "remove" else {
            throw QuoteAPI.Refusal("mode is invalid")
        }
        for group in groups.indices {
            for member in groups[group].members.indices where symbols.contains(groups[group].members[member].symbol) {
                groups[group].members[member].isPinned = mode == "add"
            }
        }
        return QuoteAPI.nothing
    }

    /// Securities that exist, each once.
    private static func symbols(_ body: JSONValue) throws(QuoteAPI.Refusal) -> [String] {
        var symbols: [String] = []
        for entry in body["securities"]?.arrayValue ?? [] {
            guard let symbol = entry.stringValue, SimulatedSecurity.bySymbol[symbol] != nil else {
                throw QuoteAPI.Refusal("security not found")
            }
            if !symbols.contains(symbol) { symbols.append(symbol) }
        }
        guard symbols.count <= bound else { throw QuoteAPI.Refusal("too many securities") }
        return symbols
    }

    func list() -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.key("groups")
        json.beginArray()
        for group in groups {
            json.beginObject()
            json.key("id")
            json.string("\(group.id)")
            json.key("name")
            json.string(group.name)
            json.key("securities")
            json.beginArray()
            for member in group.members {
                guard let security = SimulatedSecurity.bySymbol[member.symbol] else { continue }
                json.beginObject()
                json.key("symbol")
                json.string(member.symbol)
                json.key("market")
                json.string(security.market.rawValue)
                json.key("name")
                json.string(security.nameEnglish)
                json.key("watched_price")
                json.string(member.price)
                json.key("watched_at")
                json.string("\(member.at.seconds)")
                json.key("is_pinned")
                json.bool(member.isPinned)
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}
