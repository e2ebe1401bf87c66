public import Clocks

/// One Longbridge quote session, seen from above the socket.
///
///     stopped ──start──▶ fetchingPassword ──password──▶ dialing ──opened──▶ authenticating ──accepted──▶ loadingProfile
///                          ▲     ▲                        ▲ │                  │      │                     │    │
///                          │     └─── session refused ────┼─┼──────────────────┘      │              profile│    │
///                          │ no session           session │ │ failed                  │ failed              ▼    │
///                          └───────── backingOff ─────────┘ │                         │                   ready  │
///                                         ▲                 │                         │       lost, silent  │    │
///                                         └─────────────────┴─────────────────────────┴─────────────────────┴────┘
///     held ◀── credentials refused, or taken over by another login (from any of them); left by `reconnect`, and
///              after a take-over by time if that is configured
///
/// Holds no socket, timer, clock or randomness. Events carry the number of the connection they are about; what a
/// connection says after it was given up is ignored. Subscriptions are ``SubscriptionPlan``'s: a link is ready as soon
/// as it answers, and says `.resubscribe` then.
public struct QuoteSessionStateMachine: Sendable {
    /// Where the session is. `stop` leads from each to `stopped`; what is lost leads to `backingOff`.
    public enum State: Equatable, Sendable {
        /// Left by `start`.
        case stopped
        /// Waiting for a one-time password; then `dialing`, or `held` if the credentials are refused.
        case fetchingPassword
        /// Waiting for the WebSocket; then `authenticating`.
        case dialing(connection: Int)
        /// Waiting for the answer to the login, by password or by session; then `loadingProfile`, or
        /// `fetchingPassword` after a refused session, or `held` after passwords refused in a row.
        case authenticating(connection: Int, bySession: Bool)
        /// Waiting for the profile, which tells the limits; then `ready`.
        case loadingProfile(connection: Int)
        /// Serving. Left by a loss, a take-over (`held`), or `reconnect`.
        case ready(connection: Int)
        /// Waiting for the next attempt: `dialing` with an unexpired session, else `fetchingPassword`.
        case backingOff(until: Instant)
        /// Not dialling until somebody acts, or a take-over may be answered.
        case held(HoldReason)
    }

    /// Why nothing is dialled.
    public enum HoldReason: Equatable, Sendable {
        /// The broker refused the key, the secret or the token.
        case credentialsRefused
        /// Another login took the session.
        case takenOver
    }

    /// Why there is no password.
    public enum PasswordFailure: Equatable, Sendable {
        /// The credentials are not accepted and will not be.
        case credentialsRefused
        /// As many connections are open as may be.
        case connectionLimit
        /// Anything that may pass.
        case transient
    }

    /// What a refused login was refused for.
    public enum LoginRefusal: Equatable, Sendable {
        /// The session is no longer good, or the password is wrong or spent.
        case unauthenticated
        /// As many connections are open as may be. The session stays good.
        case connectionLimit
        /// A failure of the server's. The session stays good.
        case transient
    }

    /// How a connection ended.
    public enum Loss: Equatable, Sendable {
        /// The network, the peer's end, a fault in what it sent.
        case broken
        /// The server said that the session is no longer valid.
        case sessionExpired
        /// The server said that the session connected twice.
        case duplicate
    }

    /// What the driver must do, in order.
    public enum Action: Equatable, Sendable {
        case fetchPassword
        case dial(connection: Int)
        case sendAuth(connection: Int)
        case sendReconnect(connection: Int, session: String)
        case sendProfile(connection: Int)
        /// The link is up: subscribe to what is wanted.
        case resubscribe(connection: Int)
        case close(connection: Int)
        case ping(connection: Int)
        /// Every request in flight fails.
        case failRequests
    }

    private struct Session: Equatable, Sendable {
        var id: String
        var expires: WallTime
    }

    /// Where the session is.
    public private(set) var state = State.stopped
    /// Attempts that failed since the link was last stable.
    public private(set) var attempts = 0
    /// How often a ready link was lost.
    public private(set) var losses = 0

    private let backoff: SessionBackoff
    private let heartbeat: Duration
    private let phaseDeadline: Duration
    private let reclaimAfter: Duration?
    private var session: Session?
    private var passwordsRefused = 0
    private var reclaimAt: Instant?
    private var reclaimedAt: Instant?
    private var lastConnection = 0
    private var phaseEnds = Instant.zero
    private var readySince = Instant.zero
    private var lastReceived = Instant.zero
    private var lastPing = Instant.zero

