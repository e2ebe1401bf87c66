internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import Storage

/// The orders of one account: what was asked, sent, answered and seen, durable before anybody is told.
///
/// News of the broker's, pushed or polled, goes through one inbox, in order. Each change is one commit (order, timeline,
/// journal) and then one event. An order whose outcome is unknown is looked for until it is known; it is never sent again.
@LoopActor
final class OrderLedger {
    /// An event for streams, after its commit.
    var onEvent: ((JournalEntry) -> Void)?
    /// Something a person should look at.
    var onAlarm: ((_ event: StaticString, _ detail: String) -> Void)?

    /// An order of ours turned up at the broker that is not in the state: the state is older than what it was.
    var onRecovered: ((OrderID) -> Void)?
    /// The broker's list has been seen in this run.
    var onReconciled: (() -> Void)?

    /// Where what leaves for the broker is recorded.
    var trail: AuditTrail?
    /// What judges each order and amendment before it leaves.
    let risk: RiskDesk

    let alias: String
    let account: OrderAccount
    let broker: any TradingBroker
    let database: Database
    let configuration: OrdersConfiguration
    /// Which bridge this is, among those at one account; `nil` where nobody has said.
    let instance: UInt64?
    /// Whether the state was put back to an older copy; see OrderLedger+Reconciling.swift.
    var isReturned = false
    /// Whether the broker's list has been seen in this run.
    var isReconciled = false
    var reconciling: Task<BrokerFailure?, Never>?
    /// Orders found again whose idempotency key is not kept, by what their ids tell of it.
    var recovered: [UInt64: OrderID] = [:]
    /// Orders that are not final, and some that are: news of them needs no look into the database.
    private(set) var known: [OrderID: Order] = [:]
    private var byBrokerID: [String: OrderID] = [:]
    private var changedAt: [OrderID: Instant] = [:]
    /// Orders whose newest state is not on the disk.
    private var unsaved: [OrderID: TimelineEntry] = [:]
    private var inbox: [News] = []
    private var isReading = false
    private var drain = Completion<Void>()
    /// Open orders that the broker did not have when it was last asked.
    var missing: [OrderID: Absence] = [:]
    /// Orders whose submit is under way in this process.
    private(set) var submitting: [OrderID: Submitting] = [:]

    var isStopped = false
    var seenExecutions: Set<String> = []
    /// Fills that were pushed and are not kept yet; the first is being kept.
    var pushedExecutions: [Execution] = []
    var poll: Task<Void, Never>?
    var lastPoll: Instant?
    var areExecutionsDue = false
    /// Fills of orders nobody has told of, and since when they wait for the list of orders.
    var strangers: [String: Instant] = [:]
    /// When the list of orders that was taken in last was asked for.
    var listKnownAt: Instant?
    /// Whether the list is to be asked for whatever is open: a session has begun.
    var isListDue = false
    var pastKnownFrom: WallTime?
    var pastExecutionsKnownFrom: WallTime?
    lazy var timer = LoopTimer { [weak self] in self?.timePassed() }

    /// Something the broker says of an order.
    struct News {
        var order: BrokerOrder
        var origin: OrderOrigin
        /// When it was asked for; `nil` for a push.
        var askedAt: Instant?
        /// Whether it is of a list of earlier days: kept, and told to nobody.
        var isPast = false
    }

    /// An order whose submit is under way, and who waits for the end of that.
    struct Submitting {
        var order: Order
        let end: Completion<Void>
    }

    /// Final orders kept in memory; when more come, all of them are let go.
    private static let finalKept = 4000
    /// News waiting; more is dropped, and the list asked for instead.
    static let inboxBound = 20_000

    init(
        alias: String, account: OrderAccount, broker: any TradingBroker, database: Database,
        configuration: OrdersConfiguration, risk: RiskDesk, instance: UInt64? = nil
    ) {
        self.instance = instance
        self.risk = risk
        self.configuration = configuration
        self.alias = alias
        self.account = account
        self.broker = broker
        self.database = database
    }

    // MARK: Start

