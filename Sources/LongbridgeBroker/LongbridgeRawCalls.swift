internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import EventLoops

/// The vendor's HTTP catalogue as it stands, authenticated and within its limits.
@LoopActor
final class LongbridgeRawCalls: RawCalls {
    let name = "longbridge"
    private let gateway: LongbridgeGateway
    private let quotes: SocketLink
    private let pacer: TradePacer

    /// - Parameters:
    ///   - quotes: whose limits calls count against that are not about orders and money.
    ///   - trading: whose limits the others count against.
    init(gateway: LongbridgeGateway, quotes: SocketLink, trading: LongbridgeTrading?, bounds: LongbridgeBounds) {
        self.gateway = gateway
        self.quotes = quotes
        pacer = trading?.pacer ?? TradePacer(calls: bounds.tradeCalls)
    }

    /// Calls about orders and money count against their own limit.
    private static let trade = ["/v1/trade/", "/v3/trade/", "/v1/asset/", "/v1/risk/", "/v1/gridtrading/", "/v1/us/"]

    /// Writes that place, change or end orders of some kind.
    private nonisolated static let orders = [
        "/v1/trade/", "/v3/trade/", "/v1/gridtrading/", "/v1/dailycoins/", "/v1/fund/", "/v1/us/orders",
    ]

    /// Writes that may go, and calls by POST that only ask.
    ///
    /// - Source: `longbridge-http`, sections 5.4 to 5.11.
    private nonisolated static let writes = [
        "/v1/watchlist/", "/v1/notify/", "/v1/sharelists", "/v1/content/", "/v1/ai/", "/quote/", "/v1/quote/",
        "/v1/quant/", "/v2/quant/", "/v1/us/assets/transaction-history",
    ]

    /// Tokens and one-time passwords are the session's alone.
    private nonisolated static let never = ["/v1/socket/", "/v1/token/", "/oauth2/"]

    func permission(_ call: RawCall) -> RawPermission { Self.permission(of: call) }

    nonisolated static func permission(of call: RawCall) -> RawPermission {
        func begins(_ prefixes: [String]) -> Bool { prefixes.contains { call.path.hasPrefix($0) } }
        // Whether the broker tells upper from lower case is its own affair.
        let path = call.path.lowercased()
        if Self.never.contains(where: { "\(path)/".hasPrefix($0) }) { return .notListed }
        guard call.isWrite else { return .allowed }
        if call.path == "/v1/us/orders/query", call.method == "POST" { return .allowed }
        if begins(Self.orders) { return .usesOrders }
        return begins(Self.writes) ? .allowed : .notListed
    }

    func call(_ call: RawCall, wait: Duration) async throws(BrokerFailure) -> [UInt8] {
        var made = GatewayCall(call.path, method: call.method, body: call.body, deadline: LongbridgeTrading.timeout)
        if !call.query.isEmpty { made.target += "?\(call.query)" }
        if Self.trade.contains(where: { call.path.hasPrefix($0) }) {
            let turn = try await pacer.turn(.read, wait: wait)
            return try await goingOn { [self] () async throws(BrokerFailure) in
                defer { pacer.ended(turn) }
                return try await data(of: made) { [pacer] in pacer.refused(retryAfter: $0) }
            }
        }
        let turn = try await quotes.turn(wait: wait)
        return try await goingOn { [self] () async throws(BrokerFailure) in
            defer { quotes.ended(turn) }
            return try await data(of: made) { [quotes] in quotes.refusedAsTooMany(pause: $0) }
        }
    }

    /// What the broker has is counted until it has answered, also when the caller leaves.
    private func goingOn(
        _ call: @escaping @LoopActor @Sendable () async throws(BrokerFailure) -> [UInt8]
    ) async throws(BrokerFailure) -> [UInt8] {
        let task = spawn { () async -> Result<[UInt8], BrokerFailure> in
            do throws(BrokerFailure) { return .success(try await call()) } catch { return .failure(error) }
        }
        return try await task.value.get()
    }

    private func data(
        of call: GatewayCall, refused: @LoopActor (Duration) -> Void
    ) async throws(BrokerFailure) -> [UInt8] {
        do throws(LongbridgeGateway.Failure) {
            var json = JSONWriter(capacity: 4096)
            json.value(try await gateway.call(call))
            return json.bytes
        } catch {
            let failure = BrokerFailure(error)
            if failure.kind == .rateLimited { refused(failure.retryAfter ?? QuoteLimits.pauseAfterRefusal) }
            throw failure
        }
    }
}
