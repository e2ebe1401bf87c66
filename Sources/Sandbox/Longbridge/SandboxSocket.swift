internal import Clocks
internal import EventLoops
internal import LongbridgeWire
internal import Protobuf
internal import WebSockets

/// One socket at the simulated broker: packets in, packets out. What is decided about them is in the books.
@LoopActor
final class SandboxSocket {
    let id: SandboxSessions.SocketID
    let isTrade: Bool
    private(set) var isLoggedIn = false
    private(set) var subscriptions = SubscriptionBook()
    private(set) var caller = QuoteAnswers.Caller()

    private let socket: WebSocket
    private weak var sandbox: LongbridgeSandbox?
    private var topics = TopicBook()
    private var rates = CommandRates()
    private var heartbeats: Int32 = 0
    private var unansweredPings = 0
    private var packetsLeft: Int?
    private var loginTimer: LoopTimer?
    /// Requests that wait to be looked at, by their number.
    private var delayed: [Int: LoopTimer] = [:]
    private var delayedCount = 0

    /// Requests that may wait at once.
    private static let delayedLimit = 1000
    /// Pings that may go unanswered.
    private static let pingLimit = 3

    init(_ socket: WebSocket, _ id: SandboxSessions.SocketID, sandbox: LongbridgeSandbox, isTrade: Bool) {
        self.socket = socket
        self.id = id
        self.sandbox = sandbox
        self.isTrade = isTrade
        packetsLeft = sandbox.faults.packetsUntilDrop
        let timer = LoopTimer { [weak self] in self?.close(.authError, "no login") }
        timer.schedule(after: sandbox.limits.loginDeadline)
        loginTimer = timer
        socket.onPong = { [weak self] _ in self?.unansweredPings = 0 }
        socket.onClose = { [weak self] _ in self?.ended() }
        socket.onMessage = { [weak self] in self?.received($0) }
    }

    private func ended() {
        loginTimer = nil
        delayed = [:]
        sandbox?.ended(self)
    }

    // MARK: Sending

    /// The vendor's heartbeat: a ping with its message. A socket that leaves too many unanswered is closed.
    func ping() {
        guard sandbox?.faults.isSilent == false else { return }
        guard unansweredPings < SandboxSocket.pingLimit else { return close(.heartbeatTimeout, "no heartbeat") }
        heartbeats += 1
        unansweredPings += 1
        var beat = Longbridge.Control.Heartbeat()
        beat.timestamp = sandbox?.clock().milliseconds ?? 0
        beat.heartbeatId = heartbeats
        socket.ping(beat.encoded())
    }

    /// Whether a push is for this socket.
    func wants(_ packet: PushFeed.Packet) -> Bool {
        isLoggedIn && subscriptions.types[packet.symbol]?.contains(packet.type) == true
            && (!packet.isOvernight || caller.seesOvernight)
    }

    /// Whether the account's order changes are for this socket.
    var wantsOrders: Bool { isLoggedIn && isTrade && topics.topics.contains("private") }

    /// Sends a message whole. A socket that does not take what it is sent is cut.
    func send(_ bytes: [UInt8]) {
        guard let sandbox, !sandbox.faults.isSilent, socket.isOpen else { return }
        guard socket.pendingOutput <= sandbox.limits.backlogBytes else {
            sandbox.counters.slowSocketsCut += 1
            return socket.abort()
        }
        socket.send(binary: bytes)
        guard let left = packetsLeft else { return }
        packetsLeft = left - 1
        if left <= 1 { drop() }
    }

    func dropAfter(packets: Int?) { packetsLeft = packets }

    /// Ends without a word, as a broken network does.
    func drop() { socket.abort() }

    /// A close packet, then the WebSocket's own close.
    func close(_ code: Longbridge.Control.Close.Code, _ reason: String) {
        guard socket.isOpen else { return }
        var close = Longbridge.Control.Close()
        close.code = code
        close.reason = reason
        if let bytes = try? LongbridgePacket(.push, command: ControlCommand.close, body: close.encoded()).encoded() {
            socket.send(binary: bytes)
        }
        socket.close(code: code == .serverShutdown ? 1001 : 1000, reason: reason)
        loginTimer = nil
        isLoggedIn = false
        sandbox?.sessions.ended(id)
    }

    // MARK: Requests

    private func received(_ message: WebSocketMessage) {
        guard let sandbox, socket.isOpen else { return }
        guard case .binary(let bytes) = message,
            let packet = try? LongbridgePacket.decode(bytes, inflatedLimit: LongbridgeSandbox.requestBytes)
        else { return close(.unpackError, "packet cannot be read") }
        // Answers to our heartbeats come as pongs; a response packet answers nothing, and a push is none of a client's.
        guard case .request(let number, let timeout) = packet.kind else { return }
        if isJudged(packet) {
            sandbox.judge.quoteArrived(
                isHistory: packet.command == QuoteCommand.historyCandlesticks.rawValue, at: .now())
        }
        let delay = sandbox.faults.answerDelay
        guard delay > .zero else { return handle(packet, number) }
        guard delayed.count < SandboxSocket.delayedLimit else { return drop() }
        delayedCount += 1
        let key = delayedCount
        let isTooLate = timeout > 0 && delay > .milliseconds(Int(timeout))
        let timer = LoopTimer { [weak self] in
            self?.delayed[key] = nil
            if isTooLate {
                if self?.isJudged(packet) == true { self?.sandbox?.judge.quoteEnded() }
                self?.answer(packet, number, status: ResponseStatus.serverTimeout, [])
            } else {
                self?.handle(packet, number)
            }
        }
        timer.schedule(after: isTooLate ? .milliseconds(Int(timeout)) : delay)
        delayed[key] = timer
    }

