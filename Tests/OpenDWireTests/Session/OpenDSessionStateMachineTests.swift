import Clocks
import OpenDWire
import Testing

private typealias Machine = OpenDSessionStateMachine
private typealias Action = OpenDSessionStateMachine.Action

private let noon = Instant.zero

/// A gateway's state with nothing in it but what the machine looks at.
private func global(quotes: Bool, trade: Bool = true, program: Int32? = nil) -> OpenD.GetGlobalState.S2C {
    var state = OpenD.GetGlobalState.S2C()
    state.qotLogined = quotes
    state.trdLogined = trade
    if let program {
        var status = OpenD.Common.ProgramStatus()
        status.type = OpenD.Common.ProgramStatusType(rawValue: program)
        state.programStatus = status
    }
    return state
}

private func event(_ type: Int32) -> OpenD.Notify.S2C {
    var notice = OpenD.Notify.S2C()
    notice.type = 1
    var event = OpenD.Notify.GtwEvent()
    event.eventType = type
    notice.event = event
    return notice
}

private func connected(quotes: Bool) -> OpenD.Notify.S2C {
    var notice = OpenD.Notify.S2C()
    notice.type = 3
    var status = OpenD.Notify.ConnectStatus()
    status.qotLogined = quotes
    status.trdLogined = quotes
    notice.connectStatus = status
    return notice
}

/// Every state there is, reached by events alone.
private enum Place: String, CaseIterable {
    case stopped, dialing, initializing, inspecting, waiting, ready, backingOff, held

    func machine() -> Machine {
        var machine = Machine()
        guard self != .stopped else { return machine }
        #expect(machine.start(now: noon) == [.dial(connection: 1)])
        switch self {
        case .stopped, .dialing: return machine
        case .backingOff:
            #expect(machine.lost(connection: 1, now: noon, jitter: 1) == [.close(connection: 1), .failRequests])
            return machine
        case .held:
            for attempt in 1...Machine.mismatchBound {
                _ = machine.opened(connection: attempt, now: noon)
                _ = machine.refused(connection: attempt, .keyMismatch, now: noon, jitter: 0)
                _ = machine.timePassed(now: noon, jitter: 0)
            }
            return machine
        case .initializing, .inspecting, .waiting, .ready: break
        }
        #expect(machine.opened(connection: 1, now: noon) == [.sendInit(connection: 1)])
        if self == .initializing { return machine }
        #expect(machine.accepted(connection: 1, interval: .seconds(10), now: noon) == [.inspect(connection: 1)])
        if self == .inspecting { return machine }
        #expect(machine.inspected(connection: 1, global(quotes: self == .ready)) == [])
        return machine
    }

    var state: Machine.State {
        switch self {
        case .stopped: .stopped
        case .dialing: .dialing(connection: 1)
        case .initializing: .initializing(connection: 1)
        case .inspecting: .inspecting(connection: 1)
        case .waiting: .waiting(connection: 1, .notLoggedIn)
        case .ready: .ready(connection: 1)
        case .backingOff: .backingOff(until: noon + .seconds(1))
        case .held: .held
        }
    }

    var hasConnection: Bool {
        switch self {
        case .dialing, .initializing, .inspecting, .waiting, .ready: true
        case .stopped, .backingOff, .held: false
        }
    }
}

/// Everything that can happen. `stale` is the number of a connection that was never this one.
private enum Event: String, CaseIterable {
    case start, stop, reconnect, timePassedEarly, timePassedLate
    case opened, accepted, mismatched, refused, loggedIn, loggedOut, kicked, lost
    case staleOpened, staleAccepted, staleRefused, staleInspected, staleNoticed, staleLost

    func happen(to machine: inout Machine) -> [Action]? {
        switch self {
        case .start: machine.start(now: noon)
        case .stop: machine.stop()
        case .reconnect: machine.reconnect(now: noon)
        case .timePassedEarly: machine.timePassed(now: noon, jitter: 1)
        case .timePassedLate: machine.timePassed(now: noon + .seconds(30), jitter: 1)
        case .opened: machine.opened(connection: 1, now: noon)
        case .accepted: machine.accepted(connection: 1, interval: .seconds(10), now: noon)
        case .mismatched: machine.refused(connection: 1, .keyMismatch, now: noon, jitter: 1)
        case .refused: machine.refused(connection: 1, .refused, now: noon, jitter: 1)
        case .loggedIn: machine.inspected(connection: 1, global(quotes: true))
        case .loggedOut: machine.noticed(connection: 1, connected(quotes: false))
        case .kicked: machine.noticed(connection: 1, event(7))
        case .lost: machine.lost(connection: 1, now: noon, jitter: 1)
        case .staleOpened: machine.opened(connection: 9, now: noon)
        case .staleAccepted: machine.accepted(connection: 9, interval: .seconds(10), now: noon)
        case .staleRefused: machine.refused(connection: 9, .keyMismatch, now: noon, jitter: 1)
        case .staleInspected: machine.inspected(connection: 9, global(quotes: true))
        case .staleNoticed: machine.noticed(connection: 9, event(7))
        case .staleLost: machine.lost(connection: 9, now: noon, jitter: 1)
        }
    }
}

