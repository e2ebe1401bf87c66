internal import Clocks
internal import Cryptography
internal import EventLoops
internal import OpenDWire
internal import Protobuf

/// What the gateway is in front of: the simulated market, shared with the other wires.
@LoopActor
protocol SimulatedExchange: AnyObject {
    /// The market's time.
    var marketTime: WallTime { get }
    var hours: MarketHours { get }
    /// A security by its symbol; `nil` for one the simulation does not know.
    func listing(_ symbol: String) -> SimulatedListing?
}

/// A simulated OpenD: the gateway program of the second family of brokers, over the vendor's wire.
///
/// One listener without and one with an RSA key, as two gateways of one user would be: the subscriptions' quota, the
/// login and the accounts are shared. What a test or a person may bend is in ``faults``, ``choices`` and ``limits``; over
/// HTTP under `/sandbox/opend` (docs/sandbox.md).
@LoopActor
final class OpenDGateway {
    var limits = GatewayLimits()
    var choices = GatewayChoices()
    var faults = GatewayFaults() {
        didSet {
            guard faults.packetsUntilClose != oldValue.packetsUntilClose else { return }
            for connection in connections.values { connection.closeAfter(packets: faults.packetsUntilClose) }
        }
    }
    var counters = GatewayCounters()
    /// Where the gateway's own login stands; a change is told to all who take notices.
    var login = GatewayFaults.Login.ready {
        didSet { if login != oldValue { announceLogin() } }
    }

    weak var exchange: (any SimulatedExchange)?
    private(set) var connections: [UInt64: GatewayConnection] = [:]
    var subscriptions = SubscriptionLedger()
    /// Of codes, the symbol of what trades behind them.
    var sources: [GatewayCode: String] = [:]
    var rates = GatewayRates()
    var history = PastQuota()
    var lists = UserLists()
    var reminders = GatewayReminders()
    /// The user's accounts, as they stand.
    lazy var accounts = GatewayAccount.all(now: now)
    /// Whether trading with real money is unlocked, for all connections.
    var isUnlocked = false
    /// Of each account, how many fills were told.
    lazy var toldFills = Dictionary(uniqueKeysWithValues: accounts.enumerated().map { ($0, $1.engine.fills.count) })
    lazy var matching = LoopTimer { [weak self] in self?.match() }
    lazy var confirming = LoopTimer { [weak self] in self?.match() }
    /// Pushes that follow the reply at hand.
    var pending: [(connection: UInt64, id: UInt32, payload: any Message)] = []
    private let key = GatewayKey.generated()
    private var listeners: [Listener] = []
    private var nextID = GatewayConnectionIDs()

    /// The most bytes of a request's body.
    static let requestBytes = 1 << 20
    /// Version 10.11 of the gateway.
    static let version: Int32 = 1011
    static let build: Int32 = 7108
    static let user: UInt64 = 1_000_001
    /// What unlocks trading with real money; its MD5 is on the wire.
    static let tradePassword = "123456"

    /// Listens on the address, and, with RSA, on another port of it.
    func start(on address: SocketAddress) throws(SocketError) {
        stop()
        let cipher = key.map { BodyCipher.rsa($0.key) }
        let plain = try Listener(address: address) { [weak self] in self?.opened($0, cipher: nil) }
        listeners = [plain]
        guard let cipher else { return }
        listeners.append(try Listener(address: address) { [weak self] in self?.opened($0, cipher: cipher) })
    }

    /// Ends every connection.
    func stop() {
        for listener in listeners { listener.close() }
        listeners = []
        for connection in connections.values { connection.drop() }
        matching.cancel()
        confirming.cancel()
    }

    /// The port without RSA; `nil` when it does not listen.
    var port: Int? { listeners.first?.address.port }
    /// The port with RSA.
    var sealedPort: Int? { listeners.count > 1 ? listeners[1].address.port : nil }
    /// The private key both ends hold, as a PEM text.
    var privateKey: String? { key?.pem }

