public import Clocks

/// One connection to a gateway, seen from above the socket.
///
///     stopped ──start──▶ dialing ──opened──▶ initializing ──accepted──▶ inspecting ──standing──▶ ready ◀──▶ waiting
///                         ▲  │                    │                          │                     │           │
///                         │  ▼ failed             ▼ refused, silent          ▼                     ▼ lost      ▼
///                       backingOff ◀──────────────┴──────────────────────────┴─────────────────────┴───────────┘
///
///     held ◀── the key does not fit, several times in a row; left by `reconnect`
///
/// `waiting` is a gateway that answers and is not logged in: the connection stays, and the gateway is asked again with
/// each keep-alive. Holds no socket, timer, clock or randomness. Events carry the number of the connection they are
/// about; what a connection says after it was given up is ignored.
public struct OpenDSessionStateMachine: Sendable {
    /// Where the session is. `stop` leads from each to `stopped`; what is lost leads to `backingOff`.
    public enum State: Equatable, Sendable {
        /// Left by `start`.
        case stopped
        /// Waiting for the connection; then `initializing`.
        case dialing(connection: Int)
        /// Waiting for the answer to InitConnect; then `inspecting`, or `held` after keys that do not fit in a row.
        case initializing(connection: Int)
        /// Waiting for the first answer to GetGlobalState; then `ready` or `waiting`.
        case inspecting(connection: Int)
        /// The gateway cannot serve; `ready` once it says that it can.
        case waiting(connection: Int, GatewayStanding.Obstacle)
        /// Serving; `waiting` once the gateway says that it no longer can.
        case ready(connection: Int)
        /// Waiting for the next attempt: `dialing`.
        case backingOff(until: Instant)
        /// Not dialling until somebody acts: the RSA key is not the gateway's.
        case held
    }

    /// Why InitConnect did not succeed, though it was answered.
    public enum Refusal: Equatable, Sendable {
        /// The answer cannot be deciphered: the gateway has another key.
        case keyMismatch
        /// The gateway said no: too many connections, or a fault of its own.
        case refused
    }

    /// What the driver must do, in order.
    public enum Action: Equatable, Sendable {
        case dial(connection: Int)
        case sendInit(connection: Int)
        case sendKeepAlive(connection: Int)
        /// Ask for the global state.
        case inspect(connection: Int)
        case close(connection: Int)
        /// Every request in flight fails.
        case failRequests
    }

    /// Where the session is.
    public private(set) var state = State.stopped
    /// Attempts that failed since the link was last stable.
    public private(set) var attempts = 0
    /// How often a ready link was lost, or ceased to serve.
    public private(set) var losses = 0
    /// What the gateway said of itself last on this connection.
    public private(set) var standing = GatewayStanding()

    private let backoff: SessionBackoff
    private let phaseDeadline: Duration
    private var lastConnection = 0
    private var mismatches = 0
    private var interval = standardInterval
    private var phaseEnds = Instant.zero
    private var connectedSince = Instant.zero
    private var lastReceived = Instant.zero
    private var lastKeepAlive = Instant.zero
    private var lastInspection = Instant.zero

    /// What gateways commonly ask for.
    public static let standardInterval = Duration.seconds(10)
    /// Keep-alives asked for less or more often than this are not believed: the gateway drops who is silent for 30 s.
    public static let intervalBounds = Duration.seconds(2)...Duration.seconds(25)
    /// A gateway that serves is asked for its state this often, should a notification have been missed.
    public static let inspectionGap = Duration.seconds(60)
    /// Keys that do not fit in a row after which the link is held. One answer may have been spoilt on the way.
    public static let mismatchBound = 3

    /// A session that was never started.
    ///
    /// - Parameter phaseDeadline: how long each step to readiness may take.
    public init(backoff: SessionBackoff = SessionBackoff(), phaseDeadline: Duration = .seconds(10)) {
        self.backoff = backoff
        self.phaseDeadline = phaseDeadline
    }

    // MARK: Wishes

    /// Begins, if stopped.
    public mutating func start(now: Instant) -> [Action] {
        guard state == .stopped else { return [] }
        return dial(now: now)
    }

    /// Ends for good; `start` begins anew.
    public mutating func stop() -> [Action] {
        let ending = endOfConnection()
        state = .stopped
        attempts = 0
        mismatches = 0
        return ending
    }

    /// Leaves a wait or a hold at once. `nil` if an attempt is under way, or the session is stopped.
    public mutating func reconnect(now: Instant) -> [Action]? {
        switch state {
        case .backingOff, .held:
            attempts = 0
            mismatches = 0
            return dial(now: now)
        case .ready, .waiting:
            if case .ready = state { losses += 1 }
            attempts = 0
            let ending = endOfConnection()
            return ending + dial(now: now)
        case .stopped, .dialing, .initializing, .inspecting:
            return nil
        }
    }

    // MARK: Events

    /// The connection is open.
    public mutating func opened(connection: Int, now: Instant) -> [Action] {
        guard state == .dialing(connection: connection) else { return [.close(connection: connection)] }
        lastReceived = now
        phaseEnds = now + phaseDeadline
        state = .initializing(connection: connection)
        return [.sendInit(connection: connection)]
    }