    /// Reads what was open when the last run ended. What was being sent then has an unknown outcome now.
    func start() async throws(StorageError) {
        let alias = alias
        let since = WallTime.now() + (.zero - IdempotencyStore.life)
        let (open, unclaimed) = try await database.read { connection throws(StorageError) in
            let open =
                try OrderStore.open(account: alias, on: connection)
                + OrderStore.recentlyOver(account: alias, on: connection).filter {
                    $0.hasLiveAttachedOrders || $0.isMissingAttachedOrders
                }
            return (open, try OrderStore.unclaimed(account: alias, since: since, on: connection))
        }
        for order in unclaimed where order.id.instance == instance { recovered[order.id.keyCode] = order.id }
        for order in open { keep(order) }
        // A submit that was cut off may have reached the broker or not.
        for order in open where order.settledStatus == .pendingSubmit {
            var order = order
            let now = WallTime.now()
            if order.lost(at: now) {
                await update(
                    order, TimelineEntry(kind: "restarted", at: now, detail: "The answer was lost with the run before.")
                )
            }
        }
        broker.onTradeEvent = { [weak self] in self?.told($0) }
        timer.schedule(after: .milliseconds(100))
    }

    func stop() {
        isStopped = true
        timer.cancel()
        poll?.cancel()
        broker.onTradeEvent = nil
    }

    /// Orders that are not over.
    var openOrderIDs: [OrderID] { known.values.compactMap { $0.status.isFinal ? nil : $0.id } }

    /// Orders that are over, and whose attached orders are not, or have not been told of for ten minutes at the most.
    var ordersWithLiveExits: [Order] {
        let recently = Instant.now() + .seconds(-600)
        return known.values.filter { order in
            order.status.isFinal
                && (order.hasLiveAttachedOrders || order.isMissingAttachedOrders && lastChange(order.id) > recently)
        }
    }

    var openOrders: [Order] { known.values.filter { !$0.status.isFinal }.sorted { $0.createdAt < $1.createdAt } }

    // MARK: Submits under way

    func submitBegins(_ order: Order) { submitting[order.id] = Submitting(order: order, end: Completion()) }

    /// It was answered, given up, or became nothing.
    func submitEnded(_ id: OrderID) { submitting.removeValue(forKey: id)?.end.resolve(()) }

    // MARK: Memory

    func keep(_ order: Order) {
        if known.count > OrderLedger.finalKept {
            for (id, order) in known
            where order.settledStatus.isFinal && unsaved[id] == nil && !order.hasLiveAttachedOrders {
                known[id] = nil
                changedAt[id] = nil
                if let number = order.brokerOrderID { byBrokerID[number] = nil }
            }
        }
        known[order.id] = order
        changedAt[order.id] = .now()
        if let number = order.brokerOrderID { byBrokerID[number] = order.id }
    }

    /// The order of that id; from the database if it is not in memory.
    func order(_ id: OrderID) async throws(StorageError) -> Order? {
        if let order = known[id] { return order }
        let alias = alias
        let found = try await database.read { connection throws(StorageError) in
            try OrderStore.order(id, account: alias, on: connection)
        }
        return known[id] ?? found
    }

    func order(brokerOrderID: String) async throws(StorageError) -> Order? {
        if let id = byBrokerID[brokerOrderID], let order = known[id] { return order }
        let alias = alias
        return try await database.read { connection throws(StorageError) in
            try OrderStore.order(brokerOrderID: brokerOrderID, account: alias, on: connection)
        }
    }

    /// When it last changed in this run.
    func lastChange(_ id: OrderID) -> Instant { changedAt[id] ?? .zero }

    // MARK: Changes

    /// Makes `order` the order's state, on the disk as far as that goes, and tells of it.
    ///
    /// - Parameters:
    ///   - isTold: whether streams hear of it.
    ///   - also: done in the same commit.
    @discardableResult
    func update(
        _ order: Order, _ entry: TimelineEntry, origin: OrderOrigin = .request, isTold: Bool = true,
        also: (@Sendable (SQLConnection) throws(StorageError) -> Void)? = nil
    ) async -> Bool {
        keep(order)
        do throws(StorageError) {
            try await save(order, entry, origin, isTold, also)
            unsaved[order.id] = nil
            return true
        } catch {
            // The order goes on in memory; the disk is tried again with the newest state.
            unsaved[order.id] = entry
            onAlarm?("orders.not_saved", "\(error)")
            timer.schedule(after: .seconds(1))
            return false
        }
    }

    private func save(
        _ order: Order, _ entry: TimelineEntry, _ origin: OrderOrigin, _ isTold: Bool,
        _ also: (@Sendable (SQLConnection) throws(StorageError) -> Void)?
    ) async throws(StorageError) {
        let body = eventBody(order, origin)
        let (alias, at) = (alias, order.updatedAt)
        let number = try await database.write { connection throws(StorageError) in
            try OrderStore.save(order, entry, on: connection)
            try also?(connection)
            guard isTold else { return Int64?.none }
            return try OrderStore.append(
                account: alias, topic: "orders", event: "order", at: at, body: body, on: connection)
        }
        guard let number else { return }
        onEvent?(JournalEntry(number: number, account: alias, topic: "orders", event: "order", at: at, body: body))
    }

