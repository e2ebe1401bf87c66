import Clocks
import LongbridgeWire
import Testing

private typealias Machine = QuoteSessionStateMachine

private let origin = Instant(nanoseconds: 1_000_000_000_000)
private let wall = WallTime(seconds: 1_795_140_900)
private let tomorrow = WallTime(seconds: 1_795_140_900 + 86_400)

extension QuoteSessionStateMachine {
    fileprivate static func fetching() -> Machine {
        var machine = Machine(backoff: SessionBackoff(), heartbeat: .seconds(30), phaseDeadline: .seconds(10))
        _ = machine.start(now: origin, wall: wall)
        return machine
    }

    fileprivate static func dialing() -> Machine {
        var machine = fetching()
        _ = machine.passwordFetched(now: origin)
        return machine
    }

    fileprivate static func authenticating() -> Machine {
        var machine = dialing()
        _ = machine.opened(connection: 1, now: origin)
        return machine
    }

    fileprivate static func loading() -> Machine {
        var machine = authenticating()
        _ = machine.accepted(connection: 1, session: "s1", expires: tomorrow, now: origin)
        return machine
    }

    fileprivate static func ready() -> Machine {
        var machine = loading()
        _ = machine.profileLoaded(connection: 1, now: origin)
        return machine
    }

    fileprivate static func backingOff() -> Machine {
        var machine = ready()
        _ = machine.lost(connection: 1, .broken, now: origin, jitter: 1)
        return machine
    }

    fileprivate static func held() -> Machine {
        var machine = fetching()
        _ = machine.passwordFailed(.credentialsRefused, now: origin, jitter: 1)
        return machine
    }

    fileprivate static var everyState: [Machine] {
        [Machine(), fetching(), dialing(), authenticating(), loading(), ready(), backingOff(), held()]
    }
}

