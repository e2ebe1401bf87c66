internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// A connection to a gateway: performs what the session machine and the request queue decide.
///
/// Deciding nothing itself, it keeps the connection, its cipher, one timer, and the table from a request's ticket to
/// whoever waits.
@LoopActor
final class OpenDLink {
    /// The status changed.
    var onStatus: (() -> Void)?

    /// When the last bytes came, on any connection.
    var lastMessage: WallTime?
    /// Why the link is not ready, for people.
    var reason: String?
    /// When the state last changed.
    private(set) var since = WallTime.now()
    /// Pushes of protocols this program does not know, since the start.
    var unknownPushes = 0
    /// What quotes the login may see, as the gateway notified; kept over reconnections.
    var rights: OpenD.Notify.QotRight?

    let settings: OpenDAccountSettings
    var machine: OpenDSessionStateMachine
    var queue: OpenDRequestQueue
    var waiters: [OpenDRequestQueue.Ticket: OpenDWaiter] = [:]
    /// What takes a push, by its protocol; `false` if the push cannot be read.
    var handlers: [UInt32: @LoopActor (OpenDPacket) -> Bool] = [:]
    var observers: [@LoopActor (OpenDLinkNews) -> Void] = []
    var wire: OpenDConnection?
    /// The answer to InitConnect on this connection.
    var greeting: OpenD.InitConnect.S2C?
    /// What the current step of the session waits for.
    var work: Task<Void, Never>?
    private var reported = LinkState.disconnected
    private var told: OpenDSession?
    private lazy var timer = LoopTimer { [weak self] in self?.timePassed() }

    init(_ settings: OpenDAccountSettings, limits: OpenDLimits) {
        self.settings = settings
        machine = OpenDSessionStateMachine(backoff: settings.backoff, phaseDeadline: settings.phaseDeadline)
        queue = OpenDRequestQueue(limits: limits)
    }

    // MARK: Wishes

    func start() { perform(machine.start(now: .now())) }

    /// Closes the connection. The protocol has no farewell.
    func stop() {
        reason = "stopped"
        work?.cancel()
        perform(machine.stop())
    }

    /// Dials now; `false` if an attempt is under way.
    func reconnect() -> Bool {
        guard let actions = machine.reconnect(now: .now()) else { return false }
        reason = "reconnecting, as asked"
        perform(actions)
        return true
    }

    // MARK: State

    /// The state in the words of the API. A gateway that waits for its user is held: nothing is dialled for it.
    var state: LinkState {
        switch machine.state {
        case .stopped: .disconnected
        case .dialing: .connecting
        case .initializing, .inspecting: .authenticating
        case .ready: .ready
        case .waiting, .held: .held
        case .backingOff: .backingOff
        }
    }

    var status: LinkStatus {
        var status = LinkStatus(name: .opend, since: since)
        status.state = state
        status.attempts = state == .ready ? 0 : machine.attempts
        if case .backingOff(let until) = machine.state { status.nextAttempt = WallTime.now() + (until - Instant.now()) }
        status.lastMessage = lastMessage
        status.reason = reason
        status.losses = machine.losses
        return status
    }

    /// Whether somebody must act at the gateway, or on the key.
    var needsUser: Bool { state == .held }

    // MARK: Actions

    func perform(_ actions: [OpenDSessionStateMachine.Action]) {
        for action in actions {
            switch action {
            case .dial(let connection): dial(connection)
            case .sendInit(let connection): initialize(connection)
            case .sendKeepAlive(let connection): keepAlive(connection)
            case .inspect(let connection): inspect(connection)
            case .close: closeWire()
            case .failRequests: perform(queue.lost())
            }
        }
        report()
        schedule()
    }

    /// Tells of a new state, once everything that led to it is done.
    func report() {
        if case .waiting(_, let obstacle) = machine.state { reason = obstacle.text }
        let session = current(machine.state)
        let isNews = state != reported
        if isNews {
            reported = state
            since = .now()
        }
        if session != nil {
            reason = session?.isTradeReady == false ? "the gateway is not logged in at the trade servers" : nil
        }
        let before = told
        told = session
        switch (before, session) {
        case (nil, nil): break
        case (nil, let session?):
            queue.becameReady()
            if isNews { onStatus?() }
            tell(.ready(session))
            return
        case (.some, nil):
            perform(queue.becameUnready())
            tell(.lost)
        case (let before?, let session?) where before.connection != session.connection:
            tell(.lost)
            queue.becameReady()
            tell(.ready(session))
        case (let before?, let session?):
            if before != session { tell(.changed(session)) }
        }
        if isNews { onStatus?() }
    }

    private func tell(_ news: OpenDLinkNews) {
        for observer in observers { observer(news) }
    }

    private func current(_ state: OpenDSessionStateMachine.State) -> OpenDSession? {
        guard case .ready = state, let greeting else { return nil }
        return OpenDSession(
            connection: greeting.connID, user: greeting.loginUserID, gatewayVersion: greeting.serverVer,
            isTradeReady: machine.standing.isTradeReady)
    }

    func schedule() {
        let now = Instant.now()
        guard let deadline = [machine.nextDeadline, queue.nextDeadline(now: now)].compactMap({ $0 }).min() else {
            return timer.cancel()
        }
        timer.schedule(after: deadline - now)
    }

    private func timePassed() {
        perform(queue.advance(now: .now()))
        let before = machine.state
        let actions = machine.timePassed(now: .now(), jitter: .random(in: 0...1))
        if machine.state != before {
            switch before {
            case .dialing: reason = "the gateway could not be reached in time"
            case .initializing, .inspecting: reason = "handshake: nothing came from the gateway in time"
            case .ready, .waiting: reason = "the gateway went silent"
            case .stopped, .backingOff, .held: break
            }
        }
        perform(actions)
    }

    /// The connection is of no more use. Ignored if it is not the current one.
    func lose(_ connection: Int, _ reason: String) {
        guard connection != 0, machine.current == connection else { return }
        self.reason = reason
        perform(machine.lost(connection: connection, now: .now(), jitter: .random(in: 0...1)))
    }

    private func closeWire() {
        work?.cancel()
        greeting = nil
        guard let wire else { return }
        self.wire = nil
        wire.close()
    }
}
