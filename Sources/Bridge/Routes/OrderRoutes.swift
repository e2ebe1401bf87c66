internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Storage

extension BridgeApplication {
    static func addOrderRoutes(to table: inout RouteTable<Route>) {
        let base = "/v1/accounts/{account}/orders"
        table.add(
            .post, base,
            Route(scope: .trade) { application, context throws(Problem) in try application.submit(context) })
        table.add(
            .get, base,
            Route(scope: .accountRead) { application, context throws(Problem) in try application.orders(context) })
        table.add(
            .post, base + "/estimate",
            Route(scope: .accountRead) { application, context throws(Problem) in try application.estimate(context) })
        table.add(
            .post, base + "/cancel-all",
            Route(group: .cancel) { application, context throws(Problem) in try application.cancelAll(context) })
        table.add(
            .get, base + "/{id}",
            Route(scope: .accountRead) { application, context throws(Problem) in try application.order(context) })
        table.add(
            .patch, base + "/{id}",
            Route(scope: .trade) { application, context throws(Problem) in try application.amend(context) })
        table.add(
            .delete, base + "/{id}",
            Route(group: .cancel) { application, context throws(Problem) in try application.cancel(context) })
        table.add(
            .get, "/v1/accounts/{account}/executions",
            Route(scope: .accountRead) { application, context throws(Problem) in try application.executions(context) })
        table.add(
            .get, "/v1/accounts/{account}/events",
            Route(scope: .accountRead) { application, context throws(Problem) in try application.events(context) })
    }

    // MARK: Who

    /// The account's orders, if the key may use it and its broker trades.
    func ledger(_ context: RouteContext) throws(Problem) -> OrderLedger {
        let broker = try accounts.named(context.parameters["account"], context.holder)
        guard let ledger = ledgers[broker.account.alias] else {
            throw Problem(
                status: 501, code: "not_supported_by_broker", detail: "The account has no trading side.")
        }
        return ledger
    }

    func requireCancelScope(_ context: RouteContext) throws(Problem) {
        guard context.holder.may(.trade) || context.holder.may(.tradeCancel) else {
            throw Problem(
                status: 403, code: "insufficient_scope", detail: "The key lacks the scope trade or trade:cancel.")
        }
    }

    // MARK: Submit

    private func submit(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        var query = QueryReader(context.request.head.target)
        let isDryRun = try query.boolean("dry_run") ?? false
        try query.finish()
        let holder = context.holder.name
        let key = isDryRun ? nil : try context.idempotencyKey()
        let request = try context.orderRequest()
        do throws(BrokerFailure) { try ledger.broker.validate(request) } catch { throw Problem(error, member: true) }
        let broker = try accounts.named(ledger.alias, context.holder)
        let wait = longestWait(context)
        return .pending { [self] in
            let instrument: Instrument?
            do throws(Problem) {
                instrument = try await checkAgainstInstrument(request, broker, wait: wait)
            } catch { return context.problem(error) }
            let intent = OrderIntent(request, OrderFigures())
            let figures = await figures(intent, instrument, ledger.alias, holder, broker, wait: wait)
            guard let key else { return context.dryRun(request, OrderIntent(request, figures), ledger.alias, risk) }
            return context.answer(
                await ledger.submit(
                    request, key: key, requestID: context.request.id, caller: context.caller, figures: figures,
                    wait: wait))
        }
    }

    /// What the rules of risk ask for.
    private func figures(
        _ intent: OrderIntent, _ instrument: Instrument?, _ alias: String, _ holder: String, _ broker: any Broker,
        wait: Duration
    ) async -> OrderFigures {
        let last = await lastPrice(intent, alias, holder, broker, wait: wait)
        let size = await contractSizes.size(
            intent.symbol, instrument, of: [broker] + accounts.brokers,
            isNeeded: risk.needsValue(intent, account: alias, holder: holder), wait: min(wait, .seconds(5)))
        return OrderFigures(last: last, contractSize: size)
    }

    /// The last price, if a rule of risk asks for it.
    private func lastPrice(
        _ intent: OrderIntent, _ alias: String, _ holder: String, _ broker: any Broker, wait: Duration
    ) async -> DecimalText? {
        guard risk.needsLastPrice(intent, account: alias, holder: holder) else { return nil }
        let market = intent.symbol.market
        // The account's own figures before those of another.
        let source = ([broker] + accounts.brokers).first {
            $0.account.capabilities.contains(.quotes) && $0.account.markets.contains(market)
        }
        guard let source else { return nil }
        return await lastPrices.last(intent.symbol, of: source, wait: min(wait, .seconds(5)))
    }

