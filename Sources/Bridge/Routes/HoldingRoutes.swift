internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Money and securities of an account.
extension BridgeApplication {
    static func addHoldingRoutes(to table: inout RouteTable<Route>) {
        func add(
            _ name: String,
            _ handle: @escaping @LoopActor (BridgeApplication, RouteContext) throws(Problem) -> HTTPReply
        ) {
            table.add(.get, "/v1/accounts/{account}/\(name)", Route(scope: .accountRead, handle: handle))
        }
        add("balances") { application, context throws(Problem) in try application.balances(context) }
        add("positions") { application, context throws(Problem) in try application.positions(context) }
        add("fund-positions") { application, context throws(Problem) in try application.fundPositions(context) }
        add("cash-flow") { application, context throws(Problem) in try application.cashFlow(context) }
        add("margin-ratios") { application, context throws(Problem) in try application.marginRatio(context) }
    }

    private func balances(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        var query = QueryReader(context.request.head.target)
        let currency = try query.string("currency", maximumBytes: 3)
        try query.finish()
        if let currency, !currency.utf8.allSatisfy({ (65...90).contains($0) }) || currency.utf8.count != 3 {
            throw Problem(
                status: 400, code: "invalid_field", detail: "currency is three capital letters.", field: "currency")
        }
        let wait = longestWait(context)
        return list(context) { () async throws(BrokerFailure) in
            BrokerPage(try await ledger.broker.balances(currency: currency, wait: wait))
        } each: {
            $0.balance($1)
        }
    }

    private func positions(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        var query = QueryReader(context.request.head.target)
        let symbols = try context.symbols(&query)
        try query.finish()
        let wait = longestWait(context)
        let broker = try accounts.named(ledger.alias, context.holder)
        return list(context) { () async throws(BrokerFailure) in
            let positions = try await ledger.broker.positions(symbols, wait: wait)
            return BrokerPage(
                positions.filter { context.holder.mayUse(symbol: $0.symbol) }.map { $0.valued(by: broker) })
        } each: {
            $0.position($1)
        }
    }

    private func fundPositions(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        try context.noParameters()
        let wait = longestWait(context)
        return list(context) { () async throws(BrokerFailure) in
            BrokerPage(try await ledger.broker.fundPositions(wait: wait))
        } each: {
            $0.fundPosition($1)
        }
    }

    private enum FlowType: String, CaseIterable {
        case cash, stock, fund
    }

    private func cashFlow(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        var query = QueryReader(context.request.head.target)
        var end = try query.time("end") ?? .now()
        var start = try query.time("start") ?? end + .seconds(-30 * 86_400)
        let type: FlowType? = try query.word("type")
        var symbol: Symbol?
        if let text = try query.string("symbol") { symbol = try context.symbol(text, field: "symbol") }
        let cursor = try SpanCursor.read(&query)
        try query.finish()
        // Pages are of one list: what has moved since does not shift them.
        if let cursor { (start, end) = (cursor.start, cursor.end) }
        guard start <= end else {
            throw Problem(status: 400, code: "invalid_field", detail: "start is behind end.", field: "start")
        }
        let wait = longestWait(context)
        let request = PastRequest(start: start, end: end, symbol: symbol, cursor: cursor?.page)
        return list(context) { () async throws(BrokerFailure) in
            var page = try await ledger.broker.cashFlow(request, type: type?.rawValue, wait: wait)
            page.next = page.next.map { SpanCursor.text(request, $0) }
            return page
        } each: {
            $0.cashFlow($1)
        }
    }

    private func marginRatio(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let ledger = try ledger(context)
        var query = QueryReader(context.request.head.target)
        let text = try query.required("symbol", query.string("symbol"))
        try query.finish()
        let symbol = try context.symbol(text, field: "symbol")
        let wait = longestWait(context)
        return .pending {
            do throws(BrokerFailure) {
                let ratio = try await ledger.broker.marginRatio(symbol, wait: wait)
                var json = JSONWriter()
                json.beginObject()
                json.key("symbol")
                json.string(symbol.text)
                json.key("initial")
                json.decimal(ratio.initial)
                json.key("maintenance")
                json.decimal(ratio.maintenance)
                json.key("forced_liquidation")
                json.decimal(ratio.forcedLiquidation)
                json.endObject()
                return context.json(json.bytes)
            } catch { return context.problem(Problem(error, symbol: symbol)) }
        }
    }

    /// Answers with a list of what the broker gives.
    private func list<Element: Sendable>(
        _ context: RouteContext,
        _ read: @escaping @LoopActor @Sendable () async throws(BrokerFailure) -> BrokerPage<Element>,
        each: @escaping @Sendable (inout JSONWriter, Element) -> Void
    ) -> HTTPReply {
        .pending {
            do throws(BrokerFailure) {
                let page = try await read()
                var json = JSONWriter(capacity: 512 * page.elements.count + 64)
                json.beginObject()
                json.key("data")
                json.beginArray()
                for element in page.elements { each(&json, element) }
                json.endArray()
                json.key("next_cursor")
                json.string(page.next)
                json.endObject()
                return context.json(json.bytes)
            } catch { return context.problem(Problem(error)) }
        }
    }
}

extension Position {
    /// With its value at the last price, where that is live.
    @LoopActor
    fileprivate func valued(by broker: any Broker) -> Position {
        guard marketValue == nil, let last = broker.liveQuote(symbol)?.value.last else { return self }
        // Prices are per share, also of contracts on many.
        guard let units = quantity.multiplied(by: symbol.unitsPerContract) else { return self }
        var position = self
        position.marketValue = last.multiplied(by: units)?.normalized
        if let costPrice, let gain = last.subtracting(costPrice) {
            position.unrealizedPnL = gain.multiplied(by: units)?.normalized
        }
        return position
    }
}
