internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import LongbridgeWire
internal import Protobuf
internal import WebSockets

/// The quote socket: performs what the session machine decides, and carries requests and pushes.
@LoopActor
final class QuoteLink {
    /// A push of the server, not yet decoded.
    var onPush: ((_ command: UInt8, _ body: [UInt8]) -> Void)?
    /// The link is ready again; subscriptions begin anew.
    var onReady: (() -> Void)?
    /// The status changed.
    var onStatus: (() -> Void)?
    /// The connection that was ready is gone.
    var onLost: (() -> Void)?

    private(set) var limits = QuoteLimits()
    private(set) var subscriptionLimit: Int?
    /// When the last byte came, on any connection.
    private(set) var lastMessage: WallTime?
    /// Why the link is not ready, for people.
    private(set) var reason: String?
    private(set) var since = WallTime.now()

    private let settings: LongbridgeAccountSettings
    private let gateway: LongbridgeGateway
    private var machine: QuoteSessionStateMachine
    private var socket: WebSocket?
    private var password: String?
    private var nextID: UInt32 = 1
    private var inFlight: [UInt32: Completion<Result<[UInt8], BrokerFailure>>] = [:]
    private var slotWaiters: [Completion<Bool>] = []
    private var work: Task<Void, Never>?
    private lazy var timer = LoopTimer { [weak self] in self?.timePassed() }

    /// Calls that may wait for a slot; one more is refused.
    private static let maximumWaiters = 1000

    init(_ settings: LongbridgeAccountSettings, gateway: LongbridgeGateway) {
        self.settings = settings
        self.gateway = gateway
        machine = QuoteSessionStateMachine(backoff: settings.backoff, heartbeat: settings.heartbeat)
    }

    // MARK: The session

    func start() { perform(machine.start(now: .now(), wall: .now())) }

    func stop() {
        reason = "stopped"
        perform(machine.stop())
        work?.cancel()
    }

    func reconnect() -> Bool {
        guard let actions = machine.reconnect(now: .now(), wall: .now()) else { return false }
        reason = nil
        perform(actions)
        return true
    }

    var isReady: Bool { if case .ready = machine.state { true } else { false } }
    var attempts: Int { machine.attempts }
    var losses: Int { machine.losses }

    /// The state in the words of the API.
    var state: LinkState {
        switch machine.state {
        case .stopped: .disconnected
        case .fetchingPassword, .dialing: .connecting
        case .authenticating, .loadingProfile: .authenticating
        case .ready: .ready
        case .backingOff: .backingOff
        case .held: .held
        }
    }

    var nextAttempt: WallTime? {
        guard case .backingOff(let until) = machine.state else { return nil }
        return WallTime.now() + (until - Instant.now())
    }

    var areCredentialsRefused: Bool { machine.state == .held(.credentialsRefused) }

    private func perform(_ actions: [QuoteSessionStateMachine.Action]) {
        let wasReady = reportedState == .ready
        for action in actions {
            switch action {
            case .fetchPassword: fetchPassword()
            case .dial(let connection): dial(connection)
            case .sendAuth(let connection): login(connection, session: nil)
            case .sendReconnect(let connection, let session): login(connection, session: session)
            case .sendProfile(let connection): loadProfile(connection)
            case .resubscribe: break
            case .close: closeSocket()
            case .ping: socket?.ping()
            case .failRequests: failRequests()
            }
        }
        report(wasReady: wasReady)
        if let deadline = machine.nextDeadline { timer.schedule(after: deadline - .now()) } else { timer.cancel() }
    }

    private var reportedState = LinkState.disconnected

    private func report(wasReady: Bool) {
        guard state != reportedState else { return }
        reportedState = state
        since = .now()
        if state == .ready { reason = nil }
        if wasReady { onLost?() }
        onStatus?()
        if state == .ready { onReady?() }
    }

    private func timePassed() {
        if case .ready = machine.state, let socket { machine.received(connection: current, now: socket.lastReceived) }
        perform(machine.timePassed(now: .now(), wall: .now(), jitter: .random(in: 0...1)))
    }

    /// The connection the machine speaks of; the socket in hand is always that one.
    private var current: Int {
        switch machine.state {
        case .dialing(let connection), .authenticating(let connection, _), .loadingProfile(let connection),
            .ready(let connection):
            connection
        case .stopped, .fetchingPassword, .backingOff, .held: 0
        }
    }

    private func fetchPassword() {
        work?.cancel()
        work = spawn { [weak self, gateway] in
            do throws(LongbridgeGateway.Failure) {
                let answer = try await gateway.socketPassword()
                guard let self, !Task.isCancelled else { return }
                guard answer.online < answer.limit else {
                    reason = "the broker's connection limit is reached (\(answer.online) of \(answer.limit))"
                    return perform(machine.passwordFailed(.connectionLimit, now: .now(), jitter: .random(in: 0...1)))
                }
                password = answer.password
                perform(machine.passwordFetched(now: .now()))
            } catch {
                guard let self, !Task.isCancelled else { return }
                reason = error.text
                perform(machine.passwordFailed(error.passwordFailure, now: .now(), jitter: .random(in: 0...1)))
            }
        }
    }

