import Clocks
import LongbridgeWire
import Testing

private typealias Machine = QuoteSessionStateMachine
private typealias Action = QuoteSessionStateMachine.Action

private let noon = Instant.zero
private let wall = WallTime(seconds: 1_795_140_900)

/// Every state there is, reached by events alone.
private enum Place: String, CaseIterable {
    case stopped, fetchingPassword, dialing, authenticatingByPassword, authenticatingBySession, loadingProfile, ready
    case backingOff, heldForCredentials, heldTakenOver

    /// The number of the connection the state speaks of, or the last one.
    var connection: Int { self == .authenticatingBySession ? 2 : 1 }

    func machine() -> Machine {
        var machine = Machine()
        guard self != .stopped else { return machine }
        #expect(machine.start(now: noon, wall: wall) == [.fetchPassword])
        switch self {
        case .stopped, .fetchingPassword: return machine
        case .backingOff:
            _ = machine.passwordFailed(.transient, now: noon, jitter: 1)
            return machine
        case .heldForCredentials:
            _ = machine.passwordFailed(.credentialsRefused, now: noon, jitter: 1)
            return machine
        case .dialing, .authenticatingByPassword, .authenticatingBySession, .loadingProfile, .ready, .heldTakenOver:
            break
        }
        #expect(machine.passwordFetched(now: noon) == [.dial(connection: 1)])
        if self == .dialing { return machine }
        #expect(machine.opened(connection: 1, now: noon) == [.sendAuth(connection: 1)])
        if self == .authenticatingByPassword { return machine }
        let expires = wall + .seconds(3600)
        #expect(
            machine.accepted(connection: 1, session: "s1", expires: expires, now: noon) == [.sendProfile(connection: 1)]
        )
        if self == .loadingProfile { return machine }
        #expect(machine.profileLoaded(connection: 1, now: noon) == [.resubscribe(connection: 1)])
        switch self {
        case .authenticatingBySession:
            _ = machine.lost(connection: 1, .broken, now: noon, jitter: 0)
            #expect(machine.timePassed(now: noon, wall: wall, jitter: 0) == [.dial(connection: 2)])
            #expect(machine.opened(connection: 2, now: noon) == [.sendReconnect(connection: 2, session: "s1")])
        case .heldTakenOver:
            _ = machine.lost(connection: 1, .duplicate, now: noon, jitter: 0)
        case .stopped, .fetchingPassword, .dialing, .authenticatingByPassword, .loadingProfile, .ready, .backingOff,
            .heldForCredentials:
            break
        }
        return machine
    }

    var state: Machine.State {
        switch self {
        case .stopped: .stopped
        case .fetchingPassword: .fetchingPassword
        case .dialing: .dialing(connection: 1)
        case .authenticatingByPassword: .authenticating(connection: 1, bySession: false)
        case .authenticatingBySession: .authenticating(connection: 2, bySession: true)
        case .loadingProfile: .loadingProfile(connection: 1)
        case .ready: .ready(connection: 1)
        case .backingOff: .backingOff(until: noon + .seconds(1))
        case .heldForCredentials: .held(.credentialsRefused)
        case .heldTakenOver: .held(.takenOver)
        }
    }
}

/// Everything that can happen. `stale` is the number of a connection given up long ago.
private enum Event: String, CaseIterable {
    case start, stop, reconnect, timePassedEarly, timePassedLate
    case passwordFetched, credentialsRefused, passwordConnectionLimit, passwordFailed
    case opened, accepted, refusedLogin, refusedForLimit, refusedForNow, profileLoaded
    case lost, lostSession, takenOver
    case staleOpened, staleAccepted, staleRefused, staleProfile, staleLost

    static let stale = 77
    static let late = noon + .seconds(600)

