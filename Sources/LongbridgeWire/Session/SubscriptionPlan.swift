/// What is wanted of a socket's subscriptions, what the server has confirmed, and the next request that brings them together.
///
/// One request is under way at a time. A request of several securities that is refused for good is repeated one by one,
/// so that the guilty one is known.
public struct SubscriptionPlan: Sendable {
    /// Types by security; the types are the numbers of `SubType`.
    public typealias Wishes = [String: Set<Int32>]

    /// The next request to send.
    public enum Step: Equatable, Sendable {
        case subscribe(symbols: [String], types: [Int32])
        case unsubscribe(symbols: [String], types: [Int32])
    }

    private var wanted: Wishes = [:]
    private var confirmed: Wishes = [:]
    private var refused: Wishes = [:]
    private var suspects: Set<String> = []
    private var underWay: Step?
    private let batch: Int

    /// Nothing wanted. `batch` is the most securities of one request.
    public init(batch: Int = 500) {
        self.batch = batch
    }

    /// Securities the server has confirmed any type of.
    public var confirmedCount: Int { confirmed.count }

    /// Whether the server has confirmed it.
    public func isConfirmed(_ symbol: String, _ type: Int32) -> Bool {
        confirmed[symbol]?.contains(type) == true
    }

    /// Makes exactly `wishes` the wanted ones. What was refused is tried again when it is wanted anew.
    public mutating func setWanted(_ wishes: Wishes) {
        wanted = wishes.filter { !$0.value.isEmpty }
        refused = refused.compactMapValues { $0 }.filter { wanted[$0.key] != nil }
        for (symbol, types) in refused { refused[symbol] = types.intersection(wanted[symbol] ?? []) }
    }

    /// The connection is gone, and every subscription with it.
    public mutating func connectionLost() {
        confirmed = [:]
        underWay = nil
        suspects = []
    }

    /// The next request, if something is to be changed and none is under way.
    public mutating func next() -> Step? {
        guard underWay == nil else { return nil }
        underWay = superfluous() ?? missing()
        return underWay
    }

    /// The request under way was answered well.
    public mutating func succeeded() {
        switch underWay {
        case .subscribe(let symbols, let types):
            for symbol in symbols {
                confirmed[symbol, default: []].formUnion(types)
                suspects.remove(symbol)
            }
        case .unsubscribe(let symbols, let types):
            for symbol in symbols {
                confirmed[symbol]?.subtract(types)
                if confirmed[symbol]?.isEmpty == true { confirmed[symbol] = nil }
            }
        case nil: break
        }
        underWay = nil
    }

    /// The request under way failed for a reason that passes: it is to be sent again.
    public mutating func retryLater() {
        underWay = nil
    }

    /// The request under way was refused for good: what of it will not be tried again, as security and type.
    public mutating func failed() -> [(symbol: String, type: Int32)] {
        defer { underWay = nil }
        switch underWay {
        case .subscribe(let symbols, let types) where symbols.count > 1:
            suspects.formUnion(symbols)
            _ = types
            return []
        case .subscribe(let symbols, let types):
            for symbol in symbols {
                suspects.remove(symbol)
                refused[symbol, default: []].formUnion(types)
            }
            return symbols.flatMap { symbol in types.map { (symbol, $0) } }
        case .unsubscribe(let symbols, let types):
            // A server that refuses to unsubscribe goes on pushing, which is harmless; asking again for ever is not.
            for symbol in symbols { confirmed[symbol]?.subtract(types) }
            return []
        case nil: return []
        }
    }

    private func superfluous() -> Step? {
        let extra = confirmed.compactMapValues { $0 }
            .map { (symbol: $0.key, types: $0.value.subtracting(wanted[$0.key] ?? [])) }
            .filter { !$0.types.isEmpty }
        return grouped(extra).map { .unsubscribe(symbols: $0.symbols, types: $0.types) }
    }

    private func missing() -> Step? {
        let lacking = wanted.map { symbol, types in
            (symbol: symbol, types: types.subtracting(confirmed[symbol] ?? []).subtracting(refused[symbol] ?? []))
        }.filter { !$0.types.isEmpty }
        guard let group = grouped(lacking) else { return nil }
        if let suspect = group.symbols.first(where: { suspects.contains($0) }),
            group.symbols.allSatisfy({ suspects.contains($0) })
        {
            return .subscribe(symbols: [suspect], types: group.types)
        }
        return .subscribe(symbols: group.symbols.filter { !suspects.contains($0) }, types: group.types)
    }

    /// The securities that share the first set of types, in order, at most a batch.
    private func grouped(_ entries: [(symbol: String, types: Set<Int32>)]) -> (symbols: [String], types: [Int32])? {
        guard let first = entries.min(by: { $0.symbol < $1.symbol }) else { return nil }
        let symbols = entries.filter { $0.types == first.types }.map(\.symbol).sorted().prefix(batch)
        return (Array(symbols), first.types.sorted())
    }
}
