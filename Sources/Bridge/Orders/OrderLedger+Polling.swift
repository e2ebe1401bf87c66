internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import Storage

/// What no push said is asked for: lists of orders and fills, as long as anything can change.
extension OrderLedger {
    func told(_ event: TradeEvent) {
        switch event {
        case .order(let order): take([News(order: order, origin: .push, askedAt: nil)])
        case .execution(let execution):
            guard pushedExecutions.count < OrderLedger.inboxBound else { return areExecutionsDue = true }
            pushedExecutions.append(execution)
            guard pushedExecutions.count == 1 else { return }
            spawn { [weak self] in await self?.learnPushedExecutions() }
        case .ready, .lost:
            // What happened while nothing was pushed.
            lastPoll = nil
            areExecutionsDue = true
            if case .ready = event { isListDue = true }
            timer.schedule(after: .milliseconds(10))
        }
    }

    /// How long until the list is asked for again; `nil` for not at all.
    ///
    /// At most ten of the fourteen calls that may only look in the broker's thirty seconds; see docs/orders.md.
    private var pollInterval: Duration? {
        let open = openOrders
        if !missing.isEmpty || open.contains(where: { $0.status == .unknown }) { return .seconds(3) }
        // Nobody pushes what becomes of attached orders, and their numbers are only in the list.
        if open.contains(where: { $0.request.attached != nil && $0.attachedOrders.isEmpty })
            || open.contains(where: { $0.pending?.change.showsInListsOnly == true })
            || ordersWithLiveExits.contains(where: \.isMissingAttachedOrders)
        {
            return .seconds(4)
        }
        if open.contains(where: { $0.pending != nil }) { return .seconds(broker.isPushing ? 8 : 4) }
        if !ordersWithLiveExits.isEmpty { return .seconds(10) }
        if !open.isEmpty { return .seconds(broker.isPushing ? 30 : 6) }
        return nil
    }

    func timePassed() {
        guard !isStopped, poll == nil else { return }
        let now = Instant.now()
        let isFirst = isListDue || lastPoll == nil && broker.isPushing
        let isDue =
            isFirst || isReturned && !isReconciled || pollInterval.map { now >= (lastPoll ?? .zero) + $0 } ?? false
        if isDue || areExecutionsDue {
            poll = spawn { [weak self] in
                guard let self else { return }
                await saveUnsaved()
                if isDue { _ = await polled(wait: .seconds(20)) }
                if areExecutionsDue { try? await pollExecutions(wait: .seconds(20)) }
                poll = nil
                schedule()
            }
        } else {
            spawn { [weak self] in
                await self?.saveUnsaved()
                self?.schedule()
            }
        }
    }

    private func schedule() {
        guard !isStopped else { return }
        if isReturned, !isReconciled { return timer.schedule(after: .seconds(2)) }
        timer.schedule(after: areExecutionsDue ? .seconds(1) : pollInterval.map { min($0, .seconds(3)) } ?? .seconds(5))
    }

    /// Asks for the list, takes it in, and settles what is not in it.
    func pollOrders(wait: Duration) async throws(BrokerFailure) {
        let asked = Instant.now()
        lastPoll = asked
        isListDue = false
        let orders: [BrokerOrder]
        do throws(BrokerFailure) { orders = try await broker.todaysOrders(wait: wait) } catch {
            isListDue = !strangers.isEmpty
            throw error
        }
        listKnownAt = asked
        if !strangers.isEmpty { areExecutionsDue = true }
        take(orders.map { News(order: $0, origin: .poll, askedAt: asked) })
        if !isReconciled { try await becomeReconciled(wait: wait) }
        let numbers = Set(orders.map(\.brokerOrderID))
        let tags = Set(orders.compactMap { OrderID(remark: $0.remark) })
        for order in openOrders + ordersWithLiveExits
        where submitting[order.id] == nil && lastChange(order.id) < asked {
            if order.brokerOrderID == nil, !tags.contains(order.id) {
                await lookFor(order, askedAt: asked, wait: wait)
            }
        }
        let absent = (openOrders + ordersWithLiveExits).filter { order in
            guard let number = order.brokerOrderID, submitting[order.id] == nil else { return false }
            return !numbers.contains(number) && lastChange(order.id) < asked
        }
        missing = missing.filter { entry in absent.contains { $0.id == entry.key } }
        if !absent.isEmpty { try await lookAt(absent, wait: wait) }
    }

    /// An order without a number that the list does not have. When nothing can be under way any more, it was never
    /// received.
    private func lookFor(_ order: Order, askedAt: Instant, wait: Duration) async {
        guard order.status == .unknown, askedAt - lastChange(order.id) >= configuration.settleTime else { return }
        // It may be of an earlier trading day.
        var cursor: String?
        for _ in 0..<20 {
            let request = PastRequest(
                start: order.createdAt + .seconds(-3600), end: .now(), symbol: order.request.symbol, cursor: cursor)
            let asked = Instant.now()
            guard let page = try? await broker.pastOrders(request, wait: wait) else { return }
            if let found = page.elements.first(where: { OrderID(remark: $0.remark) == order.id }) {
                return take([News(order: found, origin: .poll, askedAt: asked)])
            }
            cursor = page.next
            if cursor == nil { break }
        }
        guard cursor == nil, var latest = known[order.id] else { return }
        let now = WallTime.now()
        guard latest.notReceived(at: now) else { return }
        await update(
            latest, TimelineEntry(kind: "reconciled", at: now, detail: "The broker has no order with our tag."),
            origin: .reconciled)
    }

    // MARK: The past

    /// Brings orders of earlier days in, as far back as `start`, once.
    func learnPastOrders(from start: WallTime, wait: Duration) async throws(BrokerFailure) {
        let end = pastKnownFrom ?? .now()
        guard start < end else { return }
        var cursor: String?
        for _ in 0..<20 {
            let page = try await broker.pastOrders(PastRequest(start: start, end: end, cursor: cursor), wait: wait)
            take(page.elements.map { News(order: $0, origin: .poll, askedAt: nil, isPast: true) })
            cursor = page.next
            if cursor == nil { break }
        }
        await drained()
        if cursor == nil { pastKnownFrom = start }
    }
}
