internal import BrokerModel
internal import Clocks
internal import OpenDWire

/// What is subscribed at the gateway, and what should be: for streams, which want pushes for as long as they live, and
/// for pulls, which the gateway answers only for what is subscribed.
///
///     wanted or pulled ──subscribe──▶ held ──nobody wants it, a minute old──▶ unsubscribe
///
/// Each (security, type) costs one unit of the gateway's quota and may not be released within a minute. What was
/// pulled stays held for a while, since who polls comes back. When the quota is full, what nobody wants goes first, the
/// longest unused before others; when everything is wanted the newcomer is refused. Holds no timer, clock or socket.
///
/// - Source: `futu-opend`, section 11; Futu OpenAPI, "Subscribe and Unsubscribe", as of 2026-11.
struct SubscriptionLedger {
    /// One unit of quota.
    struct Item: Hashable, Comparable, Sendable {
        var symbol: Symbol
        var type: SubscriptionType

        init(_ symbol: Symbol, _ type: SubscriptionType) {
            self.symbol = symbol
            self.type = type
        }

        static func < (left: Item, right: Item) -> Bool {
            (left.symbol, left.type.rawValue) < (right.symbol, right.type.rawValue)
        }
    }

    /// What the driver must do next; it tells how it ended before it asks again.
    enum Step: Equatable {
        /// Ask how much quota is left.
        case count
        /// Every combination of the two.
        case subscribe([Symbol], [SubscriptionType], pushes: Bool)
        case register([Symbol], [SubscriptionType])
        case unregister([Symbol], [SubscriptionType])
        case unsubscribe([Symbol], [SubscriptionType])
        /// There is no room for these, and nothing to make some of; told at once, with when there may be.
        case refuse([Item], retryAfter: Duration?)
    }

    private struct Hold: Equatable {
        var since: Instant
        var lastUsed: Instant
        var isRegistered: Bool
    }

    /// How long the gateway wants a subscription held; a second more, for the way there.
    static let minimumHold = Duration.seconds(61)
    /// How long what was pulled is held for whoever polls.
    static let idleHold = Duration.seconds(180)
    /// Securities of one request, as the vendor's client has them.
    static let batch = OpenDLimits.subscriptionSymbols

    private(set) var wanted: Set<Item> = []
    private var pulls: [Item: Int] = [:]
    private var holds: [Item: Hold] = [:]
    private var refused: Set<Item> = []
    /// Asked for one by one, since a request with others was refused.
    private var alone: Set<Item> = []
    /// What is left of the quota by the gateway's last count and ours since.
    private(set) var remaining: Int?
    private var isCountFresh = false
    private var pending: Step?

    /// What is held here; the gateway's other users are not in it.
    var used: Int { holds.count }
    /// What could be held in all; `nil` until the gateway has told.
    var limit: Int? { remaining.map { $0 + holds.count } }
    /// What is held with pushes.
    var registered: Set<Item> { Set(holds.filter(\.value.isRegistered).keys) }

    /// Whether pulls of it are answered.
    func isHeld(_ item: Item) -> Bool { holds[item] != nil }
    /// Whether its pushes come and somebody wants them.
    func isLive(_ item: Item) -> Bool { holds[item]?.isRegistered == true && wanted.contains(item) }

    // MARK: Wishes

    /// Makes exactly these the ones whose pushes are wanted.
    mutating func setWanted(_ items: Set<Item>) {
        wanted = items
        refused.formIntersection(items.union(pulls.keys))
    }

    /// A pull begins: it must be held until ``pullEnded(_:now:)``.
    mutating func pullBegan(_ item: Item, now: Instant) {
        pulls[item, default: 0] += 1
        holds[item]?.lastUsed = now
        // What was refused to a stream may be tried again by whoever asks anew.
        refused.remove(item)
    }

    /// The pull is done.
    mutating func pullEnded(_ item: Item, now: Instant) {
        holds[item]?.lastUsed = now
        guard let count = pulls[item] else { return }
        pulls[item] = count > 1 ? count - 1 : nil
        if count <= 1, !wanted.contains(item) { refused.remove(item) }
    }

    // MARK: The link

    /// Everything is to be subscribed anew; the quota of the old connection may be in use for a minute yet.
    mutating func connectionLost() {
        holds = [:]
        remaining = nil
        isCountFresh = false
        pending = nil
    }

    // MARK: Steps

    /// What to do now; `nil` for nothing.
    mutating func next(now: Instant) -> Step? {
        pending = step(now: now)
        if case .refuse(let items, _) = pending {
            refused.formUnion(items)
            isCountFresh = false
        }
        return pending
    }

    private mutating func step(now: Instant) -> Step? {
        guard let remaining else { return .count }
        let missing = wanted.union(pulls.keys).filter { holds[$0] == nil && !refused.contains($0) }
        if !missing.isEmpty {
            // Somebody waits for a pull; then what is wanted, in a steady order.
            let first = missing.filter { pulls[$0] != nil }.min() ?? missing.min()
            guard remaining > 0 else { return makeRoom(missing.count, missing.sorted(), now: now) }
            if let first { return subscribe(first, among: missing, room: remaining) }
        }
        if let item = wanted.filter({ holds[$0]?.isRegistered == false }).min() {
            let all = wanted.filter { holds[$0]?.isRegistered == false }
            let (symbols, types) = group(item, among: all, room: .max)
            return .register(symbols, types)
        }
        let unwanted = holds.keys.filter { holds[$0]?.isRegistered == true && !wanted.contains($0) }
        if let item = unwanted.min() {
            let (symbols, types) = group(item, among: Set(unwanted), room: .max)
            return .unregister(symbols, types)
        }
        let idle = releasable(now: now).filter { item in
            holds[item].map { now - $0.lastUsed >= SubscriptionLedger.idleHold } ?? false
        }
        guard let item = idle.min() else { return nil }
        let (symbols, types) = group(item, among: Set(idle), room: .max)
        return .unsubscribe(symbols, types)
    }