    func happen(_ machine: inout Machine, _ connection: Int) -> [Action]? {
        let stale = Event.stale
        switch self {
        case .start: return machine.start(now: noon, wall: wall)
        case .stop: return machine.stop()
        case .reconnect: return machine.reconnect(now: noon, wall: wall)
        case .timePassedEarly: return machine.timePassed(now: noon, wall: wall, jitter: 1)
        case .timePassedLate: return machine.timePassed(now: Event.late, wall: wall, jitter: 1)
        case .passwordFetched: return machine.passwordFetched(now: noon)
        case .credentialsRefused: return machine.passwordFailed(.credentialsRefused, now: noon, jitter: 1)
        case .passwordConnectionLimit: return machine.passwordFailed(.connectionLimit, now: noon, jitter: 1)
        case .passwordFailed: return machine.passwordFailed(.transient, now: noon, jitter: 1)
        case .opened: return machine.opened(connection: connection, now: noon)
        case .accepted: return machine.accepted(connection: connection, session: "s2", expires: wall, now: noon)
        case .refusedLogin: return machine.refused(connection: connection, .unauthenticated, now: noon, jitter: 1)
        case .refusedForLimit: return machine.refused(connection: connection, .connectionLimit, now: noon, jitter: 1)
        case .refusedForNow: return machine.refused(connection: connection, .transient, now: noon, jitter: 1)
        case .profileLoaded: return machine.profileLoaded(connection: connection, now: noon)
        case .lost: return machine.lost(connection: connection, .broken, now: noon, jitter: 1)
        case .lostSession: return machine.lost(connection: connection, .sessionExpired, now: noon, jitter: 1)
        case .takenOver: return machine.lost(connection: connection, .duplicate, now: noon, jitter: 1)
        case .staleOpened: return machine.opened(connection: stale, now: noon)
        case .staleAccepted: return machine.accepted(connection: stale, session: "x", expires: wall, now: noon)
        case .staleRefused: return machine.refused(connection: stale, .unauthenticated, now: noon, jitter: 1)
        case .staleProfile: return machine.profileLoaded(connection: stale, now: noon)
        case .staleLost: return machine.lost(connection: stale, .duplicate, now: noon, jitter: 1)
        }
    }
}

private struct Cell {
    var actions: [Action]?
    var state: Machine.State

    init(_ actions: [Action]?, _ state: Machine.State) {
        self.actions = actions
        self.state = state
    }
}

/// What each event does in each state. What is not listed does nothing.
private func expectation(_ place: Place, _ event: Event) -> Cell {
    let connection = place.connection
    let close: [Action] = [.close(connection: connection), .failRequests]
    let second = Machine.State.backingOff(until: noon + .seconds(1))
    let minute = Machine.State.backingOff(until: noon + .seconds(60))
    let lateBackOff = Machine.State.backingOff(until: Event.late + .seconds(1))
    let nothing = Cell([], place.state)
    switch event {
    case .staleOpened: return Cell([.close(connection: Event.stale)], place.state)
    case .staleAccepted, .staleRefused, .staleProfile, .staleLost: return nothing
    default: break
    }
    switch (place, event) {
    case (.stopped, .start): return Cell([.fetchPassword], .fetchingPassword)
    case (.stopped, .reconnect), (.fetchingPassword, .reconnect), (.dialing, .reconnect),
        (.authenticatingByPassword, .reconnect), (.authenticatingBySession, .reconnect), (.loadingProfile, .reconnect):
        return Cell(nil, place.state)
    case (.stopped, .stop), (.fetchingPassword, .stop), (.backingOff, .stop), (.heldForCredentials, .stop),
        (.heldTakenOver, .stop):
        return Cell([], .stopped)
    case (_, .stop): return Cell(close, .stopped)

    case (.fetchingPassword, .passwordFetched): return Cell([.dial(connection: 1)], .dialing(connection: 1))
    case (.fetchingPassword, .credentialsRefused): return Cell([], .held(.credentialsRefused))
    case (.fetchingPassword, .passwordConnectionLimit): return Cell([], minute)
    case (.fetchingPassword, .passwordFailed): return Cell([], second)
    case (.fetchingPassword, .timePassedLate): return Cell([], lateBackOff)

    case (.dialing, .opened):
        return Cell([.sendAuth(connection: 1)], .authenticating(connection: 1, bySession: false))
    case (_, .opened): return Cell([.close(connection: connection)], place.state)

    case (.authenticatingByPassword, .accepted), (.authenticatingBySession, .accepted):
        return Cell([.sendProfile(connection: connection)], .loadingProfile(connection: connection))
    case (.authenticatingByPassword, .refusedLogin): return Cell(close, second)
    case (.authenticatingBySession, .refusedLogin): return Cell(close + [.fetchPassword], .fetchingPassword)
    case (.authenticatingByPassword, .refusedForLimit), (.authenticatingBySession, .refusedForLimit):
        return Cell(close, minute)
    case (.authenticatingByPassword, .refusedForNow), (.authenticatingBySession, .refusedForNow):
        return Cell(close, second)

    case (.loadingProfile, .profileLoaded): return Cell([.resubscribe(connection: 1)], .ready(connection: 1))
    case (.ready, .reconnect): return Cell(close + [.dial(connection: 2)], .dialing(connection: 2))

    case (.backingOff, .reconnect), (.backingOff, .timePassedLate), (.heldForCredentials, .reconnect),
        (.heldTakenOver, .reconnect):
        return Cell([.fetchPassword], .fetchingPassword)

    case (.dialing, .timePassedLate), (.authenticatingByPassword, .timePassedLate),
        (.authenticatingBySession, .timePassedLate), (.loadingProfile, .timePassedLate), (.ready, .timePassedLate):
        return Cell(close, lateBackOff)
    case (.dialing, .lost), (.authenticatingByPassword, .lost), (.authenticatingBySession, .lost),
        (.loadingProfile, .lost), (.ready, .lost), (.dialing, .lostSession), (.authenticatingByPassword, .lostSession),
        (.authenticatingBySession, .lostSession), (.loadingProfile, .lostSession), (.ready, .lostSession):
        return Cell(close, second)
    case (.dialing, .takenOver), (.authenticatingByPassword, .takenOver), (.authenticatingBySession, .takenOver),
        (.loadingProfile, .takenOver), (.ready, .takenOver):
        return Cell(close, .held(.takenOver))
    default: return nothing
    }
}