    /// Logins, heartbeats and the profile behind a login are no calls about quotes.
    private func isJudged(_ packet: LongbridgePacket) -> Bool {
        guard !isTrade, isLoggedIn, let command = QuoteCommand(rawValue: packet.command) else { return false }
        return command != .userQuoteProfile
    }

    private func handle(_ packet: LongbridgePacket, _ number: UInt32) {
        if isJudged(packet) { self.sandbox?.judge.quoteEnded() }
        guard let sandbox, socket.isOpen else { return }
        let name = SandboxCounters.name(packet.command, isTrade: isTrade)
        sandbox.counters.count(name)
        var firstPushes: [PushFeed.Packet] = []
        do throws(BrokerRefusal) {
            if let failure = sandbox.faults.failure(of: name) { throw failure }
            let body = try outcome(of: packet, &firstPushes)
            answer(packet, number, status: ResponseStatus.success, body)
        } catch {
            answer(packet, number, status: error.status, error.body)
        }
        for push in firstPushes { sandbox.send(push, to: self) }
    }

    private func answer(_ packet: LongbridgePacket, _ number: UInt32, status: UInt8, _ body: [UInt8]) {
        guard let sandbox, socket.isOpen else { return }
        let name = SandboxCounters.name(packet.command, isTrade: isTrade)
        func bytes(_ number: UInt32, _ body: [UInt8]) -> [UInt8] {
            sandbox.encode(LongbridgePacket(.response(id: number, status: status), command: packet.command, body: body))
        }
        switch sandbox.faults.answers[name] ?? sandbox.faults.answers["*"] {
        case nil: send(bytes(number, body))
        case .garbage: send(bytes(number, [0xFF, 0xFF, 0xFF]))
        case .truncated: send(Array(bytes(number, body).prefix(8)))
        case .wrongID: send(bytes(number &+ 1_000_000, body))
        case .text: if !sandbox.faults.isSilent { socket.sendText("this is no packet") }
        case .nothing: break
        }
    }

    private func outcome(
        of packet: LongbridgePacket, _ firstPushes: inout [PushFeed.Packet]
    ) throws(BrokerRefusal) -> [UInt8] {
        switch packet.command {
        case ControlCommand.heartbeat where isLoggedIn: return packet.body
        case ControlCommand.auth, ControlCommand.reconnect: return try login(packet)
        default: break
        }
        guard isLoggedIn else { throw .notLoggedIn }
        guard isTrade else { return try quoteOutcome(of: packet, &firstPushes) }
        switch packet.command {
        case TradeCommand.subscribe: return topics.subscribe(try QuoteAnswers.read(packet.body)).encoded()
        case TradeCommand.unsubscribe: return topics.unsubscribe(try QuoteAnswers.read(packet.body)).encoded()
        default: throw .unreadable
        }
    }

    private func login(_ packet: LongbridgePacket) throws(BrokerRefusal) -> [UInt8] {
        guard let sandbox, !isLoggedIn else { throw .unreadable }
        let login: SandboxSessions.Login
        if packet.command == ControlCommand.auth {
            let request: Longbridge.Control.AuthRequest = try QuoteAnswers.read(packet.body)
            login = try sandbox.login(self, password: request.token)
            caller = SandboxSocket.caller(request.metadata)
        } else {
            let request: Longbridge.Control.ReconnectRequest = try QuoteAnswers.read(packet.body)
            login = try sandbox.login(self, session: request.sessionId)
            caller = SandboxSocket.caller(request.metadata)
        }
        isLoggedIn = true
        loginTimer = nil
        var response = Longbridge.Control.AuthResponse()
        response.sessionId = login.session.id
        response.expires = login.session.expires.milliseconds
        response.limit = UInt32(clamping: sandbox.limits.connections)
        response.online = UInt32(clamping: login.online)
        return response.encoded()
    }

    private static func caller(_ metadata: [String: String]) -> QuoteAnswers.Caller {
        QuoteAnswers.Caller(
            language: metadata["accept-language"] ?? "en", seesOvernight: metadata["need_over_night_quote"] == "true")
    }

    private func quoteOutcome(
        of packet: LongbridgePacket, _ firstPushes: inout [PushFeed.Packet]
    ) throws(BrokerRefusal) -> [UInt8] {
        guard let sandbox, let command = QuoteCommand(rawValue: packet.command), packet.command < 100 else {
            throw .unreadable
        }
        guard rates.admits(command, sandbox.limits, at: .now()) else { throw .tooFast }
        switch command {
        case .subscribe:
            let request: Longbridge.Quote.SubscribeRequest = try QuoteAnswers.read(packet.body)
            let response = try subscriptions.subscribe(
                request, taken: sandbox.subscribed(except: self), limit: sandbox.limits.subscriptions)
            if request.isFirstPush {
                let types = Set(request.subType.map(\.rawValue))
                firstPushes = response.subList.flatMap { sandbox.present($0.symbol, types) }
            }
            return response.encoded()
        case .unsubscribe:
            try subscriptions.unsubscribe(try QuoteAnswers.read(packet.body))
            return Longbridge.Quote.UnsubscribeResponse().encoded()
        case .subscription: return subscriptions.all.encoded()
        default: return try sandbox.answer(command, packet.body, caller)
        }
    }
}

/// Command codes of the trade socket.
enum TradeCommand {
    static let subscribe: UInt8 = 16
    static let unsubscribe: UInt8 = 17
    static let notify: UInt8 = 18
}
