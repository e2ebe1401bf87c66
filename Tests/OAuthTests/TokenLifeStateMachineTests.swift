import Clocks
import OAuth
import Testing

private typealias Machine = TokenLifeStateMachine
private typealias Action = TokenLifeStateMachine.Action

private let noon = Instant.zero
private let day = Duration.seconds(86_400)
private let month = day * 30
private let fresh = Machine.Facts(remaining: month, life: month, isRefreshable: true)
private let ended = Machine.Facts(remaining: .seconds(-1), life: month, isRefreshable: true)

/// Every state there is, reached by events alone.
private enum Place: String, CaseIterable {
    case unloaded, required, holding, holdingEnded, backingOff, refreshing, repeating, storing, rereadingVoid
    case rereadingLost, unsaved

    func machine() -> Machine {
        var machine = Machine()
        if self == .unloaded { return machine }
        if self == .required {
            #expect(machine.loaded(nil, now: noon, jitter: 0) == [])
            return machine
        }
        if self == .holdingEnded {
            // A pair that cannot be renewed yet, as the broker rejects what it gave.
            #expect(machine.loaded(fresh, now: noon, jitter: 0) == [.adopt(generation: 1)])
            #expect(machine.rejected(generation: 1, now: noon, jitter: 0) == [.refresh(flight: 1)])
            #expect(
                machine.answered(flight: 1, .unavailable("503", retryAfter: nil), now: noon, jitter: 1) == [])
            return machine
        }
        #expect(machine.loaded(fresh, now: noon, jitter: 0) == [.adopt(generation: 1)])
        if self == .holding { return machine }
        #expect(machine.wanted() == [.refresh(flight: 1)])
        switch self {
        case .unloaded, .required, .holding, .holdingEnded, .refreshing: break
        case .backingOff:
            #expect(machine.answered(flight: 1, .notSent("refused"), now: noon, jitter: 1) == [])
        case .repeating:
            #expect(machine.answered(flight: 1, .lost("cut"), now: noon, jitter: 0) == [.refresh(flight: 2)])
        case .storing, .unsaved:
            #expect(machine.answered(flight: 1, .granted(fresh), now: noon, jitter: 0) == [.store(generation: 2)])
            if self == .unsaved {
                #expect(
                    machine.storeFailed(generation: 2, "full", now: noon, jitter: 1) == [.adopt(generation: 2)])
            }
        case .rereadingVoid:
            #expect(machine.answered(flight: 1, .refused("invalid_grant"), now: noon, jitter: 0) == [.readStore])
        case .rereadingLost:
            #expect(machine.answered(flight: 1, .lost("cut"), now: noon, jitter: 0) == [.refresh(flight: 2)])
            #expect(machine.answered(flight: 2, .lost("cut"), now: noon, jitter: 0) == [.readStore])
        }
        return machine
    }

    /// The flight under way.
    var flight: Int { self == .repeating ? 2 : 1 }
    /// The pair in use.
    var generation: Int { self == .unsaved ? 2 : 1 }
}

private enum Event: String, CaseIterable {
    case loaded, loadedNothing, loadedRefused, loadFailed, stored, storedOld, storeFailed, rereadChanged, rereadSame
    case granted, refused, unavailable, lost, notSent, grantedStale, rejected, rejectedOld, wanted, authorized,
        forgotten
    case timeEarly, timeLate

    func happen(to machine: inout Machine, at place: Place) -> [Action]? {
        func answer(_ answer: Machine.RefreshAnswer, _ flight: Int) -> [Action] {
            machine.answered(flight: flight, answer, now: noon, jitter: 0)
        }
        switch self {
        case .loaded: return machine.loaded(fresh, now: noon, jitter: 0)
        case .loadedNothing: return machine.loaded(nil, now: noon, jitter: 0)
        case .loadedRefused: return machine.loaded(fresh, refusal: "void", now: noon, jitter: 0)
        case .loadFailed: return machine.loadFailed("disk", now: noon, jitter: 0)
        case .stored: return machine.stored(generation: 2, now: noon)
        case .storedOld: return machine.stored(generation: 1, now: noon)
        case .storeFailed: return machine.storeFailed(generation: 2, "full", now: noon, jitter: 0)
        case .rereadChanged: return machine.reread(.changed(fresh), now: noon, jitter: 0)
        case .rereadSame: return machine.reread(.unchanged, now: noon, jitter: 0)
        case .granted: return answer(.granted(fresh), place.flight)
        case .refused: return answer(.refused("invalid_grant"), place.flight)
        case .unavailable: return answer(.unavailable("503", retryAfter: .seconds(60)), place.flight)
        case .lost: return answer(.lost("cut"), place.flight)
        case .notSent: return answer(.notSent("refused"), place.flight)
        case .grantedStale: return answer(.granted(fresh), 99)
        case .rejected: return machine.rejected(generation: place.generation, now: noon, jitter: 0)
        case .rejectedOld: return machine.rejected(generation: 0, now: noon, jitter: 0)
        case .wanted: return machine.wanted()
        case .authorized: return machine.authorized(fresh, now: noon, jitter: 0)
        case .forgotten: return machine.forgotten()
        case .timeEarly: return machine.timePassed(now: noon, jitter: 0)
        case .timeLate: return machine.timePassed(now: noon + .seconds(3600), jitter: 0)
        }
    }
}