@Suite struct QuoteSessionStateMachineTests {
    @Test(arguments: Place.allCases)
    fileprivate func everyStateMeetsEveryEvent(_ place: Place) {
        let untouched = place.machine()
        #expect(untouched.state == place.state)
        for event in Event.allCases {
            var machine = untouched
            // The second connection of a session login is preceded by one loss, whose wait was nil.
            if place == .authenticatingBySession,
                [.refusedForNow, .lost, .lostSession, .timePassedLate].contains(event)
            {
                continue
            }
            let expected = expectation(place, event)
            #expect(event.happen(&machine, place.connection) == expected.actions, "\(place) met \(event)")
            #expect(machine.state == expected.state, "\(place) met \(event)")
        }
    }

    @Test(arguments: Event.allCases)
    fileprivate func aSecondAttemptWaitsUpToTwiceAsLong(_ event: Event) {
        guard [.refusedForNow, .lost, .lostSession].contains(event) else { return }
        var machine = Place.authenticatingBySession.machine()
        #expect(event.happen(&machine, 2) == [.close(connection: 2), .failRequests])
        #expect(machine.state == .backingOff(until: noon + .seconds(2)))
    }

    @Test func aLossKeepsTheSessionForTheNextAttemptUntilItExpires() {
        for (age, expected) in [
            (Duration.seconds(3599), Action.dial(connection: 2)), (.seconds(3600), .fetchPassword),
        ] {
            var machine = Place.ready.machine()
            _ = machine.lost(connection: 1, .broken, now: noon, jitter: 1)
            #expect(machine.timePassed(now: noon + .seconds(1), wall: wall + age, jitter: 1) == [expected])
        }
    }

    @Test func aSessionTheServerDisownsIsForgotten() {
        var machine = Place.ready.machine()
        _ = machine.lost(connection: 1, .sessionExpired, now: noon, jitter: 1)
        #expect(machine.timePassed(now: noon + .seconds(1), wall: wall, jitter: 1) == [.fetchPassword])
    }

    @Test func theConnectionLimitKeepsTheSessionAndWaitsAMinute() {
        var machine = Place.authenticatingBySession.machine()
        _ = machine.refused(connection: 2, .connectionLimit, now: noon, jitter: 0)
        #expect(machine.state == .backingOff(until: noon + .seconds(60)))
        #expect(machine.timePassed(now: noon + .seconds(59), wall: wall, jitter: 0) == [])
        #expect(machine.timePassed(now: noon + .seconds(60), wall: wall, jitter: 0) == [.dial(connection: 3)])
    }

    @Test func aSessionWithoutNameOrTimeIsNotUsed() {
        var machine = Place.authenticatingByPassword.machine()
        _ = machine.accepted(connection: 1, session: "", expires: wall + .seconds(9), now: noon)
        _ = machine.lost(connection: 1, .broken, now: noon, jitter: 1)
        #expect(machine.timePassed(now: noon + .seconds(1), wall: wall, jitter: 1) == [.fetchPassword])
    }