    private func dial(_ connection: Int) {
        let separator = settings.quoteURL.contains("?") ? "&" : "?"
        let url = "\(settings.quoteURL)\(separator)version=1&codec=1&platform=9"
        let fields = [("x-dc-region", settings.dataCenter), ("accept-language", settings.language)]
        work?.cancel()
        work = spawn { [weak self] in
            do throws(WebSocketError) {
                let socket = try await WebSocket.connect(url: url, fields: fields, deadline: .seconds(10))
                guard let self, !Task.isCancelled else { return socket.abort() }
                guard current == connection else { return socket.abort() }
                adopt(socket, connection)
            } catch {
                guard let self, !Task.isCancelled else { return }
                lose(connection, .broken, "\(error)")
            }
        }
    }

    private func adopt(_ socket: WebSocket, _ connection: Int) {
        self.socket = socket
        nextID = 1
        socket.onPong = { [weak self] _ in self?.machine.received(connection: connection, now: .now()) }
        socket.onPing = { [weak self] _ in self?.machine.received(connection: connection, now: .now()) }
        socket.onClose = { [weak self] closure in
            self?.lose(connection, .broken, "closed by the broker: \(closure.code) \(closure.reason.prefix(100))")
        }
        socket.onMessage = { [weak self] message in self?.received(message, connection) }
        perform(machine.opened(connection: connection, now: .now()))
    }

    private func lose(_ connection: Int, _ loss: QuoteSessionStateMachine.Loss, _ reason: String) {
        guard current == connection else { return }
        self.reason = reason
        perform(machine.lost(connection: connection, loss, now: .now(), jitter: .random(in: 0...1)))
    }

    private func closeSocket() {
        guard let socket else { return }
        self.socket = nil
        socket.onMessage = { _ in }
        socket.onClose = nil
        socket.close()
    }

    // MARK: Login

    private var metadata: [String: String] {
        var metadata = ["accept-language": settings.language]
        if settings.wantsOvernight { metadata["need_over_night_quote"] = "true" }
        return metadata
    }

    private func login(_ connection: Int, session: String?) {
        let command: UInt8
        let body: [UInt8]
        if let session {
            var request = Longbridge.Control.ReconnectRequest()
            request.sessionId = session
            request.metadata = metadata
            (command, body) = (ControlCommand.reconnect, request.encoded())
        } else {
            var request = Longbridge.Control.AuthRequest()
            request.token = password ?? ""
            request.metadata = metadata
            password = nil
            (command, body) = (ControlCommand.auth, request.encoded())
        }
        work = spawn { [weak self] in
            guard let self else { return }
            let answer = await exchange(command: command, body: body, timeout: .seconds(5))
            guard current == connection else { return }
            switch answer {
            case .success(let bytes):
                // Both answers have the same fields.
                guard let response = try? Longbridge.Control.AuthResponse.decode(bytes) else {
                    return lose(connection, .broken, "the broker's login answer could not be read")
                }
                perform(
                    machine.accepted(
                        connection: connection, session: response.sessionId,
                        expires: WallTime(milliseconds: response.expires), now: .now()))
            case .failure(let failure) where failure.upstream == nil:
                lose(connection, .broken, "no answer to the login: \(failure.message)")
            case .failure(let failure):
                reason = "login refused: \(failure.upstream?.message ?? failure.message)"
                let isLimit = failure.upstream?.code == String(QuoteErrorCode.connectionLimit)
                perform(
                    machine.refused(
                        connection: connection, isConnectionLimit: isLimit, now: .now(), jitter: .random(in: 0...1)))
            }
        }
    }

    private func loadProfile(_ connection: Int) {
        var request = Longbridge.Quote.UserQuoteProfileRequest()
        request.language = settings.language
        work = spawn { [weak self] in
            guard let self else { return }
            let answer = await exchange(
                command: QuoteCommand.userQuoteProfile.rawValue, body: request.encoded(), timeout: .seconds(10))
            guard current == connection else { return }
            guard case .success(let bytes) = answer,
                let profile = try? Longbridge.Quote.UserQuoteProfileResponse.decode(bytes)
            else { return lose(connection, .broken, "the broker's profile could not be read") }
            limits.apply(profile)
            subscriptionLimit = profile.subscribeLimit > 0 ? Int(profile.subscribeLimit) : nil
            perform(machine.profileLoaded(connection: connection, now: .now()))
        }
    }

    // MARK: Packets

