internal import Clocks
internal import EventLoops
internal import Limits
internal import LongbridgeWire
internal import Protobuf
internal import WebSockets

/// One client's socket at the simulated broker.
@LoopActor
final class SandboxClient {
    /// Types by security.
    private(set) var subscriptions: [String: Set<Int32>] = [:]
    private(set) var isLoggedIn = false

    private let socket: WebSocket
    private weak var sandbox: LongbridgeSandbox?
    private let isTrade: Bool
    private var topics: [String] = []
    private var budgets: [UInt8: TokenBucket] = [:]
    private lazy var loginTimer = LoopTimer { [weak self] in self?.close(.authError, "no login") }

    /// A client that reads more slowly than this is cut.
    private static let pendingBound = 4 << 20

    init(_ socket: WebSocket, sandbox: LongbridgeSandbox, isTrade: Bool) {
        self.socket = socket
        self.sandbox = sandbox
        self.isTrade = isTrade
        socket.onClose = { [self] _ in
            loginTimer.cancel()
            self.sandbox?.ended(self)
        }
        socket.onMessage = { [weak self] in self?.received($0) }
        loginTimer.schedule(after: .seconds(20))
    }

    func ping() {
        var beat = Longbridge.Control.Heartbeat()
        beat.timestamp = WallTime.now().milliseconds
        socket.ping(beat.encoded())
    }

    func push(_ bytes: [UInt8]) {
        guard socket.pendingOutput < SandboxClient.pendingBound else { return socket.abort() }
        socket.send(binary: bytes)
    }

    /// Ends without a word, as a broken network does.
    func cut() { socket.abort() }

    func end() { close(.serverShutdown, "server shutdown") }

    /// A close packet, then the WebSocket's own close.
    func close(_ code: Longbridge.Control.Close.Code, _ reason: String) {
        var close = Longbridge.Control.Close()
        close.code = code
        close.reason = reason
        if let bytes = try? LongbridgePacket(.push, command: ControlCommand.close, body: close.encoded()).encoded() {
            socket.send(binary: bytes)
        }
        socket.close(code: 1001, reason: reason)
    }

    /// Sends bytes that no broker should.
    func sendRaw(_ bytes: [UInt8]) { socket.send(binary: bytes) }

    // MARK: Requests

    private func received(_ message: WebSocketMessage) {
        guard case .binary(let bytes) = message, let packet = try? LongbridgePacket.decode(bytes) else {
            return close(.unpackError, "packet cannot be read")
        }
        guard case .request(let id, _) = packet.kind else { return }
        do throws(QuoteAnswers.Refusal) {
            answer(id, packet.command, status: ResponseStatus.success, try handle(packet, id))
        } catch {
            var body = Longbridge.Control.Error()
            body.code = error.code
            body.msg = error.message
            answer(id, packet.command, status: error.status, body.encoded())
        }
        afterwards?()
        afterwards = nil
    }

    /// What is sent behind the answer: first pushes.
    private var afterwards: (() -> Void)?

    private func answer(_ id: UInt32, _ command: UInt8, status: UInt8, _ body: [UInt8]) {
        let packet = LongbridgePacket(.response(id: id, status: status), command: command, body: body)
        if let bytes = try? packet.encoded() { socket.send(binary: bytes) }
    }

    private func handle(_ packet: LongbridgePacket, _ id: UInt32) throws(QuoteAnswers.Refusal) -> [UInt8] {
        guard let sandbox else { throw .unreadable }
        switch packet.command {
        case ControlCommand.heartbeat: return packet.body
        case ControlCommand.auth:
            let request: Longbridge.Control.AuthRequest = try QuoteAnswers.read(packet.body)
            return try login(sandbox.sessions.spend(password: request.token, now: .now()), "auth failed")
        case ControlCommand.reconnect:
            let request: Longbridge.Control.ReconnectRequest = try QuoteAnswers.read(packet.body)
            return try login(sandbox.sessions.spend(session: request.sessionId, now: .now()), "session expired")
        default: break
        }
        guard isLoggedIn else {
            throw QuoteAnswers.Refusal(status: ResponseStatus.unauthenticated, code: 401, message: "not logged in")
        }
        return isTrade ? try handleTrade(packet) : try handleQuote(packet)
    }

    private func login(_ isGood: Bool, _ text: String) throws(QuoteAnswers.Refusal) -> [UInt8] {
        guard let sandbox, isGood, !sandbox.refusesLogins else {
            throw QuoteAnswers.Refusal(status: ResponseStatus.unauthenticated, code: 401, message: text)
        }
        let online = sandbox.clients.values.count { $0.isLoggedIn }
        guard online < sandbox.connectionLimit else {
            throw QuoteAnswers.Refusal(
                status: ResponseStatus.permissionDenied, code: QuoteErrorCode.connectionLimit,
                message: "connections limitation is hit")
        }
        isLoggedIn = true
        loginTimer.cancel()
        let session = sandbox.sessions.issueSession(now: .now())
        var response = Longbridge.Control.AuthResponse()
        response.sessionId = session.id
        response.expires = session.expires.milliseconds
        response.limit = UInt32(clamping: sandbox.connectionLimit)
        response.online = UInt32(clamping: online + 1)
        return response.encoded()
    }