    /// A session that was never started.
    ///
    /// - Parameters:
    ///   - heartbeat: pings go out this often; a line silent for twice as long is lost.
    ///   - phaseDeadline: how long each step to readiness may take.
    ///   - reclaimAfter: how long after another login took over the session is taken back; `nil` for never.
    public init(
        backoff: SessionBackoff = SessionBackoff(), heartbeat: Duration = .seconds(30),
        phaseDeadline: Duration = .seconds(10), reclaimAfter: Duration? = nil
    ) {
        self.backoff = backoff
        self.heartbeat = heartbeat
        self.phaseDeadline = phaseDeadline
        self.reclaimAfter = reclaimAfter
    }

    /// Fresh passwords refused in a row after which the credentials count as refused. One may have expired or been
    /// spent on the way; three were not.
    public static let refusedPasswordsBound = 3

    /// Two take-overs are answered at most this often.
    public static let reclaimGap = Duration.seconds(60)

    // MARK: Wishes

    /// Begins, if stopped.
    public mutating func start(now: Instant, wall: WallTime) -> [Action] {
        guard state == .stopped else { return [] }
        return attempt(now: now, wall: wall)
    }

    /// Ends for good; `start` begins anew. Forgets the session.
    public mutating func stop() -> [Action] {
        let ending = endOfConnection()
        state = .stopped
        session = nil
        attempts = 0
        passwordsRefused = 0
        reclaimAt = nil
        return ending
    }

    /// Leaves a wait or a hold at once. `nil` if an attempt is under way, or the session is stopped.
    public mutating func reconnect(now: Instant, wall: WallTime) -> [Action]? {
        switch state {
        case .backingOff, .held:
            attempts = 0
            passwordsRefused = 0
            return attempt(now: now, wall: wall)
        case .ready:
            let ending = endOfConnection()
            losses += 1
            attempts = 0
            return ending + attempt(now: now, wall: wall)
        case .stopped, .fetchingPassword, .dialing, .authenticating, .loadingProfile:
            return nil
        }
    }

    // MARK: Events

    /// The one-time password came.
    public mutating func passwordFetched(now: Instant) -> [Action] {
        guard state == .fetchingPassword else { return [] }
        return dial(now: now)
    }

    /// There is no one-time password.
    public mutating func passwordFailed(_ failure: PasswordFailure, now: Instant, jitter: Double) -> [Action] {
        guard state == .fetchingPassword else { return [] }
        switch failure {
        case .credentialsRefused: return hold(.credentialsRefused, now: now)
        case .connectionLimit: return backOff(atLeast: backoff.connectionLimit, now: now, jitter: jitter)
        case .transient: return backOff(now: now, jitter: jitter)
        }
    }

    /// The WebSocket is open.
    public mutating func opened(connection: Int, now: Instant) -> [Action] {
        guard state == .dialing(connection: connection) else { return [.close(connection: connection)] }
        lastReceived = now
        lastPing = now
        phaseEnds = now + phaseDeadline
        state = .authenticating(connection: connection, bySession: session != nil)
        if let session { return [.sendReconnect(connection: connection, session: session.id)] }
        return [.sendAuth(connection: connection)]
    }

    /// The login was accepted, by either way; the answer carries the session to come back with.
    public mutating func accepted(connection: Int, session id: String, expires: WallTime, now: Instant) -> [Action] {
        guard case .authenticating(connection, _) = state else { return [] }
        session = id.isEmpty ? nil : Session(id: id, expires: expires)
        passwordsRefused = 0
        phaseEnds = now + phaseDeadline
        state = .loadingProfile(connection: connection)
        return [.sendProfile(connection: connection)]
    }