    /// InitConnect succeeded; `interval` is the one it brought.
    public mutating func accepted(connection: Int, interval asked: Duration, now: Instant) -> [Action] {
        guard state == .initializing(connection: connection) else { return [] }
        let bounds = OpenDSessionStateMachine.intervalBounds
        // A gateway that asks for none is kept alive as usual.
        interval = asked <= .zero ? Self.standardInterval : min(max(asked, bounds.lowerBound), bounds.upperBound)
        mismatches = 0
        standing = GatewayStanding()
        connectedSince = now
        lastKeepAlive = now
        lastInspection = now
        phaseEnds = now + phaseDeadline
        state = .inspecting(connection: connection)
        return [.inspect(connection: connection)]
    }

    /// InitConnect was answered, and not as it should be.
    public mutating func refused(
        connection: Int, _ refusal: Refusal, now: Instant, jitter: Double
    ) -> [Action] {
        guard state == .initializing(connection: connection) else { return [] }
        let ending = endOfConnection()
        switch refusal {
        case .refused: return ending + backOff(atLeast: backoff.connectionLimit, now: now, jitter: jitter)
        case .keyMismatch:
            mismatches += 1
            guard mismatches < OpenDSessionStateMachine.mismatchBound else {
                state = .held
                return ending
            }
            return ending + backOff(now: now, jitter: jitter)
        }
    }

    /// The gateway told its whole state.
    public mutating func inspected(connection: Int, _ answer: OpenD.GetGlobalState.S2C) -> [Action] {
        guard current == connection else { return [] }
        standing.take(answer)
        return judge(connection)
    }

    /// The gateway notified. Before the first whole state it is only taken note of.
    public mutating func noticed(connection: Int, _ notice: OpenD.Notify.S2C) -> [Action] {
        guard current == connection else { return [] }
        standing.take(notice)
        if case .inspecting = state { return [] }
        return judge(connection)
    }

    /// The connection could not be opened, was lost, or is unusable.
    public mutating func lost(connection: Int, now: Instant, jitter: Double) -> [Action] {
        guard connection != 0, current == connection else { return [] }
        switch state {
        case .ready:
            losses += 1
            forgive(now: now)
        case .waiting: forgive(now: now)
        case .stopped, .dialing, .initializing, .inspecting, .backingOff, .held: break
        }
        let ending = endOfConnection()
        return ending + backOff(now: now, jitter: jitter)
    }

    /// Bytes arrived: the line lives.
    public mutating func received(connection: Int, now: Instant) {
        if current == connection { lastReceived = now }
    }

    /// When `timePassed` has something to do; `nil` for never.
    public var nextDeadline: Instant? {
        switch state {
        case .stopped, .held: nil
        case .dialing, .initializing, .inspecting: phaseEnds
        case .backingOff(let until): until
        case .ready, .waiting: min(lastKeepAlive + keepAlivePeriod, lastReceived + interval * 2)
        }
    }

    /// Time has passed; early calls do nothing.
    public mutating func timePassed(now: Instant, jitter: Double) -> [Action] {
        guard let deadline = nextDeadline, now >= deadline else { return [] }
        switch state {
        case .stopped, .held:
            return []
        case .backingOff:
            return dial(now: now)
        case .dialing(let connection), .initializing(let connection), .inspecting(let connection):
            return lost(connection: connection, now: now, jitter: jitter)
        case .ready(let connection), .waiting(let connection, _):
            if now - lastReceived >= interval * 2 { return lost(connection: connection, now: now, jitter: jitter) }
            lastKeepAlive = now
            var isWaiting = false
            if case .waiting = state { isWaiting = true }
            guard isWaiting || now - lastInspection >= OpenDSessionStateMachine.inspectionGap else {
                return [.sendKeepAlive(connection: connection)]
            }
            lastInspection = now
            return [.sendKeepAlive(connection: connection), .inspect(connection: connection)]
        }
    }

    /// The connection in hand; 0 while there is none.
    public var current: Int {
        switch state {
        case .dialing(let connection), .initializing(let connection), .inspecting(let connection),
            .ready(let connection), .waiting(let connection, _):
            connection
        case .stopped, .backingOff, .held: 0
        }
    }

    // MARK: Transitions

    /// The vendor's client sends one every four fifths of the interval.
    private var keepAlivePeriod: Duration { interval * 4 / 5 }

    private mutating func judge(_ connection: Int) -> [Action] {
        switch state {
        case .inspecting, .waiting:
            state =
                standing.obstacle.map { .waiting(connection: connection, $0) } ?? .ready(connection: connection)
        case .ready:
            guard let obstacle = standing.obstacle else { break }
            losses += 1
            state = .waiting(connection: connection, obstacle)
        case .stopped, .dialing, .initializing, .backingOff, .held: break
        }
        return []
    }

    private mutating func forgive(now: Instant) {
        if now - connectedSince >= backoff.stableAfter { attempts = 0 }
    }

    private mutating func dial(now: Instant) -> [Action] {
        lastConnection += 1
        phaseEnds = now + phaseDeadline
        state = .dialing(connection: lastConnection)
        return [.dial(connection: lastConnection)]
    }

    private mutating func backOff(atLeast least: Duration = .zero, now: Instant, jitter: Double) -> [Action] {
        attempts += 1
        state = .backingOff(until: now + max(least, backoff.wait(attempts: attempts, jitter: jitter)))
        return []
    }

    private func endOfConnection() -> [Action] {
        current == 0 ? [] : [.close(connection: current), .failRequests]
    }
}
