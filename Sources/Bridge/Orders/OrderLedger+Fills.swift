internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import Storage

/// Fills: kept once, told once, and joined to their orders.
extension OrderLedger {
    /// One after the other, as they came. A fill whose order nobody has told of yet is left to the list, which is asked for
    /// a moment later.
    func learnPushedExecutions() async {
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

    func pollExecutions(wait: Duration) async throws(BrokerFailure) {
        areExecutionsDue = false
        // What the list told may say whose they are.
        await drained()
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
            let owner = await owner(of: execution)
            guard owner != nil || !isNews || !isStranger(execution) else { continue }
            strangers[execution.id] = nil
            var execution = execution
            if execution.side == nil, let owner, owner.attached == nil {
                execution.side = (try? await order(owner.order))?.request.side
            }
            var json = JSONWriter()
            json.beginObject()
            json.members(of: execution, account: alias, owner: owner)
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

    // MARK: Whose they are

    /// The order of a fill, or the one that its order is attached to; `nil` for an order nobody has told of.
    private func owner(of execution: Execution) async -> AttachedOrderStore.Owner? {
        let number = execution.brokerOrderID
        if let order = try? await order(brokerOrderID: number) { return AttachedOrderStore.Owner(order: order.id) }
        let alias = alias
        return try? await database.read { connection throws(StorageError) in
            try AttachedOrderStore.owner(brokerOrderID: number, account: alias, on: connection)
        }
    }

    /// Whether a fill has to wait for the list of orders, which may say whose it is: of an order attached to another, of one
    /// somebody else placed.
    private func isStranger(_ execution: Execution) -> Bool {
        let now = Instant.now()
        if strangers.count > OrderLedger.inboxBound { strangers = [:] }
        let since = strangers[execution.id] ?? now
        guard (listKnownAt ?? .zero) <= since else { return false }
        strangers[execution.id] = since
        isListDue = true
        timer.schedule(after: .milliseconds(50))
        return true
    }

    // MARK: Of earlier days

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
