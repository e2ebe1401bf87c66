internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Limits

/// The trading side's HTTP API: who may call, what goes wrong with a call, which call it is.
extension LongbridgeSandbox {
    /// Whether a path is of the trading side.
    static func isTrading(_ path: String) -> Bool {
        guard !QuoteAPI.serves(path) else { return false }
        return ["/v1/trade/", "/v3/trade/", "/v1/asset/", "/v1/risk/", "/v1/statement/", "/v1/us/"].contains {
            path.hasPrefix($0)
        }
    }

    /// Answers a call that was verified.
    func trade(_ request: HTTPRequest, _ path: String) -> HTTPReply {
        let call = "\(request.head.method.text) \(path)"
        guard let rule = tradingFaults.take(call) else { return .ready(tradeAnswer(call, request)) }
        switch rule.fault {
        case .dropBefore: return .hangUp
        case .tooMany: return .ready(broken(.tooMany))
        case .tooManyText: return .ready(broken(.tooManyText))
        case .code: return .ready(envelope(code: rule.code, message: "as asked", status: 400))
        case .htmlBefore: return .ready(broken(.html))
        case .loadBalancer: return .ready(broken(.loadBalancer))
        case .failed: return .ready(broken(.failed))
        case .slowBefore:
            return .pending { [weak self] in
                try? await sleep(for: rule.delay)
                return self?.tradeAnswer(call, request) ?? .text("", status: 503)
            }
        case .dropAfter, .htmlAfter, .halfAfter, .slowAfter, .unauthorizedAfter, .codeAfter: break
        }
        let response = tradeAnswer(call, request)
        switch rule.fault {
        case .dropAfter: return .hangUp
        case .htmlAfter: return .ready(broken(.html))
        case .codeAfter: return .ready(envelope(code: rule.code, message: "as asked", status: 400))
        case .halfAfter: return .ready(broken(.half))
        case .unauthorizedAfter: return .ready(.text("<html>unauthorized</html>", status: 401))
        case .slowAfter:
            return .pending {
                try? await sleep(for: rule.delay)
                return response
            }
        default: return .ready(response)
        }
    }

    private func tradeAnswer(_ call: String, _ request: HTTPRequest) -> HTTPResponse {
        // The vendor refuses a live account's token there.
        if limits.isLiveAccount, request.head.fields["X-Papertrading"] == "true" {
            return envelope(code: 403_000, message: "not a paper trading account", status: 403)
        }
        guard !limits.isTradeRateEnforced || desk.rate.take(at: .now()).isAdmitted else { return broken(.tooMany) }
        do throws(TradeRefusal) {
            let data = try outcome(of: call, request)
            return envelope(code: 0, message: "success", status: 200) { json in
                json.key("data")
                json.raw(data)
            }
        } catch {
            return envelope(code: error.code, message: error.message, status: error.status)
        }
    }

    private func outcome(of call: String, _ request: HTTPRequest) throws(TradeRefusal) -> [UInt8] {
        let query = TradeQuery(request.head.target.query.map { ($0.name, $0.value) })
        switch call {
        case "POST /v1/trade/order": return try submit(request.body)
        case "POST /v1/trade/order/multileg": return try submitCombination(request.body)
        case "PUT /v1/trade/order": return try replace(request.body)
        case "DELETE /v1/trade/order": return try withdraw(query)
        case "GET /v1/trade/order": return try detail(query)
        case "GET /v1/trade/order/today": return try listOrders(query, today: true)
        case "GET /v1/trade/order/history": return try listOrders(query, today: false)
        case "GET /v1/trade/execution/today": return try listFills(query, .today)
        case "GET /v1/trade/execution/history": return try listFills(query, .past)
        case "GET /v3/trade/execution/all": return try listFills(query, .all)
        case "GET /v1/trade/estimate/buy_limit": return try estimate(query)
        case "GET /v1/risk/margin-ratio": return try marginRatio(query)
        case "GET /v1/asset/account": return try balances(query)
        case "GET /v1/asset/stock": return positions(query)
        case "GET /v1/asset/fund": return funds(query)
        case "GET /v1/asset/cashflow": return try cashFlow(query)
        case "GET /v1/asset/exchange_rates": return exchangeRates()
        case "GET /v1/asset/cash/short-margin": return Array(#"{"list":[]}"#.utf8)
        case "GET /v1/statement/list": return try statements(query)
        case "GET /v1/statement/download": return try statementAddress(query)
        default: return try outcomeInUnitedStates(of: call, query, request.body)
        }
    }

    private static let notFound = TradeRefusal(status: 404, code: 404_000, message: "api not found")
    static let ordersPath = "/v1/us/orders/"

    /// The calls of that data centre alone.
    private func outcomeInUnitedStates(
        of call: String, _ query: TradeQuery, _ body: [UInt8]
    ) throws(TradeRefusal) -> [UInt8] {
        switch call {
        case "POST /v1/us/orders/query": return try queryOrders(body)
        case "GET /v1/us/assets/overview": return assetOverview()
        case "GET /v1/us/assets/cash-and-buy-power": return try cashAndBuyingPower(query)
        case "GET /v1/us/assets/pl/realized": return try realizedGains(query)
        case "GET /v1/us/assets/available-holding": return try availableHolding(query)
        case "POST /v1/us/assets/transaction-history": return try transactions(body)
        case "GET /v1/us/assets/exchange-rates": return exchangeRatesInUnitedStates()
        default:
            let start = "GET \(Self.ordersPath)"
            guard call.hasPrefix(start) else { throw Self.notFound }
            return try detailInUnitedStates(String(call.dropFirst(start.count)))
        }
    }

    /// A security that can be traded.
    func security(_ symbol: String) throws(TradeRefusal) -> SimulatedSecurity {
        guard let security = SimulatedSecurity.bySymbol[symbol], !security.isIndex else {
            throw .invalid("symbol not found")
        }
        return security
    }
}
