internal import Bytes
public import Clocks
public import Cryptography
public import EventLoops
public import HTTPServing
internal import HTTPWire
internal import LongbridgeWire
internal import WebSockets

/// A simulated Longbridge: the HTTP API and both sockets on one address, over the vendor's wire.
///
/// Markets move on a timer; what is subscribed and traded is pushed. The market itself is ``MarketHours``-bound and pure.
/// Everything a test or a person may bend is in ``faults``, ``limits`` and the methods of `LongbridgeSandbox+Faults.swift`;
/// the same by HTTP under `/sandbox/` (docs/sandbox.md).
@LoopActor
public final class LongbridgeSandbox: HTTPHandler {
    /// What clients sign with.
    public let credentials: SandboxCredentials
    /// What is allowed. A change holds from the next call on.
    public var limits = SandboxLimits()
    /// What goes wrong.
    public var faults = SandboxFaults() {
        didSet { faultsChanged(from: oldValue) }
    }
    /// What has happened.
    public internal(set) var counters = SandboxCounters()

    /// Whether the client keeps to what the vendor states.
    var judge = SandboxJudge()
    var sessions = SandboxSessions()
    var sockets: [SandboxSessions.SocketID: SandboxSocket] = [:]
    var check: SandboxRequestCheck
    var oauth = SandboxOAuth()
    var oauthFaults = SandboxOAuthFaults()
    var trace = PushTrace()
    let clock: () -> WallTime
    var answers: QuoteAnswers
    var quoteAPI = QuoteAPI()
    var pace = MarketSimulation.Pace()
    /// Orders, money, securities.
    var desk: TradingDesk
    /// What goes wrong on the trading side.
    public var tradingFaults = TradingFaults()
    lazy var matching = LoopTimer { [weak self] in self?.match() }
    lazy var confirming = LoopTimer { [weak self] in self?.confirm() }
    /// The other family of brokers, in front of the same market.
    let gateway = OpenDGateway()
    private let seed: UInt64
    private var server: HTTPServer?
    private var feed: PushFeed
    private var frozenAt: WallTime?
    private var tickInterval: Duration
    private lazy var ticks = LoopTimer { [weak self] in self?.tick() }
    private lazy var heartbeat = LoopTimer { [weak self] in self?.ping() }

    /// The most bytes of a request packet, on the wire and inflated.
    static let requestBytes = 1 << 20

    /// A broker that listens nowhere yet.
    ///
    /// - Parameters:
    ///   - seed: the same seed gives the same history.
    ///   - hours: when the markets trade.
    ///   - tickInterval: how often prices move: about half of what is subscribed each time.
    ///   - clock: the time it shows and signs by; timers are the loop's own.
    public init(
        seed: UInt64, credentials: SandboxCredentials, hours: MarketHours = .alwaysOpen,
        tickInterval: Duration = .milliseconds(200), clock: @escaping () -> WallTime = { .now() }
    ) {
        self.seed = seed
        self.credentials = credentials
        self.tickInterval = tickInterval
        self.clock = clock
        check = SandboxRequestCheck(credentials: credentials)
        answers = QuoteAnswers(MarketSimulation(seed: seed, hours: hours))
        feed = PushFeed(now: clock())
        desk = TradingDesk(seed: seed, now: clock())
        gateway.exchange = self
    }

    /// Listens and begins to trade.
    public func start(on address: SocketAddress) throws(SocketError) {
        server = try HTTPServer(configuration: HTTPServerConfiguration(addresses: [address]), handler: self)
        if let local = SocketAddress(host: address.ip, port: 0) { try gateway.start(on: local) }
        ticks.schedule(every: tickInterval)
        heartbeat.schedule(every: limits.pingInterval)
    }

    /// Ends every connection.
    public func stop() async {
        ticks.cancel()
        matching.cancel()
        confirming.cancel()
        heartbeat.cancel()
        for socket in sockets.values { socket.close(.serverShutdown, "server shutdown") }
        gateway.stop()
        await server?.drain(deadline: .seconds(1))
        server = nil
    }

    // MARK: Where it is

    /// `127.0.0.1:1234`; empty when it does not listen.
    public var authority: String { server?.addresses.first.map { "\($0)" } ?? "" }
    /// The base of the HTTP API.
    public var httpURL: String { "http://\(authority)" }
    /// The quote socket.
    public var quoteURL: String { "ws://\(authority)\(LongbridgeSandbox.quotePath)" }
    /// The trade socket.
    public var tradeURL: String { "ws://\(authority)\(LongbridgeSandbox.tradePath)" }

    /// What requests are signed with.
    public var appSecret: Secret { Secret(credentials.appSecret) }
    /// The account's token.
    public var accessToken: Secret { Secret(credentials.accessToken) }

    static let quotePath = "/quote/v2"
    static let tradePath = "/trade/v2"

    /// The variables that point the vendor's SDK here.
    public var environment: [(name: String, value: String)] {
        [
            ("LONGBRIDGE_HTTP_URL", httpURL), ("LONGBRIDGE_QUOTE_WS_URL", quoteURL),
            ("LONGBRIDGE_TRADE_WS_URL", tradeURL), ("LONGBRIDGE_APP_KEY", credentials.appKey),
            ("LONGBRIDGE_APP_SECRET", credentials.appSecret), ("LONGBRIDGE_ACCESS_TOKEN", credentials.accessToken),
            ("LONGBRIDGE_PRINT_QUOTE_PACKAGES", "false"),
        ]
    }

    /// Answers the API, the sockets' upgrades and the control path.
    public func respond(to request: HTTPRequest) -> HTTPReply { route(request) }

    // MARK: The market