    private func received(_ message: WebSocketMessage, _ connection: Int) {
        machine.received(connection: connection, now: .now())
        lastMessage = .now()
        guard case .binary(let bytes) = message else {
            return lose(connection, .broken, "the broker sent a text message")
        }
        do throws(PacketError) {
            let packet = try LongbridgePacket.decode(bytes)
            switch packet.kind {
            case .response(let id, let status):
                guard let waiter = inFlight.removeValue(forKey: id) else { return }
                waiter.resolve(
                    status == ResponseStatus.success
                        ? .success(packet.body)
                        : .failure(
                            BrokerFailure(ResponseFailure(status: status, body: packet.body), isAboutSymbol: true)))
            case .push where packet.command == ControlCommand.close: closePushed(packet.body, connection)
            case .push: onPush?(packet.command, packet.body)
            case .request(let id, _):
                // Only a heartbeat may ask; anything else is answered by silence.
                guard packet.command == ControlCommand.heartbeat else { return }
                let answer = LongbridgePacket(.response(id: id, status: 0), command: packet.command, body: packet.body)
                if let bytes = try? answer.encoded() { socket?.send(binary: bytes) }
            }
        } catch {
            lose(connection, .broken, "the broker sent a packet that cannot be read: \(error)")
        }
    }

    private func closePushed(_ body: [UInt8], _ connection: Int) {
        guard let close = try? Longbridge.Control.Close.decode(body) else {
            return lose(connection, .broken, "the broker closed the session")
        }
        let text = "the broker closed the session: \(close.code.name ?? String(close.code.rawValue))"
        switch close.code {
        case .authError, .sessExpired: lose(connection, .sessionExpired, text)
        case .connectDuplicate: lose(connection, .duplicate, text)
        default: lose(connection, .broken, text)
        }
    }

    private func failRequests() {
        let failed = inFlight
        inFlight = [:]
        for waiter in failed.values {
            waiter.resolve(.failure(BrokerFailure(.connectionLost, "The connection to the broker was lost.")))
        }
    }

    /// Sends a request and waits for its answer.
    private func exchange(command: UInt8, body: [UInt8], timeout: Duration) async -> Result<[UInt8], BrokerFailure> {
        let id = nextID
        nextID = nextID == .max ? 1 : nextID + 1
        let packet = LongbridgePacket(
            .request(id: id, timeoutMilliseconds: UInt16(clamping: timeout.millisecondsRoundedUp)), command: command,
            body: body)
        guard let socket, let bytes = try? packet.encoded() else {
            return .failure(BrokerFailure(.connectionLost, "The connection to the broker was lost."))
        }
        let answer = Completion<Result<[UInt8], BrokerFailure>>()
        inFlight[id] = answer
        let limit = LoopTimer {
            answer.resolve(.failure(BrokerFailure(.timedOut, "The broker did not answer in time.")))
        }
        limit.schedule(after: timeout)
        socket.send(binary: bytes)
        defer {
            limit.cancel()
            if inFlight[id] === answer { inFlight[id] = nil }
        }
        do throws(CancellationError) { return try await answer.value() } catch {
            return .failure(BrokerFailure(.cancelled, "The caller went away."))
        }
    }

    // MARK: Requests

    /// Sends a request within the broker's limits and decodes its answer.
    ///
    /// - Parameter wait: how long it may wait for its turn.
    func request<Response: Message>(
        _ command: QuoteCommand, _ body: some Message, as _: Response.Type, wait: Duration,
        timeout: Duration = .seconds(15)
    ) async throws(BrokerFailure) -> Response {
        try await takeTurn(command, until: Instant.now() + wait)
        defer { leave() }
        let bytes = try await exchange(command: command.rawValue, body: body.encoded(), timeout: timeout).get()
        do throws(ProtobufError) { return try Response.decode(bytes) } catch {
            throw BrokerFailure(.badAnswer, "The broker's answer could not be read.")
        }
    }

    private var slots = 0

    private func takeTurn(_ command: QuoteCommand, until deadline: Instant) async throws(BrokerFailure) {
        while true {
            guard isReady else {
                throw BrokerFailure(
                    areCredentialsRefused ? .authorizationRequired : .sessionNotReady(state: state.rawValue),
                    "The broker's session is not ready: \(reason ?? state.rawValue).")
            }
            let now = Instant.now()
            if slots >= QuoteLimits.callsAtOnce {
                try await waitForSlot(until: deadline)
                continue
            }
            guard let due = limits.admit(command, now: now) else {
                slots += 1
                return
            }
            guard due <= deadline else {
                throw BrokerFailure(
                    .rateLimited, "The broker's limit is used up for now.", retryAfter: due - now)
            }
            do throws(CancellationError) { try await sleep(for: due - now) } catch {
                throw BrokerFailure(.cancelled, "The caller went away.")
            }
        }
    }

    private func waitForSlot(until deadline: Instant) async throws(BrokerFailure) {
        let left = deadline - Instant.now()
        guard left > .zero, slotWaiters.count < QuoteLink.maximumWaiters else {
            throw BrokerFailure(.rateLimited, "Too many calls are waiting for the broker.", retryAfter: .seconds(1))
        }
        let turn = Completion<Bool>()
        slotWaiters.append(turn)
        let limit = LoopTimer { turn.resolve(false) }
        limit.schedule(after: left)
        defer {
            limit.cancel()
            slotWaiters.removeAll { $0 === turn }
        }
        do throws(CancellationError) { _ = try await turn.value() } catch {
            throw BrokerFailure(.cancelled, "The caller went away.")
        }
    }

    private func leave() {
        slots -= 1
        if !slotWaiters.isEmpty { slotWaiters.removeFirst().resolve(true) }
    }
}