/// What an event leads to: the state after it, and what must be done. `nil` actions for a refused wish.
private func outcome(_ place: Place, _ event: Event) -> (Machine.State, [Action]?) {
    let same = place.state
    let ending: [Action] = place.hasConnection ? [.close(connection: 1), .failRequests] : []
    let backedOff = Machine.State.backingOff(until: noon + .seconds(1))
    switch event {
    case .start: return place == .stopped ? (.dialing(connection: 1), [.dial(connection: 1)]) : (same, [])
    case .stop: return (.stopped, ending)
    case .reconnect:
        switch place {
        case .stopped, .dialing, .initializing, .inspecting: return (same, nil)
        case .waiting, .ready: return (.dialing(connection: 2), ending + [.dial(connection: 2)])
        case .backingOff: return (.dialing(connection: 2), [.dial(connection: 2)])
        case .held: return (.dialing(connection: 4), [.dial(connection: 4)])
        }
    case .timePassedEarly: return (same, [])
    case .timePassedLate:
        switch place {
        case .stopped, .held: return (same, [])
        case .backingOff: return (.dialing(connection: 2), [.dial(connection: 2)])
        case .dialing, .initializing, .inspecting, .waiting, .ready:
            return (.backingOff(until: noon + .seconds(31)), ending)
        }
    case .opened:
        return place == .dialing
            ? (.initializing(connection: 1), [.sendInit(connection: 1)]) : (same, [.close(connection: 1)])
    case .accepted:
        return place == .initializing ? (.inspecting(connection: 1), [.inspect(connection: 1)]) : (same, [])
    case .mismatched: return place == .initializing ? (backedOff, ending) : (same, [])
    case .refused:
        return place == .initializing ? (.backingOff(until: noon + .seconds(60)), ending) : (same, [])
    case .loggedIn:
        return place == .inspecting || place == .waiting ? (.ready(connection: 1), []) : (same, [])
    case .loggedOut:
        return place == .ready || place == .waiting ? (.waiting(connection: 1, .notLoggedIn), []) : (same, [])
    case .kicked:
        return place == .ready || place == .waiting ? (.waiting(connection: 1, .kickedOut), []) : (same, [])
    case .lost: return place.hasConnection ? (backedOff, ending) : (same, [])
    case .staleOpened: return (same, [.close(connection: 9)])
    case .staleAccepted, .staleRefused, .staleInspected, .staleNoticed, .staleLost: return (same, [])
    }
}

@Suite struct OpenDSessionStateMachineTests {
    @Test(arguments: Place.allCases, Event.allCases)
    private func everyStateMeetsEveryEvent(place: Place, event: Event) {
        var machine = place.machine()
        #expect(machine.state == place.state)
        let expected = outcome(place, event)
        let actions = event.happen(to: &machine)
        #expect(machine.state == expected.0)
        #expect(actions == expected.1)
    }

