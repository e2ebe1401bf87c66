internal import Bytes
internal import Clocks
public import Cryptography
public import EventLoops
public import HTTPServing
internal import HTTPWire
internal import LongbridgeWire
internal import WebSockets

/// A simulated Longbridge: the HTTP API and both sockets on one loopback address, over the vendor's wire.
@LoopActor
public final class LongbridgeSandbox: HTTPHandler {
    /// What clients sign with.
    public let credentials: SandboxCredentials
    /// What the outside can bend: limits, faults.
    public internal(set) var connectionLimit = 10

    var market: MarketSimulation
    var sessions = SandboxSessions()
    var clients: [ObjectIdentifier: SandboxClient] = [:]
    /// Answers of the wire by command, for tests that count.
    var calls: [String: Int] = [:]
    var isFrozen = false
    var refusesLogins = false
    var traced: String?
    var trace: [(sequence: Int64, kind: String, nanoseconds: Int64)] = []
    private var check: SandboxRequestCheck
    private var server: HTTPServer?
    private var pushes = PushFeed()
    private lazy var ticks = LoopTimer { [weak self] in self?.tick() }
    private lazy var heartbeat = LoopTimer { [weak self] in self?.ping() }
    private let tickInterval: Duration

    /// A broker that listens nowhere yet.
    ///
    /// - Parameters:
    ///   - seed: the same seed gives the same history.
    ///   - tickInterval: how often prices move.
    public init(seed: UInt64, credentials: SandboxCredentials, tickInterval: Duration = .milliseconds(200)) {
        self.credentials = credentials
        self.tickInterval = tickInterval
        check = SandboxRequestCheck(credentials: credentials)
        market = MarketSimulation(seed: seed, now: .now())
    }

    /// Listens and begins to trade.
    public func start(on address: SocketAddress) throws(SocketError) {
        server = try HTTPServer(configuration: HTTPServerConfiguration(addresses: [address]), handler: self)
        ticks.schedule(every: tickInterval)
        heartbeat.schedule(every: .seconds(20))
    }

    /// Ends every connection.
    public func stop() async {
        ticks.cancel()
        heartbeat.cancel()
        for client in clients.values { client.end() }
        await server?.drain(deadline: .seconds(1))
    }

    /// `127.0.0.1:1234`
    public var authority: String { server?.addresses.first.map { "\($0)" } ?? "" }
    /// The base of the HTTP API.
    public var httpURL: String { "http://\(authority)" }
    /// The quote socket.
    public var quoteURL: String { "ws://\(authority)/quote/v2" }
    /// The trade socket.
    public var tradeURL: String { "ws://\(authority)/trade/v2" }

    /// What requests are signed with.
    public var appSecret: Secret { Secret(credentials.appSecret) }
    /// The account's token.
    public var accessToken: Secret { Secret(credentials.accessToken) }

    /// The variables that point the vendor's SDK here.
    public var environment: [(name: String, value: String)] {
        [
            ("LONGBRIDGE_HTTP_URL", httpURL), ("LONGBRIDGE_QUOTE_WS_URL", quoteURL),
            ("LONGBRIDGE_TRADE_WS_URL", tradeURL), ("LONGBRIDGE_APP_KEY", credentials.appKey),
            ("LONGBRIDGE_APP_SECRET", credentials.appSecret), ("LONGBRIDGE_ACCESS_TOKEN", credentials.accessToken),
            ("LONGBRIDGE_PRINT_QUOTE_PACKAGES", "false"),
        ]
    }

    // MARK: HTTP

    /// Answers the API, the sockets' upgrades and the control path.
    public func respond(to request: HTTPRequest) -> HTTPReply {
        let path = String(request.head.target.rawPath)
        switch path {
        case "/health": return .ready(.text("success"))
        case "/v1/test":
            return .ready(
                envelope(code: 0, message: "success", status: 200) {
                    $0.key("data"); $0.null()
                })
        case "/quote/v2", "/trade/v2": return upgrade(request, isTrade: path == "/trade/v2")
        case _ where path.hasPrefix("/sandbox/"): return .ready(control(request, String(path.dropFirst(9))))
        default: break
        }
        calls[path, default: 0] += 1
        if let refusal = refusesLogins
            ? (401, 401_004, "token invalid") : check.refusal(of: request.head, body: request.body, now: .now())
        {
            return .ready(envelope(code: refusal.1, message: refusal.2, status: refusal.0))
        }
        guard path == "/v1/socket/token", request.head.method == .get else {
            return .ready(envelope(code: 404_000, message: "not found", status: 404))
        }
        let password = sessions.issuePassword(now: .now())
        let online = clients.values.count { $0.isLoggedIn }
        let limit = connectionLimit
        return .ready(
            envelope(code: 0, message: "success", status: 200) { json in
                json.key("data")
                json.beginObject()
                json.key("otp")
                json.string(password)
                json.key("limit")
                json.int(limit)
                json.key("online")
                json.int(online)
                json.endObject()
            })
    }

    func envelope(
        code: Int, message: String, status: Int, _ members: (inout JSONWriter) -> Void = { _ in }
    ) -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("code")
        json.int(code)
        json.key("message")
        json.string(message)
        members(&json)
        json.endObject()
        var response = HTTPResponse.json(json.bytes, status: status)
        var random = SystemRandomNumberGenerator()
        response.fields["X-Trace-Id"] = String(random.next(), radix: 16)
        return response
    }

    private func upgrade(_ request: HTTPRequest, isTrade: Bool) -> HTTPReply {
        let query = Dictionary(request.head.target.query.map { ($0.name, $0.value) }) { first, _ in first }
        guard query["version"] == "1", query["codec"] == "1", query["platform"] == "9",
            let fields = WebSocket.upgradeFields(for: request.head)
        else { return .ready(envelope(code: 400_000, message: "bad handshake", status: 400)) }
        let head = request.head
        return .upgrade(fields) { [weak self] connection, leftover in
            guard let self else { return connection.abort() }
            let socket = WebSocket.accept(connection: connection, leftover: leftover, request: head)
            let client = SandboxClient(socket, sandbox: self, isTrade: isTrade)
            clients[ObjectIdentifier(client)] = client
        }
    }

    // MARK: The market's clock

    private func tick() {
        guard !isFrozen else { return }
        var wanted: Set<String> = []
        for client in clients.values { wanted.formUnion(client.subscriptions.keys) }
        guard !wanted.isEmpty else { return }
        for (symbol, count) in market.advance(wanted, to: .now()) {
            guard let listing = market[symbol] else { continue }
            push(listing, newTrades: count)
        }
    }

    /// Encodes what changed once for each type, and sends the same bytes to all who want it.
    private func push(_ listing: SimulatedListing, newTrades: Int) {
        let symbol = listing.security.symbol
        for (type, bytes, sequence) in pushes.packets(listing, newTrades: newTrades) {
            for client in clients.values where client.subscriptions[symbol]?.contains(type) == true {
                client.push(bytes)
            }
            if traced == symbol, trace.count < 100_000 {
                let kind = type == 1 ? "quote" : type == 2 ? "depth" : type == 3 ? "brokers" : "trade"
                trace.append((sequence, kind, Instant.now().nanoseconds))
            }
        }
    }

    func firstPush(_ symbol: String, types: Set<Int32>) -> [[UInt8]] {
        guard let listing = market[symbol] else { return [] }
        return pushes.complete(listing, types: types)
    }

    private func ping() {
        for client in clients.values { client.ping() }
    }

    func ended(_ client: SandboxClient) {
        clients[ObjectIdentifier(client)] = nil
    }
}
