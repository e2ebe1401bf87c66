/// What is wanted of a socket's subscriptions, what the server has confirmed, and the next request that brings them
/// together.
///
/// One request is under way at a time. A request of several securities that is refused for good is repeated in halves,
/// so that the guilty ones are known after few requests. Pushes carry changes only, so the complete record of each
/// security is also asked for, once a connection and again when somebody says that it is outdated.
public struct SubscriptionPlan: Sendable {
    /// Types by security; the types are the numbers of `SubType`.
    public typealias Wishes = [String: Set<Int32>]

    /// One security and type.
    public struct Item: Hashable, Sendable {
        /// The security, in the vendor's spelling.
        public var symbol: String
        /// The number of a `SubType`.
        public var type: Int32

        /// One security and type.
        public init(_ symbol: String, _ type: Int32) {
            self.symbol = symbol
            self.type = type
        }
    }

    /// The next thing to do.
    public enum Step: Equatable, Sendable {
        case subscribe(symbols: [String], types: [Int32])
        case unsubscribe(symbols: [String], types: [Int32])
        /// Ask for the complete records.
        case pull(symbols: [String])
        /// Nothing to send: the limit leaves no room for these, and they will not be tried.
        case refuse([Item])
    }

    /// The most securities with any subscription; `nil` while unknown.
    public var limit: Int?

    private var wanted: Wishes = [:]
    private var confirmed: Wishes = [:]
    private var refused: Wishes = [:]
    private var recorded: Set<String> = []
    private var pieces: [String: Int] = [:]  // the most securities a request with this one may have
    private var underWay: Step?
    private let batch: Int
    private let recordType: Int32

    /// Nothing wanted.
    ///
    /// - Parameters:
    ///   - batch: the most securities of one request.
    ///   - recordType: the type whose subscribers need the complete record.
    public init(batch: Int = 500, recordType: Int32 = Longbridge.Quote.SubType.quote.rawValue) {
        self.batch = batch
        self.recordType = recordType
    }

    /// Securities the server has confirmed any type of.
    public var confirmedCount: Int { confirmed.count }

    /// Everything the server has confirmed.
    public var confirmedItems: Set<Item> {
        Set(confirmed.flatMap { symbol, types in types.map { Item(symbol, $0) } })
    }

    /// Whether it is wanted and not refused.
    public func isWanted(_ symbol: String, _ type: Int32) -> Bool {
        wanted[symbol]?.contains(type) == true && refused[symbol]?.contains(type) != true
    }

    /// Makes exactly `wishes` the wanted ones. What was refused is tried again once it is no longer wanted and then
    /// wanted anew.
    public mutating func setWanted(_ wishes: Wishes) {
        wanted = wishes.filter { !$0.value.isEmpty }
        refused = SubscriptionPlan.withoutEmpty(
            Dictionary(uniqueKeysWithValues: refused.map { ($0, $1.intersection(wanted[$0] ?? [])) }))
    }

    /// The connection is gone, and every subscription with it.
    public mutating func connectionLost() {
        confirmed = [:]
        recorded = []
        pieces = [:]
        underWay = nil
    }

    /// A security's complete record is outdated.
    public mutating func needsRecord(_ symbol: String) {
        recorded.remove(symbol)
    }

    /// The next step, if something is to be changed and no request is under way.
    public mutating func next() -> Step? {
        guard underWay == nil else { return nil }
        let step = superfluous() ?? missing() ?? unrecorded()
        if case .refuse(let items) = step {
            refuse(items)
        } else {
            underWay = step
        }
        return step
    }

    // MARK: How the request under way ended

    /// The subscription or unsubscription was answered.
    ///
    /// - Parameter listed: what the answer says was subscribed; empty if it says nothing.
    /// - Returns: what the server left out of a list, and will not be tried again.
    public mutating func succeeded(listed: Wishes = [:]) -> [Item] {
        defer { underWay = nil }
        switch underWay {
        case .subscribe(let symbols, let types):
            var missing: [Item] = []
            for symbol in symbols {
                pieces[symbol] = nil
                let taken = listed.isEmpty ? Set(types) : listed[symbol, default: []].intersection(types)
                if !taken.isEmpty { confirmed[symbol, default: []].formUnion(taken) }
                missing += types.filter { !taken.contains($0) }.map { Item(symbol, $0) }
            }
            refuse(missing)
            return missing
        case .unsubscribe(let symbols, let types):
            forget(symbols, types)
            return []
        case .pull, .refuse, nil: return []
        }
    }