    private mutating func makeRoom(_ count: Int, _ missing: [Item], now: Instant) -> Step {
        // The longest unused first.
        let victims = releasable(now: now).sorted {
            (holds[$0]?.lastUsed ?? now, $0) < (holds[$1]?.lastUsed ?? now, $1)
        }
        if let victim = victims.first {
            let (symbols, types) = group(victim, among: Set(victims.prefix(count)), room: .max)
            return .unsubscribe(symbols, types)
        }
        // Others may have let go meanwhile.
        guard isCountFresh else { return .count }
        let ages = holds.filter { !wanted.contains($0.key) && pulls[$0.key] == nil }.map(\.value.since)
        return .refuse(missing, retryAfter: ages.min().map { $0 + SubscriptionLedger.minimumHold - now })
    }

    private func releasable(now: Instant) -> [Item] {
        holds.filter { item, hold in
            !wanted.contains(item) && pulls[item] == nil && now - hold.since >= SubscriptionLedger.minimumHold
        }.map(\.key)
    }

    private func subscribe(_ first: Item, among missing: Set<Item>, room: Int) -> Step {
        let isWanted = wanted.contains(first)
        let alike = missing.filter { wanted.contains($0) == isWanted && alone.contains($0) == alone.contains(first) }
        let (symbols, types) =
            alone.contains(first) ? ([first.symbol], [first.type]) : group(first, among: alike, room: room)
        return .subscribe(symbols, types, pushes: isWanted)
    }

    /// The securities of one country with the same set of types as the first one's, so that every combination is meant.
    private func group(_ first: Item, among items: Set<Item>, room: Int) -> ([Symbol], [SubscriptionType]) {
        let bySymbol = Dictionary(grouping: items) { $0.symbol }.mapValues { Set($0.map(\.type)) }
        guard let types = bySymbol[first.symbol] else { return ([first.symbol], [first.type]) }
        guard types.count <= room else { return ([first.symbol], [first.type]) }
        let isUnitedStates = first.symbol.market == .unitedStates
        let symbols = bySymbol.filter { $0.value == types && ($0.key.market == .unitedStates) == isUnitedStates }.keys
            .sorted()
        let count = min(SubscriptionLedger.batch, room == .max ? symbols.count : room / max(types.count, 1))
        let kept = symbols.contains(first.symbol) ? [first.symbol] + symbols.filter { $0 != first.symbol } : symbols
        return (Array(kept.prefix(max(1, count))).sorted(), types.sorted { $0.rawValue < $1.rawValue })
    }

    // MARK: How a step ended

    /// The gateway's count; quota of others is in it.
    mutating func counted(remaining left: Int) {
        remaining = max(0, left)
        isCountFresh = true
        pending = nil
    }

    /// It was done.
    mutating func succeeded(now: Instant) {
        defer { pending = nil }
        switch pending {
        case .subscribe(let symbols, let types, let pushes):
            for item in items(symbols, types) {
                alone.remove(item)
                if holds[item] == nil { remaining = remaining.map { max(0, $0 - 1) } }
                holds[item] = Hold(since: now, lastUsed: now, isRegistered: pushes)
            }
            isCountFresh = false
        case .register(let symbols, let types):
            for item in items(symbols, types) { holds[item]?.isRegistered = true }
        case .unregister(let symbols, let types):
            for item in items(symbols, types) {
                holds[item]?.isRegistered = false
                holds[item]?.lastUsed = now
            }
        case .unsubscribe(let symbols, let types):
            for item in items(symbols, types) where holds.removeValue(forKey: item) != nil {
                remaining = remaining.map { $0 + 1 }
            }
        case .count, .refuse, nil: break
        }
    }

    /// The gateway refused it for good; those that cannot be had. A request of several is tried again one by one.
    mutating func failed(now: Instant) -> [Item] {
        defer { pending = nil }
        switch pending {
        case .subscribe(let symbols, let types, _):
            let all = items(symbols, types)
            guard all.count == 1 else {
                alone.formUnion(all)
                return []
            }
            alone.subtract(all)
            refused.formUnion(all)
            return all
        case .register(let symbols, let types):
            // Held and without pushes is of no use to a stream: it begins anew.
            for item in items(symbols, types) { holds[item] = nil }
            return []
        case .unregister(let symbols, let types):
            for item in items(symbols, types) { holds[item]?.isRegistered = false }
            return []
        case .unsubscribe(let symbols, let types):
            // By the gateway's clock it is too young.
            for item in items(symbols, types) { holds[item]?.since = now }
            return []
        case .count:
            // Without a count every unit is tried.
            remaining = remaining ?? .max / 2
            isCountFresh = true
            return []
        case .refuse, nil: return []
        }
    }

    /// The gateway says that its quota is used up: the count was wrong.
    mutating func quotaExceeded() {
        remaining = 0
        isCountFresh = true
        pending = nil
    }

    /// It did not come to an answer; it is tried again.
    mutating func retryLater() { pending = nil }

    /// When something may be released; `nil` for never.
    func nextRelease(now: Instant) -> Instant? {
        holds.filter { !wanted.contains($0.key) && pulls[$0.key] == nil }
            .map {
                max($0.value.since + SubscriptionLedger.minimumHold, $0.value.lastUsed + SubscriptionLedger.idleHold)
            }
            .min()
    }

    private func items(_ symbols: [Symbol], _ types: [SubscriptionType]) -> [Item] {
        symbols.flatMap { symbol in types.map { Item(symbol, $0) } }
    }
}