/// What an event leads to; what is not listed leads to nothing and changes no state.
private let table: [Place: [Event: (actions: [Action]?, state: Machine.State)]] = [
    .unloaded: [
        .loaded: ([.adopt(generation: 1)], .holding), .loadedNothing: ([], .required), .loadedRefused: ([], .required),
        .wanted: (nil, .unloaded), .authorized: ([.store(generation: 1)], .storing(generation: 1)),
        .forgotten: ([.erase], .required),
    ],
    .required: [
        .wanted: (nil, .required), .authorized: ([.store(generation: 1)], .storing(generation: 1)),
        .forgotten: ([.erase], .required),
    ],
    .holding: [
        .rejected: ([.refresh(flight: 1)], .refreshing(flight: 1, isRepeat: false)),
        .wanted: ([.refresh(flight: 1)], .refreshing(flight: 1, isRepeat: false)),
        .authorized: ([.store(generation: 2)], .storing(generation: 2)), .forgotten: ([.erase], .required),
    ],
    .holdingEnded: [
        .wanted: ([.refresh(flight: 2)], .refreshing(flight: 2, isRepeat: false)),
        .authorized: ([.store(generation: 2)], .storing(generation: 2)), .forgotten: ([.erase], .required),
        .timeLate: ([.refresh(flight: 2)], .refreshing(flight: 2, isRepeat: false)),
    ],
    .backingOff: [
        .wanted: ([.refresh(flight: 2)], .refreshing(flight: 2, isRepeat: false)),
        .authorized: ([.store(generation: 2)], .storing(generation: 2)), .forgotten: ([.erase], .required),
        .timeLate: ([.refresh(flight: 2)], .refreshing(flight: 2, isRepeat: false)),
    ],
    .refreshing: [
        .granted: ([.store(generation: 2)], .storing(generation: 2)),
        .refused: ([.readStore], .rereading(isVoid: true)), .unavailable: ([], .holding), .notSent: ([], .holding),
        .lost: ([.refresh(flight: 2)], .refreshing(flight: 2, isRepeat: true)),
        .authorized: ([.store(generation: 2)], .storing(generation: 2)), .forgotten: ([.erase], .required),
    ],
    .repeating: [
        .granted: ([.store(generation: 2)], .storing(generation: 2)),
        .refused: ([.readStore], .rereading(isVoid: true)), .unavailable: ([], .holding), .notSent: ([], .holding),
        .lost: ([.readStore], .rereading(isVoid: false)),
        .authorized: ([.store(generation: 2)], .storing(generation: 2)), .forgotten: ([.erase], .required),
    ],
    .storing: [
        .stored: ([.adopt(generation: 2)], .holding), .storeFailed: ([.adopt(generation: 2)], .holding),
        .authorized: ([.store(generation: 3)], .storing(generation: 3)), .forgotten: ([.erase], .required),
    ],
    .rereadingVoid: [
        .rereadChanged: ([.adopt(generation: 2)], .holding),
        .rereadSame: ([.keepRefusal("invalid_grant")], .required),
        .authorized: ([.store(generation: 2)], .storing(generation: 2)), .forgotten: ([.erase], .required),
    ],
    .rereadingLost: [
        .rereadChanged: ([.adopt(generation: 2)], .holding), .rereadSame: ([], .holding),
        .authorized: ([.store(generation: 2)], .storing(generation: 2)), .forgotten: ([.erase], .required),
    ],
    .unsaved: [
        .rejected: ([.refresh(flight: 2)], .refreshing(flight: 2, isRepeat: false)),
        .wanted: ([.refresh(flight: 2)], .refreshing(flight: 2, isRepeat: false)),
        .authorized: ([.store(generation: 3)], .storing(generation: 3)), .forgotten: ([.erase], .required),
        .timeLate: ([.store(generation: 2)], .holding),
    ],
]