    /// The market's time: the clock's, or when it was frozen.
    var marketTime: WallTime { frozenAt ?? clock() }

    func answer(_ command: QuoteCommand, _ body: [UInt8], _ caller: QuoteAnswers.Caller) throws(BrokerRefusal)
        -> [UInt8]
    {
        try answers.answer(command, body, caller, limits, now: marketTime)
    }

    func present(_ symbol: String, _ types: Set<Int32>) -> [PushFeed.Packet] {
        answers.market.listing(symbol, at: marketTime).map { feed.present($0, types: types) } ?? []
    }

    /// When the markets trade. A change begins a new market.
    public var hours: MarketHours {
        get { answers.market.hours }
        set { answers.market = MarketSimulation(seed: seed, hours: newValue) }
    }

    /// How often prices move, and how much of what is subscribed trades each time.
    ///
    /// - Parameters:
    ///   - percent: of the subscribed securities, how many trade at each tick.
    ///   - trades: the most trades of a security at each tick.
    public func setPace(every interval: Duration, percent: Int = 50, trades: Int = 3) {
        tickInterval = interval
        pace = MarketSimulation.Pace(percentTrading: min(max(percent, 0), 100), maximumTrades: min(max(trades, 1), 100))
        if server != nil { ticks.schedule(every: interval) }
    }

    private func faultsChanged(from before: SandboxFaults) {
        if faults.isFrozen != before.isFrozen { frozenAt = faults.isFrozen ? clock() : nil }
        if faults.packetsUntilDrop != before.packetsUntilDrop {
            for socket in sockets.values { socket.dropAfter(packets: faults.packetsUntilDrop) }
        }
    }

    private func tick() {
        releasePushes()
        guard !faults.isFrozen else { return }
        var wanted: Set<String> = []
        for socket in sockets.values { wanted.formUnion(socket.subscriptions.types.keys) }
        wanted.formUnion(desk.engine.workingSymbols)
        wanted.formUnion(gateway.wantedSymbols)
        guard !wanted.isEmpty else { return }
        let now = clock()
        var batch: [PushFeed.Packet] = []
        var news: [(listing: SimulatedListing, trades: Int)] = []
        for (symbol, count) in answers.market.tick(wanted, at: now, pace: pace) {
            guard let listing = answers.market.listing(symbol, at: now) else { continue }
            batch += feed.packets(listing, newTrades: count)
            news.append((listing, count))
        }
        gateway.traded(news)
        gateway.match()
        flush(batch)
        match()
    }

    /// Encodes each packet once if anyone wants it, and gives each socket what it wants, in order.
    private func flush(_ batch: [PushFeed.Packet]) {
        guard !faults.isMute else { return }
        let listeners = Array(sockets.values)
        for packet in batch {
            let wanting = listeners.filter { $0.wants(packet) }
            guard !wanting.isEmpty else { continue }
            trace.note(packet)
            let bytes = encode(push(packet))
            for socket in wanting { socket.send(bytes) }
            counters.pushes += wanting.count
        }
    }

    func send(_ packet: PushFeed.Packet, to socket: SandboxSocket) {
        guard !faults.isMute, socket.wants(packet) else { return }
        socket.send(encode(push(packet)))
        counters.pushes += 1
    }

    private func push(_ packet: PushFeed.Packet) -> LongbridgePacket {
        LongbridgePacket(.push, command: packet.command.rawValue, body: packet.body)
    }

    /// The bytes of a packet as the faults have it. A body too long for the wire is left out.
    func encode(_ packet: LongbridgePacket) -> [UInt8] {
        var packet = packet
        if faults.isAddingFields { packet.body = AddedFields.message(packet.body) }
        do throws(PacketError) {
            return faults.isSigning
                ? try packet.signed(compressing: faults.isCompressing)
                : try packet.encoded(compressing: faults.isCompressing)
        } catch {
            return (try? LongbridgePacket(packet.kind, command: packet.command, body: []).encoded()) ?? []
        }
    }

    // MARK: Sockets

    func opened(_ socket: WebSocket, isTrade: Bool) {
        counters.socketsOpened += 1
        let id = SandboxSessions.SocketID(number: counters.socketsOpened)
        sockets[id] = SandboxSocket(socket, id, sandbox: self, isTrade: isTrade)
    }

    func ended(_ socket: SandboxSocket) {
        sockets[socket.id] = nil
        sessions.ended(socket.id)
    }

    /// What all sockets but one have subscribed.
    func subscribed(except one: SandboxSocket) -> Set<String> {
        sockets.values.reduce(into: []) { if $1 !== one { $0.formUnion($1.subscriptions.types.keys) } }
    }

    func login(_ socket: SandboxSocket, password: String) throws(BrokerRefusal) -> SandboxSessions.Login {
        guard !faults.refusesLogins else { throw .wrongPassword }
        let login = try sessions.login(
            password: password, socket: socket.id, fresh: freshSession(), limit: limits.connections, now: clock())
        counters.logins += 1
        return login
    }

    func login(_ socket: SandboxSocket, session: String) throws(BrokerRefusal) -> SandboxSessions.Login {
        guard !faults.refusesLogins else { throw .sessionExpired }
        let login = try sessions.reconnect(
            session: session, socket: socket.id, fresh: freshSession(), limit: limits.connections, now: clock())
        counters.reconnects += 1
        if let replaced = login.replaced { sockets[replaced]?.close(.connectDuplicate, "session connected twice") }
        return login
    }

    private func freshSession() -> SandboxSessions.Session {
        SandboxSessions.Session(id: "s_" + Hex.encode(SecureRandom.bytes(12)), expires: clock() + limits.sessionLife)
    }

    private func ping() {
        for socket in sockets.values { socket.ping() }
    }
}
