internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPWire
internal import Storage

/// Nothing that adds risk leaves before the broker's list of orders has been seen in this run.
///
/// The state may have been put back to an older copy, and nothing on this machine need show it. Then the broker has orders
/// of ours that the ledger does not know. Their tags are their ids, and say for which idempotency key they were made: they
/// are taken in under the same ids, and the same key answers with them instead of sending again.
extension OrderLedger {
    // MARK: Before anything is sent

    /// Why an order or an amendment cannot be sent yet; `nil` when it can.
    func unreconciled(wait: Duration) async -> Problem? {
        guard !isReconciled else { return nil }
        if !isReturned, let failure = await polled(wait: wait) { return Problem(failure) }
        return isReconciled ? nil : OrderLedger.reconcilingProblem
    }

    /// Waits until the list has been seen, where the state was put back.
    func reconciledIfReturned(wait: Duration) async throws(Problem) {
        guard isReturned, !isReconciled else { return }
        if await polled(wait: wait) != nil || !isReconciled { throw OrderLedger.reconcilingProblem }
    }

    nonisolated static let reconcilingProblem = Problem(
        status: 503, code: "state_reconciling",
        detail: "The state was put back to an older copy: nothing is sent until it agrees with the broker's orders.",
        retryable: true, retryAfter: .seconds(2))

    /// The state turns out to be older than what it was: everything waits for the broker's lists, those of the last days
    /// included.
    func stateReturned() {
        guard !isReturned else { return }
        isReturned = true
        isReconciled = false
        pastKnownFrom = nil
        timer.schedule(after: .milliseconds(10))
    }

    /// Asks for the list, or waits for whoever is asking for the first one. Says why there is none.
    func polled(wait: Duration) async -> BrokerFailure? {
        if let reconciling { return await reconciling.value }
        let task = spawn { [self] () async -> BrokerFailure? in
            defer { reconciling = nil }
            do throws(BrokerFailure) { try await pollOrders(wait: wait) } catch { return isReconciled ? nil : error }
            return nil
        }
        if !isReconciled { reconciling = task }
        return await task.value
    }

    /// The list of today has been taken in.
    func becomeReconciled(wait: Duration) async throws(BrokerFailure) {
        await drained()
        if isReturned {
            // As far back as an idempotency key may be used again, and a day more.
            let start = WallTime.now() + (.seconds(-86_400) - IdempotencyStore.life)
            do throws(BrokerFailure) { try await learnPastOrders(from: start, wait: wait) } catch {
                guard error.kind == .notSupported else { throw error }
            }
        }
        guard !isReconciled else { return }
        isReconciled = true
        onReconciled?()
    }

    // MARK: Orders found again

    /// Whether an order at the broker was made by this bridge, and is nowhere in its state.
    func isLost(_ id: OrderID) async -> Bool {
        guard id.instance == instance else { return false }
        let isHere = try? await database.read { connection throws(StorageError) in
            try OrderStore.has(id, on: connection)
        }
        return isHere == false
    }

    /// Takes an order in again, under its own id.
    func recover(_ id: OrderID, _ news: News, at now: WallTime) async {
        onAlarm?("orders.recovered", "the broker has \(id), which the state had lost")
        let order = Order(id: id, account: alias, recovered: news.order, at: now)
        if !order.filledQuantity.isZero { areExecutionsDue = true }
        recovered[id.keyCode] = id
        onRecovered?(id)
        trail?.recovered(order)
        await update(
            order, TimelineEntry(kind: "recovered", at: now, detail: "Found at the broker by its tag."),
            origin: .reconciled)
    }

    /// The answer to a submit whose order was found again; `nil` if there is none for its key.
    func recovered(_ request: OrderRequest, _ key: IdempotencyKey) async -> OrderAnswer? {
        guard let id = recovered[OrderLedger.code(of: key)], id.time + IdempotencyStore.life > .now() else {
            return nil
        }
        let now = WallTime.now()
        let claim: IdempotencyStore.Claim
        do throws(StorageError) {
            guard let order = try await order(id) else { return nil }
            guard order.request.isLike(request) else { return await answer(to: .mismatch) }
            guard order.request.isAsLarge(as: request) else { return OrderLedger.isAnotherNow(order) }
            claim = try await database.write { connection throws(StorageError) in
                try IdempotencyStore.claim(key, orderID: id.text, now: now, on: connection)
            }
            recovered[id.keyCode] = nil
            guard var latest = try await self.order(id) else { return nil }
            if claim == .claimed, latest.named(request.clientOrderID, note: request.note, at: now) {
                await update(latest, TimelineEntry(kind: "claimed", at: now, detail: "Its caller came again."))
            }
        } catch { return OrderLedger.unavailable(error) }
        return await answer(to: claim == .claimed ? .unanswered(orderID: id.text) : claim)
    }

    /// The broker shows an order as it is, not as it was asked for. Nothing is sent for it, whatever it was.
    private static func isAnotherNow(_ order: Order) -> OrderAnswer {
        let limit = order.request.prices[.limit].map { " at \($0)" } ?? ""
        let detail =
            "The order \(order.id), found again at the broker for this Idempotency-Key, is for \(order.request.quantity)\(limit): the key was used for another request, or the order was amended since."
        return OrderAnswer(
            status: 422, body: [],
            problem: Problem(
                status: 422, code: "idempotency_mismatch", detail: detail, field: "Idempotency-Key",
                extra: [("order_id", .string(order.id.text))]))
    }

    // MARK: Ids

    /// The id of a new order: what it was made for can be told from it.
    func newID(for key: IdempotencyKey, at now: WallTime) -> OrderID {
        guard let instance else { return OrderID(at: now, random: .random(in: .min ... .max)) }
        let code = OrderLedger.code(of: key)
        var time = now
        var id = OrderID(at: time, keyCode: code, instance: instance)
        // A key that was freed may come again within the same millisecond, and several with one key at once.
        while known[id] != nil || submitting[id] != nil {
            time = time + .milliseconds(1)
            id = OrderID(at: time, keyCode: code, instance: instance)
        }
        return id
    }

    /// 35 bits of a hash of everything that makes the key one of its own.
    nonisolated static func code(of key: IdempotencyKey) -> UInt64 {
        let text = "order-key\0\(key.holder)\0\(key.route)\0\(key.key)"
        return Digest.sha256(Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) } >> 29
    }
}

extension OrderRequest {
    /// Whether this, as the broker shows it, may be what was asked for: its security, which way, and how it is priced.
    func isLike(_ asked: OrderRequest) -> Bool {
        // Brokers do not say whether shares are borrowed, and a gateway shows both kinds of limit orders as one.
        func shown(_ type: OrderType) -> OrderType { type == .enhancedLimit ? .limit : type }
        return symbol == asked.symbol && side.isBuying == asked.side.isBuying && shown(type) == shown(asked.type)
    }

    /// Whether quantity and limit are the same, as far as both have one.
    func isAsLarge(as asked: OrderRequest) -> Bool {
        guard quantity == asked.quantity else { return false }
        guard let limit = prices[.limit], let askedLimit = asked.prices[.limit] else { return true }
        return limit == askedLimit
    }
}