@Suite struct TokenLifeStateMachineTests {
    @Test(arguments: Place.allCases) private func everyEventIsMet(place: Place) {
        for event in Event.allCases {
            var machine = place.machine()
            let before = machine.state
            let actions = event.happen(to: &machine, at: place)
            let expected = table[place]?[event] ?? ([], before)
            #expect(actions == expected.actions, "\(place) \(event)")
            #expect(machine.state == expected.state, "\(place) \(event)")
        }
    }

    // MARK: Before use, on the disk (S2, S3)

    @Test func aNewPairIsUsedOnceItIsStoredAndTheOldOneUntilThen() {
        var machine = Place.storing.machine()
        #expect(machine.credential(now: noon) == .use(generation: 1))
        #expect(machine.stored(generation: 2, now: noon) == [.adopt(generation: 2)])
        #expect(machine.credential(now: noon) == .use(generation: 2))
        #expect(machine.standing(now: noon) == .ready)
    }

    @Test func ifTheStoreFailsTheNewPairIsUsedAndStoredLaterAndTheOldOneNeverAgain() {
        var machine = Place.unsaved.machine()
        #expect(machine.credential(now: noon) == .use(generation: 2))
        #expect(machine.isUnsaved && machine.lastError?.contains("full") == true)
        let first = noon + .seconds(2)
        #expect(machine.nextDeadline == first)
        #expect(machine.timePassed(now: first, jitter: 0) == [.store(generation: 2)])
        #expect(machine.timePassed(now: first, jitter: 0) == [])
        #expect(machine.storeFailed(generation: 2, "full", now: first, jitter: 1) == [])
        #expect(machine.timePassed(now: first + .seconds(4), jitter: 0) == [.store(generation: 2)])
        #expect(machine.stored(generation: 2, now: first) == [])
        #expect(!machine.isUnsaved && machine.lastError == nil)
        #expect(machine.credential(now: noon) == .use(generation: 2))
    }

    @Test func aRefreshOfAnUnsavedPairTakesItsPlaceInTheStore() {
        var machine = Place.unsaved.machine()
        #expect(machine.wanted() == [.refresh(flight: 2)])
        #expect(machine.answered(flight: 2, .granted(fresh), now: noon, jitter: 0) == [.store(generation: 3)])
        #expect(machine.stored(generation: 2, now: noon) == [])
        #expect(machine.stored(generation: 3, now: noon) == [.adopt(generation: 3)])
        #expect(!machine.isUnsaved)
    }

    @Test func afterACrashBetweenRotationAndStoreOneTryIsMadeAndNoMore() {
        var machine = Machine()
        #expect(machine.loaded(ended, now: noon, jitter: 0) == [.adopt(generation: 1), .refresh(flight: 1)])
        #expect(machine.answered(flight: 1, .refused("invalid_grant"), now: noon, jitter: 0) == [.readStore])
        #expect(machine.reread(.unchanged, now: noon, jitter: 0) == [.keepRefusal("invalid_grant")])
        #expect(machine.credential(now: noon) == .authorizationRequired)
        #expect(machine.nextDeadline == nil)
        #expect(machine.timePassed(now: noon + month, jitter: 0) == [])
        // And the next process knows.
        var restarted = Machine()
        #expect(restarted.loaded(ended, refusal: "invalid_grant", now: noon, jitter: 0) == [])
        #expect(restarted.standing(now: noon) == .authorizationRequired)
    }

    // MARK: One refresh for all (S1)

    @Test func hundredRejectionsOfOnePairAreOneRefresh() {
        var machine = Place.holding.machine()
        var actions: [Action] = []
        for _ in 0..<100 { actions += machine.rejected(generation: 1, now: noon, jitter: 0) }
        #expect(actions == [.refresh(flight: 1)])
        #expect(machine.credential(now: noon) == .wait)
        #expect(machine.answered(flight: 1, .granted(fresh), now: noon, jitter: 0) == [.store(generation: 2)])
        #expect(machine.credential(now: noon) == .wait)
        #expect(machine.stored(generation: 2, now: noon) == [.adopt(generation: 2)])
        #expect(machine.rejected(generation: 1, now: noon, jitter: 0) == [])
        #expect(machine.credential(now: noon) == .use(generation: 2))
    }