    func eventBody(_ order: Order, _ origin: OrderOrigin) -> String {
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.members(of: order, account)
        json.key("origin")
        json.string(origin.rawValue)
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// Tries again what the disk refused.
    func saveUnsaved() async {
        for (id, entry) in unsaved {
            guard let order = known[id] else { continue }
            await update(order, entry)
        }
    }

    // MARK: News

    /// Takes news in; it is worked off in order.
    func take(_ news: [News]) {
        guard inbox.count + news.count <= OrderLedger.inboxBound else {
            onAlarm?(
                "orders.inbox_full", "news of orders came faster than it could be kept; the list will be asked for")
            return
        }
        inbox += news
        guard !isReading else { return }
        isReading = true
        spawn { [self] in
            while !inbox.isEmpty, !isStopped {
                let next = inbox.removeFirst()
                await learn(next)
            }
            isReading = false
            drain.resolve(())
            drain = Completion()
        }
    }

    /// Returns when all news taken in so far is worked off.
    func drained() async {
        if isReading { try? await drain.value() }
    }

    private func learn(_ news: News) async {
        let found: Order?
        do throws(StorageError) { found = try await match(news.order) } catch {
            onAlarm?("orders.not_read", "\(error)")
            return
        }
        let now = WallTime.now()
        guard var order = found else { return await adopt(news, at: now) }
        // Between the look-up and now it may have changed.
        order = known[order.id] ?? order
        if let number = order.brokerOrderID, number != news.order.brokerOrderID {
            return await suspectDuplicate(order, news.order, at: now)
        }
        let wasUnknown = order.settledStatus == .unknown
        let isRevived = order.settledStatus.isFinal && order.revives(news.order)
        // A list asked for before the last change here does not know of that change.
        let isFresh = news.askedAt.map { $0 >= lastChange(order.id) } ?? false
        let filled = order.allFilledQuantities
        guard order.observed(news.order, isCurrent: isFresh, at: now) else { return }
        if isRevived { onAlarm?("orders.appeared_late", "\(order.id) is at the broker after all") }
        if order.allFilledQuantities != filled {
            areExecutionsDue = true
            timer.schedule(after: .milliseconds(50))
        }
        let origin = wasUnknown || isRevived ? OrderOrigin.reconciled : news.origin
        await update(order, TimelineEntry(kind: origin.rawValue, at: now, detail: news.order.message), origin: origin)
    }

    /// The order that this is about: by the broker's number, or by our tag.
    private func match(_ found: BrokerOrder) async throws(StorageError) -> Order? {
        if let order = try await order(brokerOrderID: found.brokerOrderID) { return order }
        guard let id = OrderID(remark: found.remark), let order = try await order(id) else { return nil }
        return order
    }

    /// An order somebody else placed.
    private func adopt(_ news: News, at now: WallTime) async {
        if let id = OrderID(remark: news.order.remark), await isLost(id) { return await recover(id, news, at: now) }
        let id = OrderID(at: news.order.submittedAt ?? now, random: .random(in: .min ... .max))
        var order = Order(id: id, account: alias, found: news.order, at: now)
        // Its remark bears a tag of ours, but it is none of ours: of another bridge, or of another account here.
        if OrderID(remark: news.order.remark) != nil { _ = order.suspectDuplicate(at: now) }
        if !order.filledQuantity.isZero { areExecutionsDue = true }
        await update(
            order, TimelineEntry(kind: "found", at: now, detail: nil), origin: news.origin,
            isTold: !(news.isPast && order.settledStatus.isFinal))
    }

    private func suspectDuplicate(_ order: Order, _ found: BrokerOrder, at now: WallTime) async {
        var order = order
        let isNew = order.suspectDuplicate(at: now)
        if isNew {
            onAlarm?("orders.duplicate_suspected", "two orders at the broker bear the tag of \(order.id)")
            await update(
                order, TimelineEntry(kind: "duplicate_suspected", at: now, detail: "Also \(found.brokerOrderID)."))
        }
        var twin = Order(
            id: OrderID(at: found.submittedAt ?? now, random: .random(in: .min ... .max)), account: alias, found: found,
            at: now)
        _ = twin.suspectDuplicate(at: now)
        await update(
            twin, TimelineEntry(kind: "found", at: now, detail: "Bears the tag of \(order.id)."), origin: .push)
    }
}

extension Order {
    /// Its own and those of the orders attached to it.
    fileprivate var allFilledQuantities: [DecimalText] {
        [filledQuantity] + attachedOrders.compactMap(\.filledQuantity).filter { !$0.isZero }
    }
}
