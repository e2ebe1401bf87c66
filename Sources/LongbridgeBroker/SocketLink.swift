internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import LongbridgeWire
internal import Storage
internal import WebSockets

/// A socket of the vendor's, for quotes or for trading: performs what the session machine and the request queue decide.
///
/// Deciding nothing itself, it keeps the socket, one timer, and the table from a request's ticket to whoever waits.
@LoopActor
final class SocketLink {
    /// A push of the server, not yet decoded. A thrown fault drops the connection.
    var onPush: ((_ command: UInt8, _ body: [UInt8]) throws(PushFault) -> Void)?
    /// The link is ready; subscriptions begin anew.
    var onReady: (() -> Void)?
    /// The status changed.
    var onStatus: (() -> Void)?
    /// The connection that was ready is gone.
    var onLost: (() -> Void)?

    /// When the last message came, on any connection.
    var lastMessage: WallTime?
    /// Securities that may be subscribed, as the profile says.
    var subscriptionLimit: Int? {
        [permissions?.subscriptionLimit, settings.bounds.subscriptions].compactMap { $0 }.min()
    }
    /// What the profile says; kept over reconnections.
    var permissions: QuotePermissions?
    /// Why the link is not ready, for people.
    var reason: String?
    /// When the state last changed.
    private(set) var since = WallTime.now()

    /// Which of the two sockets it is. They differ in their address and in the last step of the login.
    enum Role {
        case quote, trade
    }

    let role: Role
    let settings: LongbridgeAccountSettings
    let gateway: LongbridgeGateway
    /// Logins that were refused, in this run and before.
    let refusals: RefusalRecord
    var machine: QuoteSessionStateMachine
    var queue: RequestQueue
    var waiters: [RequestQueue.Ticket: RequestWaiter] = [:]
    var socket: WebSocket?
    var password: String?
    /// What the current step of the session waits for.
    var work: Task<Void, Never>?
    private var reported = LinkState.disconnected
    private lazy var timer = LoopTimer { [weak self] in self?.timePassed() }

    init(_ role: Role, _ settings: LongbridgeAccountSettings, gateway: LongbridgeGateway, refusals: RefusalRecord) {
        self.role = role
        self.settings = settings
        self.gateway = gateway
        self.refusals = refusals
        queue = RequestQueue(settings.bounds)
        machine = QuoteSessionStateMachine(
            backoff: settings.backoff, heartbeat: settings.heartbeat, reclaimAfter: settings.reclaimAfter)
    }

    // MARK: Wishes

    func start() { perform(machine.start(now: .now(), wall: .now())) }

    /// Closes the connection and waits, at most a second, until the broker has taken the close.
    func stop() async {
        let closing = socket
        reason = "stopped"
        perform(machine.stop())
        work?.cancel()
        guard let closing else { return }
        let closed = Completion<Void>()
        closing.onClose = { _ in closed.resolve(()) }
        let limit = LoopTimer { closed.resolve(()) }
        limit.schedule(after: .seconds(1))
        try? await closed.value()
        limit.cancel()
    }

    /// Dials now; `false` if an attempt is under way.
    func reconnect() -> Bool {
        guard let actions = machine.reconnect(now: .now(), wall: .now()) else { return false }
        reason = "reconnecting, as asked"
        perform(actions)
        return true
    }

    /// Drops the session for good: what it was opened with no longer counts.
    func abandon(_ reason: String) { lose(current, as: .sessionExpired, reason) }

    // MARK: State

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

    var isReady: Bool { state == .ready }
    var attempts: Int { isReady ? 0 : machine.attempts }
    var losses: Int { machine.losses }
    var areCredentialsRefused: Bool { machine.state == .held(.credentialsRefused) }

    /// When the next attempt is due.
    var nextAttempt: WallTime? {
        switch machine.state {
        case .backingOff, .held: machine.nextDeadline.map { WallTime.now() + ($0 - Instant.now()) }
        case .stopped, .fetchingPassword, .dialing, .authenticating, .loadingProfile, .ready: nil
        }
    }

    /// The connection the machine speaks of; the socket in hand is always that one. 0 while there is none.
    var current: Int {
        switch machine.state {
        case .dialing(let connection), .authenticating(let connection, _), .loadingProfile(let connection),
            .ready(let connection):
            connection
        case .stopped, .fetchingPassword, .backingOff, .held: 0
        }
    }

    // MARK: Actions

    func perform(_ actions: [QuoteSessionStateMachine.Action]) {
        for action in actions {
            switch action {
            case .fetchPassword: fetchPassword()
            case .dial(let connection): dial(connection)
            case .sendAuth(let connection): login(connection, session: nil)
            case .sendReconnect(let connection, let session): login(connection, session: session)
            case .sendProfile(let connection):
                switch role {
                case .quote: loadProfile(connection)
                case .trade: subscribeToOrders(connection)
                }
            case .resubscribe: queue.becameReady()
            case .close: closeSocket()
            case .ping: socket?.ping()
            case .failRequests: perform(queue.lost(now: .now()))
            }
        }
        report()
        schedule()
    }

    /// Tells of a new state, once everything that led to it is done.
    private func report() {
        guard state != reported else { return }
        let wasReady = reported == .ready
        reported = state
        since = .now()
        if isReady { reason = nil }
        if wasReady { onLost?() }
        onStatus?()
        if isReady { onReady?() }
    }

    func schedule() {
        let now = Instant.now()
        guard let deadline = [machine.nextDeadline, queue.nextDeadline(now: now)].compactMap({ $0 }).min() else {
            return timer.cancel()
        }
        timer.schedule(after: deadline - now)
    }

    private func timePassed() {
        if let socket { machine.received(connection: current, now: socket.lastReceived) }
        perform(queue.advance(now: .now()))
        let before = machine.state
        let late = "nothing came from the broker in time"
        let actions = machine.timePassed(now: .now(), wall: .now(), jitter: .random(in: 0...1))
        if machine.state != before {
            switch before {
            case .fetchingPassword: reason = "no one-time password: \(late)"
            case .dialing: reason = "the connection could not be opened in time"
            case .authenticating, .loadingProfile: reason = "login: \(late)"
            case .ready: reason = "the line went silent"
            case .stopped, .backingOff, .held: break
            }
        }
        perform(actions)
    }

    /// The connection is of no more use. Ignored if it is not the current one.
    func lose(_ connection: Int, as loss: QuoteSessionStateMachine.Loss = .broken, _ reason: String) {
        guard connection != 0, current == connection else { return }
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
}