    @Test func aBrokerThatRejectsEveryNewPairIsAskedLessAndLess() {
        var machine = Place.holding.machine()
        var now = noon
        var refreshes = 0
        for _ in 0..<1000 {
            now = now + .milliseconds(100)
            for action in machine.timePassed(now: now, jitter: 0) + reject(&machine, now) {
                guard case .refresh(let flight) = action else { continue }
                refreshes += 1
                let granted = machine.answered(flight: flight, .granted(fresh), now: now, jitter: 0)
                guard case .store(let generation) = granted.first else { continue }
                _ = machine.stored(generation: generation, now: now)
            }
        }
        #expect((4...12).contains(refreshes), "\(refreshes)")
    }

    private func reject(_ machine: inout Machine, _ now: Instant) -> [Action] {
        guard case .use(let generation) = machine.credential(now: now) else { return [] }
        return machine.rejected(generation: generation, now: now, jitter: 0)
    }

    // MARK: A bad day of the token endpoint (S4, S6)

    @Test func theOldTokenIsUsedUntilItEndsWhileTriesComeLessOften() {
        var machine = Machine()
        let short = Machine.Facts(remaining: .seconds(600), life: .seconds(600), isRefreshable: true)
        _ = machine.loaded(short, now: noon, jitter: 0)
        var now = noon
        var pauses: [Duration] = []
        while now < noon + .seconds(1500), let due = machine.nextDeadline {
            now = max(now, due)
            for action in machine.timePassed(now: now, jitter: 1) {
                guard case .refresh(let flight) = action else { continue }
                #expect(machine.credential(now: now) == (now < noon + .seconds(600) ? .use(generation: 1) : .wait))
                _ = machine.answered(
                    flight: flight, .unavailable("500", retryAfter: nil), now: now, jitter: 1)
                pauses.append((machine.nextDeadline ?? now) - now)
            }
        }
        #expect(Array(pauses.prefix(9)) == [2, 4, 8, 16, 32, 64, 128, 256, 300].map { .seconds($0) })
        #expect(machine.standing(now: now) == .expiring)
        guard case .notNow(let wait) = machine.credential(now: now) else { return #expect(Bool(false)) }
        #expect(wait > .zero && wait <= .seconds(300))
    }

    @Test func retryAfterIsObeyed() {
        var machine = Place.refreshing.machine()
        _ = machine.answered(flight: 1, .unavailable("429", retryAfter: .seconds(60)), now: noon, jitter: 0)
        #expect(machine.nextDeadline == noon + .seconds(60))
        #expect(machine.timePassed(now: noon + .seconds(59), jitter: 0) == [])
        #expect(machine.timePassed(now: noon + .seconds(60), jitter: 0) == [.refresh(flight: 2)])
    }

    @Test func aLostAnswerIsAskedForOnceMoreAndThenOnlyAfterAPause() {
        var machine = Place.rereadingLost.machine()
        #expect(machine.reread(.unchanged, now: noon, jitter: 1) == [])
        #expect(machine.credential(now: noon) == .use(generation: 1))
        #expect(machine.timePassed(now: noon + .seconds(1), jitter: 0) == [])
        #expect(machine.timePassed(now: noon + .seconds(2), jitter: 0) == [.refresh(flight: 3)])
        // No prompt repeat any more: it has been made.
        #expect(machine.answered(flight: 3, .lost("cut"), now: noon, jitter: 0) == [.readStore])
    }

    @Test func aLostAnswerWhoseRepeatIsCalledReplayNeedsAPerson() {
        var machine = Place.repeating.machine()
        #expect(machine.answered(flight: 2, .refused("invalid_grant"), now: noon, jitter: 0) == [.readStore])
        let reason = "invalid_grant, after the answer to a renewal was lost"
        #expect(machine.reread(.unchanged, now: noon, jitter: 0) == [.keepRefusal(reason)])
        #expect(machine.state == .required)
    }

    @Test func aRenewalThatARunLeftUnansweredIsRepeatedAtOnceAndOnce() {
        var machine = Machine()
        #expect(
            machine.loaded(fresh, unanswered: 1, now: noon, jitter: 0) == [.adopt(generation: 1), .refresh(flight: 1)])
        // Lost once more: the store, and then a pause.
        #expect(machine.answered(flight: 1, .lost("cut"), now: noon, jitter: 0) == [.readStore])
        #expect(machine.reread(.unchanged, now: noon, jitter: 0) == [])
        #expect(machine.nextDeadline.map { $0 > noon } == true)
        // And a forgiving server gives the login back.
        var forgiven = Machine()
        _ = forgiven.loaded(fresh, unanswered: 1, now: noon, jitter: 0)
        #expect(forgiven.answered(flight: 1, .granted(fresh), now: noon, jitter: 0) == [.store(generation: 2)])
        #expect(forgiven.stored(generation: 2, now: noon) == [.adopt(generation: 2)])
        #expect(forgiven.lastError == nil)
    }