    private func handleQuote(_ packet: LongbridgePacket) throws(QuoteAnswers.Refusal) -> [UInt8] {
        guard let sandbox, let command = QuoteCommand(rawValue: packet.command) else { throw .unreadable }
        sandbox.calls["\(command)", default: 0] += 1
        if command != .userQuoteProfile {
            var budget = budgets[packet.command] ?? TokenBucket(ratePerSecond: 10, capacity: 10)
            defer { budgets[packet.command] = budget }
            guard budget.take(at: .now()).isAdmitted else {
                throw QuoteAnswers.Refusal(
                    status: ResponseStatus.badRequest, code: QuoteErrorCode.rateLimited, message: "request rate limit")
            }
        }
        switch command {
        case .subscribe: return try subscribe(QuoteAnswers.read(packet.body))
        case .unsubscribe: return try unsubscribe(QuoteAnswers.read(packet.body))
        case .subscription: return list(subscriptions).encoded()
        default: return try QuoteAnswers.answer(command, packet.body, sandbox.market)
        }
    }

    private func list(_ entries: [String: Set<Int32>]) -> Longbridge.Quote.SubscriptionResponse {
        var response = Longbridge.Quote.SubscriptionResponse()
        response.subList = entries.sorted { $0.key < $1.key }.map { symbol, types in
            var entry = Longbridge.Quote.SubTypeList()
            entry.symbol = symbol
            entry.subType = types.sorted().map { Longbridge.Quote.SubType(rawValue: $0) }
            return entry
        }
        return response
    }

    private func subscribe(_ request: Longbridge.Quote.SubscribeRequest) throws(QuoteAnswers.Refusal) -> [UInt8] {
        guard let sandbox else { throw .unreadable }
        let types = Set(request.subType.map(\.rawValue))
        guard !types.isEmpty, types.allSatisfy({ (1...4).contains($0) }) else { throw .invalid }
        for symbol in request.symbol { _ = try QuoteAnswers.listing(symbol, sandbox.market) }
        guard Set(subscriptions.keys).union(request.symbol).count <= 500 else {
            throw QuoteAnswers.Refusal(
                status: ResponseStatus.internalError, code: QuoteErrorCode.tooManySubscriptions,
                message: "too many subscriptions")
        }
        var made: [String: Set<Int32>] = [:]
        for symbol in request.symbol {
            subscriptions[symbol, default: []].formUnion(types)
            made[symbol] = types
        }
        if request.isFirstPush {
            afterwards = { [weak self, weak sandbox] in
                for symbol in request.symbol {
                    for bytes in sandbox?.firstPush(symbol, types: types) ?? [] { self?.push(bytes) }
                }
            }
        }
        return list(made).encoded()
    }

    private func unsubscribe(_ request: Longbridge.Quote.UnsubscribeRequest) throws(QuoteAnswers.Refusal) -> [UInt8] {
        let types = Set(request.subType.map(\.rawValue))
        if request.unsubAll, request.symbol.isEmpty { subscriptions = [:] }
        for symbol in request.symbol {
            if request.unsubAll {
                subscriptions[symbol] = nil
            } else {
                subscriptions[symbol]?.subtract(types)
                if subscriptions[symbol]?.isEmpty == true { subscriptions[symbol] = nil }
            }
        }
        return Longbridge.Quote.UnsubscribeResponse().encoded()
    }

    private func handleTrade(_ packet: LongbridgePacket) throws(QuoteAnswers.Refusal) -> [UInt8] {
        switch packet.command {
        case 16:
            let request: Longbridge.Trade.Sub = try QuoteAnswers.read(packet.body)
            var response = Longbridge.Trade.SubResponse()
            for topic in request.topics {
                guard topic == "private" else {
                    var refused = Longbridge.Trade.SubResponse.Fail()
                    refused.topic = String(topic.prefix(100))
                    refused.reason = "unknown topic"
                    response.fail.append(refused)
                    continue
                }
                if !topics.contains(topic) { topics.append(topic) }
                response.success.append(topic)
            }
            response.current = topics
            return response.encoded()
        case 17:
            let request: Longbridge.Trade.Unsub = try QuoteAnswers.read(packet.body)
            topics.removeAll { request.topics.contains($0) }
            var response = Longbridge.Trade.UnsubResponse()
            response.current = topics
            return response.encoded()
        default: throw .unreadable
        }
    }
}