    /// Whether the protocol is one the vendor's client knows.
    nonisolated static func isKnown(_ id: UInt32) -> Bool { OpenDProtocol.with(id: id) != nil }

    // MARK: Connections

    private func opened(_ connection: Connection, cipher: BodyCipher?) {
        // Refused as the vendor's gateway does at its limit: without a word.
        guard connections.count < limits.connections else { return connection.abort() }
        let id = nextID.take()
        let client = GatewayConnection(connection, id: id, gateway: self, cipher: cipher)
        connections[id] = client
        counters.connections += 1
        client.begin()
    }

    func ended(_ client: GatewayConnection) {
        guard connections.removeValue(forKey: client.id) != nil else { return }
        subscriptions.close(client.id, minimum: limits.minimumHold, at: .now())
    }

    /// Those that are not yet initialised too.
    func dropAll() { for connection in connections.values { connection.drop() } }

    func closeAll() { for connection in connections.values { connection.close() } }

    /// The next packet to each client stops in the middle.
    func cutAll(at bytes: Int) { for connection in connections.values { connection.cutNext(at: bytes) } }

    // MARK: Pushes

    func later(_ id: UInt32, _ payload: any Message, to connection: UInt64) {
        pending.append((connection, id, payload))
    }

    /// Sends what is due, as the faults have it.
    func flush() {
        guard !pending.isEmpty else { return }
        let batch = faults.mangled(pending)
        pending = []
        for push in batch { connections[push.connection]?.push(push.id, push.payload) }
    }

    func notify(_ notice: OpenD.Notify.S2C) {
        for connection in connections.values where connection.isReady && connection.receivesNotices {
            connection.push(1003, notice)
        }
    }

    // MARK: Requests

    /// The answer to a request; `nil` when there is none to be expected.
    func answer(_ request: GatewayRequest, _ client: GatewayConnection) throws(GatewayRefusal) -> (any Message)? {
        guard OpenDGateway.isKnown(request.id) else { throw .unknownProtocol }
        // Those of trading are counted where the account is known, those of history by first pages.
        if request.id < 2000 || request.id > 3000, request.id != 3103 { try admit(request.id) }
        switch request.id {
        case 1000..<2000: return try answerSystem(request, client)
        case 2000..<3000: return try answerTrade(request, client)
        default:
            guard login.isReady else { throw .notLoggedIn }
            if let answer = try answerSubscriptions(request, client) { return answer }
            if let answer = try answerHistory(request) { return answer }
            if let answer = try answerReference(request) { return answer }
            if let answer = try answerMarket(request) { return answer }
            if let answer = try answerLists(request) { return answer }
            throw .unsupported
        }
    }

    func admit(_ id: UInt32, account: UInt64 = 0, isRefreshing: Bool = false) throws(GatewayRefusal) {
        guard limits.countsRequests else { return }
        guard rates.admits(id, account: account, isRefreshing: isRefreshing, at: .now()) else { throw .tooFrequent }
    }

    // MARK: The market

    var now: WallTime { exchange?.marketTime ?? .now() }

    func instrument(_ security: OpenD.QotCommon.Security) throws(GatewayRefusal) -> GatewayInstrument {
        let code = GatewayCode(security)
        guard let instrument = GatewayInstrument(code, at: now) else { throw .unknown(code) }
        return instrument
    }

    func view(_ instrument: GatewayInstrument) -> GatewayView? {
        exchange?.listing(instrument.source.symbol).map { GatewayView(instrument, $0, at: now) }
    }

    func view(_ security: OpenD.QotCommon.Security) throws(GatewayRefusal) -> GatewayView {
        guard let view = view(try instrument(security)) else { throw .unknown(GatewayCode(security)) }
        return view
    }
}

/// Identities of connections: large, as the vendor's are, and never twice.
struct GatewayConnectionIDs: Sendable {
    private var next = SecureRandom.bytes(6).reduce(UInt64(0x5E)) { $0 << 8 | UInt64($1) }

    mutating func take() -> UInt64 {
        next += 1
        return next
    }
}