    @Test func twoRenewalsLeftUnansweredAreFollowedByAPause() {
        var machine = Machine()
        #expect(machine.loaded(fresh, unanswered: 2, now: noon, jitter: 0) == [.adopt(generation: 1)])
        #expect(machine.credential(now: noon) == .use(generation: 1))
        #expect(machine.nextDeadline.map { $0 > noon } == true)
    }

    @Test func anotherPairInTheStoreIsUsedAndRenewedIfItHasEnded() {
        var machine = Place.rereadingVoid.machine()
        #expect(
            machine.reread(.changed(ended), now: noon, jitter: 0) == [.adopt(generation: 2), .refresh(flight: 2)])
        #expect(machine.answered(flight: 2, .refused("invalid_grant"), now: noon, jitter: 0) == [.readStore])
        #expect(machine.reread(.unchanged, now: noon, jitter: 0) == [.keepRefusal("invalid_grant")])
    }

    // MARK: Time

    @Test func aPairIsRenewedAThirdOfItsLifeBeforeItsEndWithJitter() {
        for (jitter, due) in [(0.0, noon + day * 20), (1.0, noon + day * 37 / 2)] {
            var machine = Machine()
            _ = machine.loaded(fresh, now: noon, jitter: jitter)
            let difference = (machine.nextDeadline ?? noon) - due
            #expect(difference > .milliseconds(-1) && difference < .milliseconds(1))
            #expect(machine.timePassed(now: due - .milliseconds(1), jitter: 0) == [])
            #expect(machine.timePassed(now: due + .milliseconds(1), jitter: 0) == [.refresh(flight: 1)])
        }
    }

    @Test func warningsComeSevenDaysOneDayAndOneHourBeforeTheEndOnceEach() {
        var machine = Machine()
        _ = machine.loaded(
            Machine.Facts(remaining: month, life: month, isRefreshable: false), now: noon, jitter: 0)
        let end = noon + month
        #expect(machine.nextDeadline == end - day * 7)
        for before in [day * 7, day, .seconds(3600)] {
            #expect(machine.timePassed(now: end - before - .nanoseconds(1), jitter: 0) == [])
            #expect(machine.timePassed(now: end - before, jitter: 0) == [.warn(before)])
            #expect(machine.standing(now: end - before) == (before == day * 7 ? .ready : .expiring))
        }
        #expect(machine.timePassed(now: end, jitter: 0) == [])
        #expect(machine.credential(now: end) == .authorizationRequired)
    }

    @Test func aShortLifeIsNotWarnedOf() {
        var machine = Machine()
        _ = machine.loaded(
            Machine.Facts(remaining: .seconds(3600), life: .seconds(3600), isRefreshable: false), now: noon, jitter: 0)
        #expect(machine.timePassed(now: noon + .seconds(3599), jitter: 0) == [])
    }

    @Test func aTokenWithoutAKnownEndIsUsedUntilItIsRejected() {
        var machine = Machine()
        _ = machine.loaded(Machine.Facts(remaining: nil, isRefreshable: false), now: noon, jitter: 0)
        #expect(machine.nextDeadline == nil)
        #expect(machine.credential(now: noon + month * 100) == .use(generation: 1))
        #expect(machine.rejected(generation: 1, now: noon, jitter: 0) == [.keepRefusal("rejected")])
        #expect(machine.credential(now: noon) == .authorizationRequired)
    }

    @Test func aStoreThatCannotBeReadIsReadAgain() {
        var machine = Machine()
        #expect(machine.loadFailed("disk", now: noon, jitter: 1) == [])
        #expect(machine.credential(now: noon) == .wait)
        #expect(machine.timePassed(now: noon + .seconds(2), jitter: 0) == [.readStore])
        #expect(machine.timePassed(now: noon + .seconds(2), jitter: 0) == [])
        #expect(machine.loaded(fresh, now: noon, jitter: 0) == [.adopt(generation: 1)])
    }
}