    /// The login was refused. A refused session is forgotten and a password tried at once; passwords refused again and
    /// again hold the link.
    public mutating func refused(
        connection: Int, _ refusal: LoginRefusal, now: Instant, jitter: Double
    ) -> [Action] {
        guard case .authenticating(connection, let bySession) = state else { return [] }
        let ending: [Action] = [.close(connection: connection), .failRequests]
        switch refusal {
        case .connectionLimit:
            return ending + backOff(atLeast: backoff.connectionLimit, now: now, jitter: jitter)
        case .transient:
            return ending + backOff(now: now, jitter: jitter)
        case .unauthenticated where bySession:
            session = nil
            phaseEnds = now + phaseDeadline
            state = .fetchingPassword
            return ending + [.fetchPassword]
        case .unauthenticated:
            passwordsRefused += 1
            guard passwordsRefused < Self.refusedPasswordsBound else {
                return ending + hold(.credentialsRefused, now: now)
            }
            return ending + backOff(now: now, jitter: jitter)
        }
    }

    /// The profile came.
    public mutating func profileLoaded(connection: Int, now: Instant) -> [Action] {
        guard state == .loadingProfile(connection: connection) else { return [] }
        readySince = now
        state = .ready(connection: connection)
        return [.resubscribe(connection: connection)]
    }

    /// The connection could not be opened, was lost, or is unusable.
    public mutating func lost(connection: Int, _ loss: Loss, now: Instant, jitter: Double) -> [Action] {
        switch state {
        case .dialing(connection), .authenticating(connection, _), .loadingProfile(connection):
            break
        case .ready(connection):
            losses += 1
            if now - readySince >= backoff.stableAfter { attempts = 0 }
        case .stopped, .fetchingPassword, .dialing, .authenticating, .loadingProfile, .ready, .backingOff, .held:
            return []
        }
        switch loss {
        case .broken: break
        case .sessionExpired: session = nil
        case .duplicate:
            return [.close(connection: connection), .failRequests] + hold(.takenOver, now: now)
        }
        return [.close(connection: connection), .failRequests] + backOff(now: now, jitter: jitter)
    }

    /// Bytes arrived: the line lives.
    public mutating func received(connection: Int, now: Instant) {
        switch state {
        case .authenticating(connection, _), .loadingProfile(connection), .ready(connection): lastReceived = now
        case .stopped, .fetchingPassword, .dialing, .authenticating, .loadingProfile, .ready, .backingOff, .held: break
        }
    }

    /// When `timePassed` has something to do; `nil` for never.
    public var nextDeadline: Instant? {
        switch state {
        case .stopped: nil
        case .held: reclaimAt
        case .fetchingPassword, .dialing, .authenticating, .loadingProfile: phaseEnds
        case .backingOff(let until): until
        case .ready: min(lastPing + heartbeat, lastReceived + heartbeat * 2)
        }
    }

    /// Time has passed; early calls do nothing.
    public mutating func timePassed(now: Instant, wall: WallTime, jitter: Double) -> [Action] {
        guard let deadline = nextDeadline, now >= deadline else { return [] }
        switch state {
        case .stopped:
            return []
        case .held:
            reclaimedAt = now
            return attempt(now: now, wall: wall)
        case .backingOff:
            return attempt(now: now, wall: wall)
        case .fetchingPassword:
            return backOff(now: now, jitter: jitter)
        case .dialing(let connection), .authenticating(let connection, _), .loadingProfile(let connection):
            return lost(connection: connection, .broken, now: now, jitter: jitter)
        case .ready(let connection):
            if now - lastReceived >= heartbeat * 2 {
                return lost(connection: connection, .broken, now: now, jitter: jitter)
            }
            lastPing = now
            return [.ping(connection: connection)]
        }
    }

    // MARK: Transitions

    private mutating func attempt(now: Instant, wall: WallTime) -> [Action] {
        reclaimAt = nil
        if let session, session.expires <= wall { self.session = nil }
        guard session == nil else { return dial(now: now) }
        phaseEnds = now + phaseDeadline
        state = .fetchingPassword
        return [.fetchPassword]
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

    private mutating func hold(_ reason: HoldReason, now: Instant) -> [Action] {
        session = nil
        state = .held(reason)
        guard reason == .takenOver, let reclaimAfter else { return [] }
        reclaimAt = max(now + reclaimAfter, reclaimedAt.map { $0 + Self.reclaimGap } ?? .zero)
        return []
    }

    private func endOfConnection() -> [Action] {
        switch state {
        case .dialing(let connection), .authenticating(let connection, _), .loadingProfile(let connection),
            .ready(let connection):
            [.close(connection: connection), .failRequests]
        case .stopped, .fetchingPassword, .backingOff, .held: []
        }
    }
}
