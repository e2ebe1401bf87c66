internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import Limits
internal import LongbridgeWire
internal import Protobuf
internal import Storage
internal import WebSockets

/// The steps from nothing to a session: password, connection, login, profile.
extension SocketLink {
    /// Refused logins in a row, of both sockets and over all runs, after which none is tried before a person acts. Three
    /// of each socket are one run's.
    static let refusalsBound = 2 * QuoteSessionStateMachine.refusedPasswordsBound

    func fetchPassword() {
        work?.cancel()
        work = spawn { [weak self, gateway, refusals] in
            await refusals.load()
            guard !Task.isCancelled else { return }
            guard refusals.count < SocketLink.refusalsBound else {
                self?.reason =
                    "the broker refused these credentials \(refusals.count) times in a row, and is not asked again until"
                    + " they are changed or somebody asks for it: \(refusals.reason)"
                self?.perform(
                    self?.machine.passwordFailed(.credentialsRefused, now: .now(), jitter: .random(in: 0...1)) ?? [])
                return
            }
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
                if error.isRefusedCredential { refusals.refused(error.text) }
                perform(machine.passwordFailed(error.passwordFailure, now: .now(), jitter: .random(in: 0...1)))
            }
        }
    }

    /// The query of the upgrade is the protocol's handshake: version 1, protobuf, OpenAPI.
    func dial(_ connection: Int) {
        let base = role == .quote ? settings.quoteURL : settings.tradeURL ?? ""
        let separator = base.contains("?") ? "&" : "?"
        let url = "\(base)\(separator)version=1&codec=1&platform=9"
        let fields = [("x-dc-region", gateway.dataCenter), ("accept-language", settings.language)]
        work?.cancel()
        work = spawn { [weak self, trust = settings.trust] in
            do throws(WebSocketError) {
                let socket = try await WebSocket.connect(url: url, fields: fields, tls: trust, deadline: .seconds(10))
                guard let self, !Task.isCancelled, current == connection else { return socket.abort() }
                adopt(socket, connection)
            } catch {
                guard let self, !Task.isCancelled else { return }
                lose(connection, "\(error)")
            }
        }
    }

    private func adopt(_ socket: WebSocket, _ connection: Int) {
        self.socket = socket
        queue.opened()
        socket.onClose = { [weak self] closure in self?.ended(closure, connection) }
        socket.onMessage = { [weak self] message in self?.received(message, connection) }
        perform(machine.opened(connection: connection, now: .now()))
    }

    /// A close packet should have said why before; some servers put the vendor's code into the WebSocket's own close.
    private func ended(_ closure: WebSocketClosure, _ connection: Int) {
        let reason = "the connection ended: \(closure.code) \(closure.reason.prefix(100))"
        guard let code = Int32(exactly: closure.code), code < 1000 else { return lose(connection, reason) }
        lose(connection, as: Longbridge.Control.Close.Code(rawValue: code).loss, reason)
    }

    // MARK: Login

    private var metadata: [String: String] {
        var metadata = ["accept-language": settings.language]
        if settings.wantsOvernight { metadata["need_over_night_quote"] = "true" }
        return metadata
    }

    func login(_ connection: Int, session: String?) {
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
            let answer = await self?.control(command, body, timeout: .seconds(5))
            guard let self, let answer, current == connection else { return }
            loggedIn(answer, connection)
        }
    }

    private func loggedIn(_ answer: Result<[UInt8], LinkFailure>, _ connection: Int) {
        switch answer {
        case .success(let bytes):
            // The answers to auth and reconnect have the same fields.
            guard let response = try? Longbridge.Control.AuthResponse.decode(bytes) else {
                return lose(connection, "the broker's login answer could not be read")
            }
            refusals.forget()
            perform(
                machine.accepted(
                    connection: connection, session: response.sessionId,
                    expires: WallTime(milliseconds: response.expires), now: .now()))
        case .failure(.refused(let failure)):
            let refused = "login refused: \(failure.status)/\(failure.code) \(failure.message.prefix(200))"
            reason = refused
            // A session that is no longer good says nothing about the credentials.
            if failure.loginRefusal == .unauthenticated,
                machine.state
                    == .authenticating(
                        connection: connection, bySession: false)
            {
                refusals.refused(refused)
            }
            perform(
                machine.refused(
                    connection: connection, failure.loginRefusal, now: .now(), jitter: .random(in: 0...1)))
        case .failure:
            lose(connection, "no answer to the login")
        }
    }

    func loadProfile(_ connection: Int) {
        var request = Longbridge.Quote.UserQuoteProfileRequest()
        request.language = settings.language
        let body = request.encoded()
        work = spawn { [weak self] in
            let answer = await self?.control(QuoteCommand.userQuoteProfile.rawValue, body, timeout: .seconds(10))
            guard let self, let answer, current == connection else { return }
            guard case .success(let bytes) = answer,
                let profile = try? Longbridge.Quote.UserQuoteProfileResponse.decode(bytes)
            else { return lose(connection, "the broker's profile could not be read") }
            queue.line.buckets = QuoteLimits.buckets(profile)
            permissions = QuotePermissions(profile)
            perform(machine.profileLoaded(connection: connection, now: .now()))
        }
    }
}

extension SocketLink {
    /// The last step of the trade socket: from then on order changes are pushed.
    func subscribeToOrders(_ connection: Int) {
        var request = Longbridge.Trade.Sub()
        request.topics = [SocketLink.ordersTopic]
        let body = request.encoded()
        let command = UInt8(clamping: Longbridge.Trade.Command.cmdSub.rawValue)
        work = spawn { [weak self] in
            let answer = await self?.control(command, body, timeout: .seconds(10))
            guard let self, let answer, current == connection else { return }
            guard case .success(let bytes) = answer, let response = try? Longbridge.Trade.SubResponse.decode(bytes),
                response.current.contains(SocketLink.ordersTopic)
            else { return lose(connection, "the broker refused the topic of order changes") }
            perform(machine.profileLoaded(connection: connection, now: .now()))
        }
    }

    /// The account's order changes.
    static let ordersTopic = "private"
}

extension Longbridge.Control.Close.Code {
    /// What it means for the session.
    var loss: QuoteSessionStateMachine.Loss {
        switch self {
        case .authError, .sessExpired: .sessionExpired
        case .connectDuplicate: .duplicate
        default: .broken
        }
    }
}

extension ResponseFailure {
    /// What it means for a login.
    var loginRefusal: QuoteSessionStateMachine.LoginRefusal {
        switch sense {
        case .unauthenticated: .unauthenticated
        case .connectionLimit: .connectionLimit
        case .timedOut, .invalidRequest, .unknownSecurity, .rateLimited, .noQuotes, .noPermission,
            .tooManySubscriptions,
            .tooMany, .serverFailure:
            .transient
        }
    }
}