@Suite struct QuoteSessionStateMachineTests {
    @Test func theWayToReadinessHasOneStepAnEvent() {
        var machine = Machine()
        #expect(machine.start(now: origin, wall: wall) == [.fetchPassword])
        #expect(machine.passwordFetched(now: origin) == [.dial(connection: 1)])
        #expect(machine.opened(connection: 1, now: origin) == [.sendAuth(connection: 1)])
        #expect(
            machine.accepted(connection: 1, session: "s1", expires: tomorrow, now: origin) == [
                .sendProfile(connection: 1)
            ])
        #expect(machine.profileLoaded(connection: 1, now: origin) == [.resubscribe(connection: 1)])
        #expect(machine.state == .ready(connection: 1))
    }

    @Test func aLossComesBackWithTheSessionWithoutANewPassword() {
        var machine = Machine.ready()
        #expect(
            machine.lost(connection: 1, .broken, now: origin, jitter: 0.5) == [.close(connection: 1), .failRequests])
        #expect(machine.state == .backingOff(until: origin + .milliseconds(500)))
        #expect(machine.losses == 1)
        #expect(machine.timePassed(now: origin + .milliseconds(499), wall: wall, jitter: 0) == [])
        #expect(machine.timePassed(now: origin + .milliseconds(500), wall: wall, jitter: 0) == [.dial(connection: 2)])
        #expect(machine.opened(connection: 2, now: origin) == [.sendReconnect(connection: 2, session: "s1")])
    }

    @Test func anExpiredSessionIsNotTried() {
        var machine = Machine.backingOff()
        #expect(machine.timePassed(now: origin + .seconds(9), wall: tomorrow, jitter: 0) == [.fetchPassword])
    }

    @Test func aRefusedSessionIsForgottenAndAPasswordFetched() {
        var machine = Machine.backingOff()
        _ = machine.timePassed(now: origin + .seconds(9), wall: wall, jitter: 0)
        _ = machine.opened(connection: 2, now: origin)
        #expect(
            machine.refused(connection: 2, isConnectionLimit: false, now: origin, jitter: 0)
                == [.close(connection: 2), .failRequests, .fetchPassword])
        #expect(machine.state == .fetchingPassword)
    }

    @Test func refusedCredentialsAreHeldAndNeverDialledAgainByThemselves() {
        var machine = Machine.held()
        #expect(machine.nextDeadline == nil)
        #expect(machine.timePassed(now: origin + .seconds(1_000_000), wall: tomorrow, jitter: 1) == [])
        #expect(machine.state == .held(.credentialsRefused))
        #expect(machine.reconnect(now: origin, wall: wall) == [.fetchPassword])
    }

    @Test func beingTakenOverIsHeld() {
        var machine = Machine.ready()
        _ = machine.lost(connection: 1, .duplicate, now: origin, jitter: 1)
        #expect(machine.state == .held(.takenOver))
    }

    @Test func aConnectionLimitWaitsAtLeastAMinute() {
        var machine = Machine.fetching()
        _ = machine.passwordFailed(.connectionLimit, now: origin, jitter: 0)
        #expect(machine.state == .backingOff(until: origin + .seconds(60)))
        var refused = Machine.authenticating()
        _ = refused.refused(connection: 1, isConnectionLimit: true, now: origin, jitter: 0)
        #expect(refused.state == .backingOff(until: origin + .seconds(60)))
    }

    @Test func waitsDoubleUpToTheCapAndBeginAnewOnlyAfterCalm() {
        let backoff = SessionBackoff()
        #expect(
            [1, 2, 3, 6, 7, 8, 100].map { backoff.wait(attempts: $0, jitter: 1) }
                == [.seconds(1), .seconds(2), .seconds(4), .seconds(32), .seconds(60), .seconds(60), .seconds(60)])
        #expect(backoff.wait(attempts: 5, jitter: 0) == .zero)
        var machine = Machine.backingOff()
        #expect(machine.attempts == 1)
        _ = machine.timePassed(now: origin + .seconds(1), wall: wall, jitter: 1)
        _ = machine.opened(connection: 2, now: origin)
        _ = machine.accepted(connection: 2, session: "s2", expires: tomorrow, now: origin)
        _ = machine.profileLoaded(connection: 2, now: origin)
        var short = machine
        _ = short.lost(connection: 2, .broken, now: origin + .seconds(59), jitter: 1)
        #expect(short.attempts == 2)
        _ = machine.lost(connection: 2, .broken, now: origin + .seconds(60), jitter: 1)
        #expect(machine.attempts == 1)
    }

    @Test func silenceOfTwoHeartbeatsIsALossAndAPingComesBefore() {
        var machine = Machine.ready()
        #expect(machine.nextDeadline == origin + .seconds(30))
        #expect(machine.timePassed(now: origin + .seconds(30), wall: wall, jitter: 0) == [.ping(connection: 1)])
        var alive = machine
        alive.received(connection: 1, now: origin + .seconds(31))
        #expect(alive.timePassed(now: origin + .seconds(60), wall: wall, jitter: 0) == [.ping(connection: 1)])
        #expect(
            machine.timePassed(now: origin + .seconds(60), wall: wall, jitter: 0)
                == [.close(connection: 1), .failRequests])
    }

    @Test func whatAnOldConnectionSaysIsIgnored() {
        var machine = Machine.backingOff()
        _ = machine.timePassed(now: origin + .seconds(1), wall: wall, jitter: 1)
        let before = machine.state
        #expect(machine.lost(connection: 1, .sessionExpired, now: origin, jitter: 1) == [])
        #expect(machine.opened(connection: 1, now: origin) == [.close(connection: 1)])
        #expect(machine.accepted(connection: 1, session: "x", expires: tomorrow, now: origin) == [])
        #expect(machine.profileLoaded(connection: 1, now: origin) == [])
        #expect(machine.refused(connection: 1, isConnectionLimit: true, now: origin, jitter: 1) == [])
        #expect(machine.state == before)
    }

    @Test func everyStepHasADeadlineThatLeadsToAnotherAttempt() {
        for var machine in [Machine.fetching(), .dialing(), .authenticating(), .loading()] {
            _ = machine.timePassed(now: origin + .seconds(10), wall: wall, jitter: 1)
            guard case .backingOff = machine.state else {
                Issue.record("\(machine.state)")
                continue
            }
        }
    }

    @Test func everyStateMeetsEveryEventAndConnectionsAreClosedOnce() {
        let events: [(inout Machine) -> [Machine.Action]] = [
            { $0.start(now: origin, wall: wall) }, { $0.stop() }, { $0.reconnect(now: origin, wall: wall) ?? [] },
            { $0.passwordFetched(now: origin) }, { $0.passwordFailed(.transient, now: origin, jitter: 1) },
            { $0.passwordFailed(.credentialsRefused, now: origin, jitter: 1) },
            { $0.passwordFailed(.connectionLimit, now: origin, jitter: 1) }, { $0.opened(connection: 1, now: origin) },
            { $0.accepted(connection: 1, session: "s", expires: tomorrow, now: origin) },
            { $0.refused(connection: 1, isConnectionLimit: false, now: origin, jitter: 1) },
            { $0.refused(connection: 1, isConnectionLimit: true, now: origin, jitter: 1) },
            { $0.profileLoaded(connection: 1, now: origin) },
            { $0.lost(connection: 1, .broken, now: origin, jitter: 1) },
            { $0.lost(connection: 1, .sessionExpired, now: origin, jitter: 1) },
            { $0.lost(connection: 1, .duplicate, now: origin, jitter: 1) },
            { machine in
                machine.received(connection: 1, now: origin)
                return []
            },
            { $0.timePassed(now: origin + .seconds(3600), wall: wall, jitter: 1) },
        ]
        for first in events {
            for second in events {
                for machine in Machine.everyState {
                    var machine = machine
                    let actions = first(&machine) + second(&machine)
                    // A dial is the only way to a connection: no state may hold one it never asked for.
                    let dials = actions.count { if case .dial = $0 { true } else { false } }
                    #expect(dials <= 2)
                    if case .ready = machine.state { #expect(machine.nextDeadline != nil) }
                    if actions.contains(.failRequests) {
                        #expect(actions.contains { if case .close = $0 { true } else { false } })
                    }
                }
            }
        }
    }

    @Test func stoppingClosesAndForgets() {
        var machine = Machine.ready()
        #expect(machine.stop() == [.close(connection: 1), .failRequests])
        #expect(machine.stop() == [])
        #expect(machine.start(now: origin, wall: wall) == [.fetchPassword])
    }
}