    /// The records came.
    ///
    /// - Returns: what has no record, is therefore unknown to the server, and will not be tried again.
    public mutating func pulled(_ found: Set<String>) -> [Item] {
        defer { underWay = nil }
        guard case .pull(let symbols) = underWay else { return [] }
        recorded.formUnion(found.intersection(symbols))
        for symbol in symbols { pieces[symbol] = nil }
        let missing = symbols.filter { !found.contains($0) }.map { Item($0, recordType) }
        refuse(missing)
        return missing
    }

    /// The request failed for a reason that passes: it is to be sent again.
    public mutating func retryLater() {
        underWay = nil
    }

    /// The request was refused for good.
    ///
    /// - Returns: what of it will not be tried again; the rest is tried in smaller requests.
    public mutating func failed() -> [Item] {
        defer { underWay = nil }
        switch underWay {
        case .subscribe(let symbols, let types): return split(symbols) ? [] : refuseAll(symbols, types)
        case .pull(let symbols): return split(symbols) ? [] : refuseAll(symbols, [recordType])
        case .unsubscribe(let symbols, let types):
            // A server that refuses to unsubscribe goes on pushing, which is harmless; asking again for ever is not.
            forget(symbols, types)
            return []
        case .refuse, nil: return []
        }
    }

    private mutating func split(_ symbols: [String]) -> Bool {
        guard symbols.count > 1 else { return false }
        for symbol in symbols { pieces[symbol] = symbols.count / 2 }
        return true
    }

    private mutating func refuseAll(_ symbols: [String], _ types: [Int32]) -> [Item] {
        let items = symbols.flatMap { symbol in types.map { Item(symbol, $0) } }
        for symbol in symbols { pieces[symbol] = nil }
        refuse(items)
        return items
    }

    private mutating func refuse(_ items: [Item]) {
        for item in items { refused[item.symbol, default: []].insert(item.type) }
    }

    private mutating func forget(_ symbols: [String], _ types: [Int32]) {
        for symbol in symbols {
            confirmed[symbol]?.subtract(types)
            if confirmed[symbol]?.isEmpty == true { confirmed[symbol] = nil }
            if types.contains(recordType) { recorded.remove(symbol) }
        }
    }

    // MARK: What is to be done

    private func superfluous() -> Step? {
        let extra = confirmed.compactMap { symbol, types in
            Entry(symbol, types.filter { !isWanted(symbol, $0) })
        }
        return group(extra).map { .unsubscribe(symbols: $0.symbols, types: $0.types) }
    }

    private func missing() -> Step? {
        let lacking = wanted.compactMap { symbol, types in
            Entry(symbol, types.subtracting(confirmed[symbol] ?? []).subtracting(refused[symbol] ?? []))
        }
        guard let group = group(lacking) else { return nil }
        guard let limit else { return .subscribe(symbols: group.symbols, types: group.types) }
        var room = max(0, limit - confirmed.count)
        let fitting = group.symbols.filter { symbol in
            if confirmed[symbol] != nil { return true }
            room -= 1
            return room >= 0
        }
        guard fitting.isEmpty else { return .subscribe(symbols: fitting, types: group.types) }
        return .refuse(group.symbols.flatMap { symbol in group.types.map { Item(symbol, $0) } })
    }

    private func unrecorded() -> Step? {
        let lacking = confirmed.compactMap { symbol, types in
            types.contains(recordType) && !recorded.contains(symbol) ? Entry(symbol, [recordType]) : nil
        }
        return group(lacking).map { .pull(symbols: $0.symbols) }
    }

    private struct Entry {
        var symbol: String
        var types: Set<Int32>

        init?(_ symbol: String, _ types: Set<Int32>) {
            guard !types.isEmpty else { return nil }
            self.symbol = symbol
            self.types = types
        }
    }

    /// The first securities, in order, that share a set of types and the largest allowed request.
    private func group(_ entries: [Entry]) -> (symbols: [String], types: [Int32])? {
        guard let first = entries.min(by: { $0.symbol < $1.symbol }) else { return nil }
        let size = pieces[first.symbol]
        let alike = entries.filter { $0.types == first.types && pieces[$0.symbol] == size }.map(\.symbol).sorted()
        return (Array(alike.prefix(max(1, min(size ?? batch, batch)))), first.types.sorted())
    }

    private static func withoutEmpty(_ wishes: Wishes) -> Wishes {
        wishes.filter { !$0.value.isEmpty }
    }
}