    /// Lots and price steps, as far as the broker tells them. A broker that cannot be asked now does not keep an order
    /// from being sent: it judges the same things itself. Gives what was told of the security.
    private func checkAgainstInstrument(
        _ request: OrderRequest, _ broker: any Broker, wait: Duration
    ) async throws(Problem) -> Instrument? {
        let results: SymbolResults<Instrument>
        do throws(BrokerFailure) {
            results = try await instrumentCache.instruments([request.symbol], broker, wait: wait)
        } catch { return nil }
        if let failure = results.failures[request.symbol], failure.kind == .unknownSymbol {
            throw Problem(failure, member: true)
        }
        guard let instrument = results.values[request.symbol] else { return nil }
        try OrderCheck(instrument).check(request)
        return instrument
    }

    private func estimate(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        try context.noParameters()
        var body = try BodyReader(context.request.body)
        let replacing = try body.string("replacing", maximumBytes: 64)
        let request = try OrderRequest(estimating: &body)
        try body.finish()
        try context.checkSymbol(request.symbol)
        let wait = longestWait(context)
        return .pending {
            do throws(BrokerFailure) {
                let maximum = try await ledger.broker.maximumQuantity(request, replacing: replacing, wait: wait)
                var json = JSONWriter()
                json.beginObject()
                json.key("symbol")
                json.string(request.symbol.text)
                json.key("max_quantity_cash")
                json.decimal(maximum.cash)
                json.key("max_quantity_margin")
                json.decimal(maximum.margin)
                json.endObject()
                return context.json(json.bytes)
            } catch { return context.problem(Problem(error)) }
        }
    }

    // MARK: One order

    private func order(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        let reference = try OrderReference(context.parameters["id"])
        var query = QueryReader(context.request.head.target)
        let wantsDetail = try query.boolean("detail") ?? true
        try query.finish()
        let wait = longestWait(context)
        return .pending {
            do throws(Problem) {
                let order = try await ledger.find(reference, for: context.holder)
                let timeline = try await ledger.timeline(order.id)
                var detail: BrokerOrderDetail?
                var failure: BrokerFailure?
                if wantsDetail, let number = order.brokerOrderID {
                    do throws(BrokerFailure) {
                        detail = try await ledger.broker.detail(brokerOrderID: number, wait: wait)
                    } catch { failure = error }
                }
                return context.order(order, ledger.account, detail, timeline, failure)
            } catch { return context.problem(error) }
        }
    }

    private func amend(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        let reference = try OrderReference(context.parameters["id"])
        try context.noParameters()
        var body = try BodyReader(context.request.body)
        let change = try OrderChange(reading: &body)
        try body.finish()
        guard change != OrderChange() else {
            throw Problem(status: 400, code: "missing_field", detail: "Nothing is to be changed.", field: "/quantity")
        }
        if let quantity = change.quantity, quantity <= .zero {
            throw Problem(
                status: 422, code: "invalid_quantity", detail: "The quantity must be above zero.", field: "/quantity")
        }
        let expected = try context.expectedVersion()
        let broker = try accounts.named(ledger.alias, context.holder)
        let wait = longestWait(context)
        return .pending { [self] in
            do throws(Problem) {
                let order = try await ledger.find(reference, for: context.holder)
                try OrderReference.check(expected, order)
                try OrderReference.check(change, order)
                var amended = order.request.amended(by: change)
                // It stays as it is, and may be somebody else's.
                amended.note = nil
                do throws(BrokerFailure) { try ledger.broker.validate(amended) } catch {
                    throw Problem(error, member: true)
                }
                let instrument = try await checkAgainstInstrument(amended, broker, wait: wait)
                let holder = context.holder.name
                let intent = OrderIntent(order.request, changed: change, OrderFigures())
                let figures = await figures(intent, instrument, ledger.alias, holder, broker, wait: wait)
                let changed = try await ledger.replace(
                    order, change, holder: holder, caller: context.caller, figures: figures, wait: wait
                ).get()
                return context.order(changed, ledger.account, status: changed.outcome == .unknown ? 202 : 200)
            } catch { return context.problem(error) }
        }
    }

    private func cancel(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try requireCancelScope(context)
        let ledger = try ledger(context)
        let reference = try OrderReference(context.parameters["id"])
        try context.noParameters()
        let expected = try context.expectedVersion()
        let wait = longestWait(context)
        return .pending {
            do throws(Problem) {
                let order = try await ledger.find(reference, for: context.holder)
                try OrderReference.check(expected, order)
                // It is over already: that is what was wanted, or cannot be had.
                if order.status.isFinal { return context.order(order, ledger.account) }
                let cancelled = try await ledger.cancel(order, caller: context.caller, wait: wait).get()
                return context.order(cancelled, ledger.account, status: cancelled.status.isFinal ? 200 : 202)
            } catch { return context.problem(error) }
        }
    }
}
