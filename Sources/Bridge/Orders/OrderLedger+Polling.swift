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

    /// One after the other, as they came. A fill whose order nobody has told of yet is left to the list, which is asked for
    /// a moment later.
    private func learnPushedExecutions() async {
        while let execution = pushedExecutions.first, !isStopped {
            await drained()
            if (try? await order(brokerOrderID: execution.brokerOrderID)) != nil {
                await keep([execution], isNews: true)
            } else {
                areExecutionsDue = true
                timer.schedule(after: .milliseconds(500))
            }
            pushedExecutions.removeFirst()
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
        let orders = try await broker.todaysOrders(wait: wait)
        take(orders.map { News(order: $0, origin: .poll, askedAt: asked) })
        if !isReconciled { try await becomeReconciled(wait: wait) }
        let numbers = Set(orders.map(\.brokerOrderID))
        let tags = Set(orders.compactMap { OrderID(remark: $0.remark) })
        for order in openOrders + ordersWithLiveExits
        where !submitting.contains(order.id) && lastChange(order.id) < asked {
            if order.brokerOrderID == nil, !tags.contains(order.id) {
                await lookFor(order, askedAt: asked, wait: wait)
            }
        }
        let absent = (openOrders + ordersWithLiveExits).filter { order in
            guard let number = order.brokerOrderID, !submitting.contains(order.id) else { return false }
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

    // MARK: Fills

    func pollExecutions(wait: Duration) async throws(BrokerFailure) {
        areExecutionsDue = false
        do throws(BrokerFailure) {
            await keep(try await broker.todaysExecutions(wait: wait), isNews: true)
        } catch {
            // A broker that never tells fills is not asked again and again.
            areExecutionsDue = error.kind != .notSupported
            throw error
        }
    }

    /// Keeps fills that are new; those of today are told, those of the past are not news.
    func keep(_ executions: [Execution], isNews: Bool) async {
        if seenExecutions.count > 50_000 { seenExecutions = [] }
        for execution in executions where !seenExecutions.contains(execution.id) {
            var side = execution.side
            let order = try? await order(brokerOrderID: execution.brokerOrderID)
            side = side ?? order?.request.side
            var execution = execution
            execution.side = side
            var json = JSONWriter()
            json.beginObject()
            json.members(of: execution, account: alias, orderID: order?.id.text)
            json.endObject()
            let body = String(decoding: json.bytes, as: UTF8.self)
            let (alias, kept) = (alias, execution)
            do throws(StorageError) {
                let number = try await database.write { connection throws(StorageError) -> Int64? in
                    guard try OrderStore.insert(kept, account: alias, body: body, on: connection), isNews else {
                        return nil
                    }
                    return try OrderStore.append(
                        account: alias, topic: "executions", event: "execution", at: kept.time, body: body,
                        on: connection)
                }
                seenExecutions.insert(execution.id)
                if let number {
                    onEvent?(
                        JournalEntry(
                            number: number, account: alias, topic: "executions", event: "execution", at: kept.time,
                            body: body))
                }
            } catch {
                areExecutionsDue = true
                onAlarm?("executions.not_saved", "\(error)")
                return
            }
        }
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

    /// Brings fills of earlier days in, as far back as `start`, once.
    func learnPastExecutions(from start: WallTime, wait: Duration) async throws(BrokerFailure) {
        let end = pastExecutionsKnownFrom ?? .now()
        guard start < end else { return }
        var cursor: String?
        for _ in 0..<20 {
            let page = try await broker.pastExecutions(PastRequest(start: start, end: end, cursor: cursor), wait: wait)
            await keep(page.elements, isNews: false)
            cursor = page.next
            if cursor == nil { break }
        }
        if cursor == nil { pastExecutionsKnownFrom = start }
    }
}
