internal import BrokerModel
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Cancellations of many orders at once: each has an outcome of its own, in one answer.
extension BridgeApplication {
    func cancelAll(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try requireCancelScope(context)
        let ledger = try ledger(context)
        try context.noParameters()
        var symbols: [Symbol] = []
        var side: OrderSide?
        if !context.request.body.isEmpty {
            var body = try BodyReader(context.request.body)
            for text in try body.strings("symbols", maximumCount: 500) ?? [] {
                symbols.append(try context.symbol(text, field: "/symbols"))
            }
            side = try body.word("side")
            try body.finish()
        }
        let (chosen, wanted, wait) = (symbols, side, longestWait(context))
        return .pending { [self] in
            do throws(Problem) { try await ledger.reconciledIfReturned(wait: wait) } catch {
                return context.problem(error)
            }
            let cancellations = beginCancelling(ledger, context) { order in
                (chosen.isEmpty || chosen.contains(order.request.symbol))
                    && (wanted.map { $0 == order.request.side } ?? true)
            }
            var json = JSONWriter(capacity: 256 * cancellations.count + 64)
            json.beginObject()
            json.key("data")
            await write(cancellations, ledger, context, to: &json)
            json.key("next_cursor")
            json.null()
            json.endObject()
            return context.json(json.bytes)
        }
    }

    /// One order's cancellation, which goes on when nobody waits for it any more.
    struct Cancellation {
        let order: Order
        fileprivate let outcome: Completion<CancellationOutcome>
    }

    fileprivate enum CancellationOutcome: Sendable {
        case answered(Result<Order, Problem>)
        /// The submit became nothing, so there is nothing to cancel.
        case neverWas
        /// Nobody has answered yet.
        case late
    }

    /// Asks for the cancellation of every open order that is wanted and that the key may use.
    ///
    /// Orders whose submit is under way are cancelled once it was answered. Each waits for the broker's limits as long as the
    /// answer's time allows.
    func beginCancelling(
        _ ledger: OrderLedger, _ context: RouteContext, _ isWanted: (Order) -> Bool = { _ in true }
    ) -> [Cancellation] {
        let last = lastDeparture(context)
        let orders = ledger.ordersToCancel.filter { isWanted($0) && context.holder.mayUse(symbol: $0.request.symbol) }
        // Together: the pacer lets them go as fast as the broker takes them.
        return orders.map { order in
            let outcome = Completion<CancellationOutcome>()
            spawn {
                let result = await ledger.cancelOnceSubmitted(order, caller: context.caller, until: last)
                outcome.resolve(result.map { .answered($0) } ?? .neverWas)
            }
            return Cancellation(order: order, outcome: outcome)
        }
    }

    /// Writes the list of what came of each; what has no answer when the time is over is told as the order stands.
    func write(
        _ cancellations: [Cancellation], _ ledger: OrderLedger, _ context: RouteContext, to json: inout JSONWriter
    ) async {
        let late = LoopTimer { for each in cancellations { each.outcome.resolve(.late) } }
        late.schedule(after: max(.zero, context.request.receivedAt + answerTime * 9 / 10 - .now()))
        defer { late.cancel() }
        json.beginArray()
        for each in cancellations {
            let outcome = (try? await each.outcome.value()) ?? .late
            let result: Result<Order, Problem>
            switch outcome {
            case .answered(let answer): result = answer
            case .neverWas: continue
            case .late: result = .success(ledger.latest(each.order))
            }
            json.beginObject()
            json.key("id")
            json.string(each.order.id.text)
            switch result {
            case .success(let order):
                json.key("status")
                json.int(order.status.isFinal ? 200 : 202)
                json.key("order_status")
                json.string(order.status.rawValue)
            case .failure(let problem):
                json.key("status")
                json.int(problem.status)
                json.key("problem")
                problem.write(to: &json, requestID: nil)
            }
            json.endObject()
        }
        json.endArray()
    }

    /// Until when a cancellation may wait for the broker's limits; what is left is for the answer to the last one.
    private func lastDeparture(_ context: RouteContext) -> Instant {
        let received = context.request.receivedAt
        return preferredWait(context).map { received + .seconds($0) } ?? received + answerTime * 8 / 10
    }
}
