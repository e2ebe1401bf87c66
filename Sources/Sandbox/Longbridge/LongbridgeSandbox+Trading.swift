internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Limits
internal import LongbridgeWire
internal import Protobuf

/// Everything of the trading side that lives as long as the broker.
struct TradingDesk {
    var engine = MatchingEngine()
    var mangler: PushMangler
    var rate = SlidingWindow(limit: 30, window: .seconds(30), minimumGap: .milliseconds(20))
    /// First answers by `client_request_id`, and when they are forgotten.
    var repeats: [String: (order: Int64, until: WallTime)] = [:]

    static let account = "LB00000001"

    init(seed: UInt64, now: WallTime) {
        mangler = PushMangler(seed: seed)
        SimulatedPast.fill(&engine, now: now)
    }
}

extension LongbridgeSandbox {
    /// Whether a path is of the trading side.
    static func isTrading(_ path: String) -> Bool {
        ["/v1/trade/", "/v3/trade/", "/v1/asset/", "/v1/risk/", "/v1/statement/"].contains { path.hasPrefix($0) }
    }

    /// Answers a call that was verified.
    func trade(_ request: HTTPRequest, _ path: String) -> HTTPReply {
        let call = "\(request.head.method.text) \(path)"
        let rule = tradingFaults.take(call)
        switch rule?.fault {
        case .dropBefore: return .hangUp
        case .tooMany: return .ready(broken(.tooMany))
        case .tooManyText: return .ready(broken(.tooManyText))
        case .code: return .ready(envelope(code: rule?.code ?? 500_000, message: "as asked", status: 400))
        case .dropAfter, .htmlAfter, .halfAfter, .slowAfter, .unauthorizedAfter, nil: break
        }
        guard !limits.isTradeRateEnforced || desk.rate.take(at: .now()).isAdmitted else {
            return .ready(broken(.tooMany))
        }
        let response: HTTPResponse
        do throws(TradeRefusal) {
            let data = try outcome(of: call, request)
            response = envelope(code: 0, message: "success", status: 200) { json in
                json.key("data")
                json.raw(data)
            }
        } catch {
            response = envelope(code: error.code, message: error.message, status: error.status)
        }
        switch rule?.fault {
        case .dropAfter: return .hangUp
        case .htmlAfter: return .ready(broken(.html))
        case .halfAfter: return .ready(broken(.half))
        case .unauthorizedAfter: return .ready(.text("<html>unauthorized</html>", status: 401))
        case .slowAfter:
            let delay = rule?.delay ?? .seconds(1)
            return .pending {
                try? await sleep(for: delay)
                return response
            }
        default: return .ready(response)
        }
    }

    private func outcome(of call: String, _ request: HTTPRequest) throws(TradeRefusal) -> [UInt8] {
        let query = TradeQuery(request.head.target.query.map { ($0.name, $0.value) })
        switch call {
        case "POST /v1/trade/order": return try submit(request.body)
        case "PUT /v1/trade/order": return try replace(request.body)
        case "DELETE /v1/trade/order": return try withdraw(query)
        case "GET /v1/trade/order": return try detail(query)
        case "GET /v1/trade/order/today": return listOrders(query, today: true)
        case "GET /v1/trade/order/history": return listOrders(query, today: false)
        case "GET /v1/trade/execution/today": return listFills(query, .today)
        case "GET /v1/trade/execution/history": return listFills(query, .past)
        case "GET /v3/trade/execution/all": return listFills(query, .all)
        case "GET /v1/trade/estimate/buy_limit": return try estimate(query)
        case "GET /v1/risk/margin-ratio": return try marginRatio(query)
        case "GET /v1/asset/account": return try balances(query)
        case "GET /v1/asset/stock": return positions(query)
        case "GET /v1/asset/fund": return funds()
        case "GET /v1/asset/cashflow": return try cashFlow(query)
        case "GET /v1/asset/exchange_rates": return exchangeRates()
        case "GET /v1/statement/list": return Array("{\"list\":[]}".utf8)
        default: throw TradeRefusal(status: 404, code: 404_000, message: "api not found")
        }
    }

    // MARK: Orders

    func security(_ symbol: String) throws(TradeRefusal) -> SimulatedSecurity {
        guard let security = SimulatedSecurity.bySymbol[symbol], !security.isIndex else {
            throw .invalid("symbol not found")
        }
        return security
    }

    private func submit(_ body: [UInt8]) throws(TradeRefusal) -> [UInt8] {
        let reader = try TradeOrderReader(body)
        let now = clock()
        let repeated = reader.text("client_request_id")
        if let repeated, let first = desk.repeats[repeated], now < first.until { return orderNumber(first.order) }
        guard let symbol = reader.text("symbol") else { throw .invalid("symbol is required") }
        let security = try security(symbol)
        let order = try reader.order(security, id: desk.engine.nextID(at: now), now: now)
        take(order, security, at: now)
        if let repeated {
            if desk.repeats.count > 20_000 { desk.repeats = desk.repeats.filter { $0.value.until > now } }
            desk.repeats[repeated] = (order.id, now + .seconds(600))
        }
        return orderNumber(order.id)
    }

