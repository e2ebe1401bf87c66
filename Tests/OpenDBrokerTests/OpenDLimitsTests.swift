import Clocks
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

@Suite struct OpenDLimitsTests {
    init() { LoopRunner.start() }

    private static let noon = Instant.zero

    @Test func everyRuleIsOfAProtocolThatIsARequest() {
        for rule in OpenDLimits.rules {
            #expect(OpenDProtocol.with(id: rule.protocolID)?.kind == .request, "\(rule.protocolID)")
            #expect(rule.calls > 0)
            #expect(!rule.page.isEmpty)
        }
        #expect(Set(OpenDLimits.rules.map(\.protocolID)).count == OpenDLimits.rules.count)
    }

    @LoopActor @Test func theWindowIsFullAfterItsCallsAndOpensMoreThanThirtySecondsLater() {
        let limits = OpenDLimits()
        for _ in 0..<10 {
            #expect(limits.nextAdmission(3223, .gateway, at: Self.noon) == Self.noon)
            limits.take(3223, .gateway, at: Self.noon)
        }
        #expect(limits.nextAdmission(3223, .gateway, at: Self.noon) == Self.noon + OpenDLimits.window)
        #expect(OpenDLimits.window > .seconds(30))
        // Calls of one kind do not hold up the others.
        #expect(limits.nextAdmission(3203, .gateway, at: Self.noon) == Self.noon)
    }

    @LoopActor @Test func accountsHaveWindowsOfTheirOwnAndFreeCallsNone() {
        let limits = OpenDLimits()
        for index in 0..<10 { limits.take(2111, .account(1), at: Self.noon + .seconds(index)) }
        let later = Self.noon + .seconds(10)
        #expect(limits.nextAdmission(2111, .account(1), at: later) > later)
        #expect(limits.nextAdmission(2111, .account(2), at: later) == later)
        #expect(limits.nextAdmission(2111, .free, at: later) == later)
        let use = limits.use(account: 1, at: later).first { $0.rule.protocolID == 2111 }
        #expect(use?.used == 10)
        #expect(use?.reset == .seconds(9) + OpenDLimits.window - .seconds(10))
        #expect(limits.use(account: 2, at: later).allSatisfy { $0.used == 0 && $0.reset == .zero })
    }

    @LoopActor @Test func aCallThatLeavesSomeToOthersHasTheRest() {
        let limits = OpenDLimits()
        var now = Self.noon
        for _ in 0..<15 {
            #expect(limits.nextAdmission(2205, .account(1, leaving: 5), at: now) == now)
            limits.take(2205, .account(1, leaving: 5), at: now)
            now = now + .milliseconds(50)
        }
        #expect(limits.nextAdmission(2205, .account(1, leaving: 5), at: now) > now)
        #expect(limits.nextAdmission(2205, .account(1), at: now) == now)
    }

    @LoopActor @Test func ordersKeepTheirDistance() {
        let limits = OpenDLimits()
        limits.take(2202, .account(1), at: Self.noon)
        #expect(limits.nextAdmission(2202, .account(1), at: Self.noon) == Self.noon + .milliseconds(21))
    }

    @LoopActor @Test func aRefusalForFrequencyPausesItsProtocolOnly() {
        let limits = OpenDLimits()
        limits.refused(3203, at: Self.noon)
        #expect(limits.nextAdmission(3203, .gateway, at: Self.noon) == Self.noon + OpenDLimits.pauseAfterRefusal)
        #expect(limits.nextAdmission(3204, .gateway, at: Self.noon) == Self.noon)
    }
}