    @Test func threeFreshPasswordsRefusedInARowHoldTheLinkForGood() {
        var machine = Place.authenticatingByPassword.machine()
        for attempt in 1...3 {
            #expect(
                machine.refused(connection: attempt, .unauthenticated, now: noon, jitter: 0)
                    == [.close(connection: attempt), .failRequests])
            guard attempt < 3 else { break }
            #expect(machine.timePassed(now: noon, wall: wall, jitter: 0) == [.fetchPassword])
            _ = machine.passwordFetched(now: noon)
            _ = machine.opened(connection: attempt + 1, now: noon)
        }
        #expect(machine.state == .held(.credentialsRefused))
        #expect(machine.nextDeadline == nil)
        #expect(machine.timePassed(now: noon + .seconds(86_400), wall: wall, jitter: 0) == [])
        #expect(machine.reconnect(now: noon, wall: wall) == [.fetchPassword])
    }

    @Test func waitsDoubleUpToAMinuteAndBeginAnewAfterAMinuteOfCalm() {
        var machine = Machine()
        _ = machine.start(now: noon, wall: wall)
        var waits: [Duration] = []
        var now = noon
        for _ in 1...9 {
            _ = machine.passwordFailed(.transient, now: now, jitter: 1)
            guard case .backingOff(let until) = machine.state else { return #expect(Bool(false)) }
            waits.append(until - now)
            now = until
            #expect(machine.timePassed(now: now, wall: wall, jitter: 1) == [.fetchPassword])
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        #expect(machine.attempts == 9)
        for (calm, wait) in [(Duration.seconds(59), Duration.seconds(60)), (.seconds(60), .seconds(1))] {
            var machine = machine
            _ = machine.passwordFetched(now: now)
            _ = machine.opened(connection: 1, now: now)
            _ = machine.accepted(connection: 1, session: "s", expires: wall, now: now)
            _ = machine.profileLoaded(connection: 1, now: now)
            _ = machine.lost(connection: 1, .broken, now: now + calm, jitter: 1)
            #expect(machine.state == .backingOff(until: now + calm + wait))
        }
    }

    @Test func jitterSpreadsTheWaitOverAllOfIt() {
        let backoff = SessionBackoff()
        #expect(backoff.wait(attempts: 4, jitter: 0) == .zero)
        #expect(backoff.wait(attempts: 4, jitter: 0.5) == .seconds(4))
        #expect(backoff.wait(attempts: 4, jitter: 1) == .seconds(8))
        #expect(backoff.wait(attempts: .max, jitter: 2) == .seconds(60))
        #expect(backoff.wait(attempts: 1, jitter: 1) == .seconds(1))
        #expect(backoff.wait(attempts: 0, jitter: 1) == .seconds(1))
    }

    @Test func aSilentLineIsNoticedWithinTwoHeartbeats() {
        var machine = Place.ready.machine()
        var pings = 0
        var now = noon
        while let deadline = machine.nextDeadline, machine.state == .ready(connection: 1) {
            now = deadline
            if machine.timePassed(now: now, wall: wall, jitter: 0) == [.ping(connection: 1)] { pings += 1 }
        }
        #expect(pings == 1)
        #expect(now == noon + .seconds(60))
        #expect(machine.losses == 1)
    }

    @Test func anyByteCountsAsLife() {
        var machine = Place.ready.machine()
        for second in stride(from: 25, through: 600, by: 25) {
            let now = noon + .seconds(second)
            machine.received(connection: 1, now: now)
            machine.received(connection: Event.stale, now: now + .seconds(1000))
            _ = machine.timePassed(now: now, wall: wall, jitter: 0)
            #expect(machine.state == .ready(connection: 1))
        }
    }

    @Test func aTakeOverIsAnsweredOnlyIfConfiguredAndOnceAMinute() {
        var machine = Machine(reclaimAfter: .seconds(5))
        _ = machine.start(now: noon, wall: wall)
        var now = noon
        for (connection, gap) in [(1, 5), (2, 60), (3, 60)] {
            _ = machine.passwordFetched(now: now)
            _ = machine.opened(connection: connection, now: now)
            _ = machine.lost(connection: connection, .duplicate, now: now, jitter: 0)
            #expect(machine.state == .held(.takenOver))
            #expect(machine.nextDeadline == now + .seconds(gap))
            now = now + .seconds(gap)
            #expect(machine.timePassed(now: now, wall: wall, jitter: 0) == [.fetchPassword])
        }
    }

    @Test func aNoticeOfAnOldConnectionDoesNotTouchTheNewOne() {
        var machine = Place.authenticatingBySession.machine()
        _ = machine.accepted(connection: 2, session: "s2", expires: wall + .seconds(9), now: noon)
        _ = machine.profileLoaded(connection: 2, now: noon)
        #expect(machine.lost(connection: 1, .duplicate, now: noon, jitter: 0) == [])
        #expect(machine.state == .ready(connection: 2))
    }

    @Test func stoppingForgetsTheSession() {
        var machine = Place.ready.machine()
        #expect(machine.stop() == [.close(connection: 1), .failRequests])
        #expect(machine.start(now: noon, wall: wall) == [.fetchPassword])
    }
}