    @Test func aKeepAliveGoesEveryFourFifthsOfTheIntervalAndAWaitingGatewayIsAskedEachTime() {
        var ready = Place.ready.machine()
        #expect(ready.nextDeadline == noon + .seconds(8))
        #expect(ready.timePassed(now: noon + .seconds(8), jitter: 1) == [.sendKeepAlive(connection: 1)])
        ready.received(connection: 1, now: noon + .seconds(9))
        #expect(ready.nextDeadline == noon + .seconds(16))

        var waiting = Place.waiting.machine()
        #expect(
            waiting.timePassed(now: noon + .seconds(8), jitter: 1) == [
                .sendKeepAlive(connection: 1), .inspect(connection: 1),
            ])
    }

    @Test func aServingGatewayIsAskedForItsStateOnceAMinute() {
        var machine = Place.ready.machine()
        var inspections: [Int] = []
        for second in 1...180 {
            let now = noon + .seconds(second)
            machine.received(connection: 1, now: now)
            if machine.timePassed(now: now, jitter: 1).contains(.inspect(connection: 1)) { inspections.append(second) }
        }
        #expect(inspections == [64, 128])
    }

    @Test func aLineSilentForTwoIntervalsIsLost() {
        var machine = Place.ready.machine()
        _ = machine.timePassed(now: noon + .seconds(8), jitter: 1)
        _ = machine.timePassed(now: noon + .seconds(16), jitter: 1)
        #expect(machine.nextDeadline == noon + .seconds(20))
        #expect(machine.timePassed(now: noon + .seconds(20), jitter: 1) == [.close(connection: 1), .failRequests])
        #expect(machine.losses == 1)
    }

    @Test(arguments: [
        (Duration.seconds(-5), Duration.seconds(8)), (.zero, .seconds(8)), (.seconds(1), .seconds(2) * 4 / 5),
        (.seconds(86_400), .seconds(20)),
    ])
    func anAbsurdIntervalIsNotBelieved(asked: Duration, period: Duration) {
        var machine = Place.initializing.machine()
        _ = machine.accepted(connection: 1, interval: asked, now: noon)
        _ = machine.inspected(connection: 1, global(quotes: true))
        #expect(machine.nextDeadline == noon + period)
    }

    @Test(arguments: [
        (Int32(3), GatewayStanding.Obstacle.needsPictureCode), (4, .needsPhoneCode), (5, .loginFailed),
        (11, .loggedOut), (2, .loggingIn), (10, .notLoggedIn), (99, .notLoggedIn),
    ])
    func whyAGatewayCannotServeIsShown(program: Int32, obstacle: GatewayStanding.Obstacle) {
        var machine = Place.inspecting.machine()
        _ = machine.inspected(connection: 1, global(quotes: false, program: program))
        #expect(machine.state == .waiting(connection: 1, obstacle))
        #expect(!obstacle.text.isEmpty)
    }

    @Test func aKickedGatewayServesAgainOnceItIsLoggedIn() {
        var machine = Place.ready.machine()
        _ = machine.noticed(connection: 1, event(7))
        #expect(machine.state == .waiting(connection: 1, .kickedOut))
        #expect(!machine.standing.isTradeReady)
        // The program waits for a code meanwhile, and the kick is still the reason.
        _ = machine.inspected(connection: 1, global(quotes: false, program: 4))
        #expect(machine.state == .waiting(connection: 1, .kickedOut))
        _ = machine.noticed(connection: 1, connected(quotes: true))
        #expect(machine.state == .ready(connection: 1))
        _ = machine.noticed(connection: 1, connected(quotes: false))
        #expect(machine.state == .waiting(connection: 1, .needsPhoneCode))
    }

    @Test func noticesThatSayNothingOfLoginsChangeNothing() {
        var machine = Place.ready.machine()
        _ = machine.noticed(connection: 1, event(14))
        _ = machine.noticed(connection: 1, OpenD.Notify.S2C())
        #expect(machine.state == .ready(connection: 1))
    }

    @Test func waitsGrowAndStartAnewOnlyAfterAStableMinute() {
        var machine = Machine()
        var now = noon
        _ = machine.start(now: now)
        var waits: [Int64] = []
        for connection in 1...9 {
            _ = machine.lost(connection: connection, now: now, jitter: 1)
            waits.append((machine.nextDeadline ?? now).nanoseconds - now.nanoseconds)
            now = machine.nextDeadline ?? now
            _ = machine.timePassed(now: now, jitter: 1)
        }
        #expect(waits.map { $0 / 1_000_000_000 } == [1, 2, 4, 8, 16, 32, 60, 60, 60])

        func connect(_ connection: Int) {
            _ = machine.opened(connection: connection, now: now)
            _ = machine.accepted(connection: connection, interval: .seconds(10), now: now)
            _ = machine.inspected(connection: connection, global(quotes: true))
        }
        connect(10)
        _ = machine.lost(connection: 10, now: now + .seconds(59), jitter: 1)
        #expect(machine.attempts == 10)
        now = machine.nextDeadline ?? now
        _ = machine.timePassed(now: now, jitter: 1)
        connect(11)
        _ = machine.lost(connection: 11, now: now + .seconds(60), jitter: 1)
        #expect(machine.attempts == 1)
    }

    @Test func aKeyThatFitsOnceStartsTheCountAnew() {
        var machine = Machine()
        _ = machine.start(now: noon)
        for connection in 1...20 {
            _ = machine.opened(connection: connection, now: noon)
            if connection % 3 == 0 {
                _ = machine.accepted(connection: connection, interval: .seconds(10), now: noon)
                _ = machine.lost(connection: connection, now: noon, jitter: 0)
            } else {
                _ = machine.refused(connection: connection, .keyMismatch, now: noon, jitter: 0)
            }
            #expect(machine.state != .held)
            _ = machine.timePassed(now: noon, jitter: 0)
        }
    }
}