    /// Takes an order in, tells of it, and looks at the market a moment later, as an exchange would.
    func take(_ order: SimulatedOrder, _ security: SimulatedSecurity, at now: WallTime) {
        let last = answers.market.listing(security.symbol, at: now)?.current?.last ?? security.price
        let taken = desk.engine.submit(order, currency: security.currency, estimate: last, at: now)
        tell(taken)
        scheduleMatching()
    }

    private func orderNumber(_ id: Int64) -> [UInt8] { Array("{\"order_id\":\"\(id)\"}".utf8) }

    private func replace(_ body: [UInt8]) throws(TradeRefusal) -> [UInt8] {
        let reader = try TradeOrderReader(body)
        guard let id = reader.text("order_id").flatMap({ Int64($0) }), let old = desk.engine.orders[id] else {
            throw .notFound
        }
        guard old.typeName != "SLO" else { throw .invalid("special limit orders cannot be replaced") }
        let security = try security(old.symbol)
        let quantity = try reader.quantity("quantity")
        if security.market == .hongKong, old.typeName != "ODD", !quantity.isMultiple(of: security.lotSize) {
            throw .invalid("quantity must be a multiple of the lot size \(security.lotSize)")
        }
        let price = try reader.money("price")
        if let price, !price.isMultiple(of: TickTable.step(security, at: price)) { throw .badStep }
        do throws(MatchingEngine.Refusal) {
            tell(
                try desk.engine.replace(
                    id, quantity: quantity, limit: price, trigger: try trade(reader, "trigger_price"),
                    trail: try trade(reader, old.isTrailPercent ? "trailing_percent" : "trailing_amount"),
                    limitOffset: try trade(reader, "limit_offset"), currency: security.currency, at: clock()))
        } catch { throw refusal(error) }
        scheduleMatching()
        return Array("{}".utf8)
    }

    private func trade(_ reader: TradeOrderReader, _ name: String) throws(MatchingEngine.Refusal) -> Int64? {
        do throws(TradeRefusal) { return try reader.money(name) } catch { throw .badQuantity }
    }

    private func refusal(_ error: MatchingEngine.Refusal) -> TradeRefusal {
        switch error {
        case .notFound: .notFound
        case .notChangeable: .invalid("order status does not allow this")
        case .badQuantity: .invalid("invalid quantity")
        }
    }

    private func withdraw(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let id = query["order_id"].flatMap({ Int64($0) }), let order = desk.engine.orders[id] else {
            throw .notFound
        }
        let currency = try security(order.symbol).currency
        do throws(MatchingEngine.Refusal) {
            tell(try desk.engine.cancel(id, currency: currency, at: clock()))
        } catch { throw refusal(error) }
        return Array("{}".utf8)
    }

    private func detail(_ query: TradeQuery) throws(TradeRefusal) -> [UInt8] {
        guard let id = query["order_id"].flatMap({ Int64($0) }), let order = desk.engine.orders[id] else {
            throw .notFound
        }
        let security = try security(order.symbol)
        var json = JSONWriter(capacity: 2048)
        json.beginObject()
        json.members(of: order, security)
        json.detail(of: order, security)
        json.endObject()
        return json.bytes
    }

    // MARK: The market

    /// Matches what works, shortly.
    func scheduleMatching() { matching.schedule(after: .milliseconds(15)) }

    func match() {
        guard !tradingFaults.isMatchingPaused, !faults.isFrozen else { return }
        let now = clock()
        for symbol in desk.engine.workingSymbols.sorted() {
            guard let security = SimulatedSecurity.bySymbol[symbol],
                let listing = answers.market.listing(symbol, at: now), let last = listing.current?.last
            else { continue }
            let book = listing.book
            let market = MatchingEngine.Market(
                last: last, asks: book.asks, bids: book.bids, currency: security.currency,
                isHongKong: security.market == .hongKong)
            for order in desk.engine.match(symbol, market, at: now) { tell(order) }
        }
    }

    /// Pushes an order's change to every socket that asked for the account's orders.
    func tell(_ order: SimulatedOrder) {
        guard let security = SimulatedSecurity.bySymbol[order.symbol] else { return }
        for data in desk.mangler.mangle(
            TradeWire.push(order, security, account: TradingDesk.account), tradingFaults)
        {
            var notification = Longbridge.Trade.Notification()
            notification.topic = "private"
            notification.contentType = .contentJson
            notification.dispatchType = .dispatchDirect
            notification.data = data
            let packet = encode(LongbridgePacket(.push, command: TradeCommand.notify, body: notification.encoded()))
            for socket in sockets.values where socket.wantsOrders {
                socket.send(packet)
                counters.pushes += 1
            }
        }
    }
}

/// A query's values; a name may repeat.
struct TradeQuery {
    private let items: [(name: String, value: String)]

    init(_ items: [(name: String, value: String)]) { self.items = items }

    subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }
    func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }
    func seconds(_ name: String) -> Int64? { self[name].flatMap { Int64($0) } }
}
