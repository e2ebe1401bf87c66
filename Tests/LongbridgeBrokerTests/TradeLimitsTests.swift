import Clocks
import Testing

@testable import LongbridgeBroker

@Suite struct TradeLimitsTests {
    @Test func neverMoreThanThirtyInThirtySecondsNorTwoWithinTwentyMilliseconds() {
        var limits = TradeLimits()
        var now = Instant.zero + .seconds(1)
        var sent: [Instant] = []
        for number in 0..<200 {
            let callClass = TradeLimits.CallClass.allCases[number % 3]
            let due = limits.nextAdmission(callClass, at: now)
            now = due
            limits.take(callClass, at: now)
            sent.append(now)
        }
        for (index, time) in sent.enumerated() {
            #expect(sent[index...].prefix { $0 < time + .seconds(30) }.count <= 30)
            if index > 0 { #expect(time - sent[index - 1] >= .milliseconds(20)) }
        }
    }

    @Test func submitsCannotUseUpTheShareOfCancellations() {
        var limits = TradeLimits()
        var now = Instant.zero + .seconds(1)
        var writes = 0
        while limits.nextAdmission(.write, at: now) <= now + .seconds(1) {
            now = limits.nextAdmission(.write, at: now)
            limits.take(.write, at: now)
            writes += 1
        }
        #expect(writes == 25)
        for _ in 0..<5 {
            let due = limits.nextAdmission(.cancel, at: now)
            #expect(due - now <= .milliseconds(25))
            now = due
            limits.take(.cancel, at: now)
        }
    }

    @Test func aRefusalHoldsEverythingButCancellations() {
        var limits = TradeLimits()
        let now = Instant.zero + .seconds(1)
        limits.refused(retryAfter: .seconds(30), at: now)
        #expect(limits.nextAdmission(.cancel, at: now) == now)
        #expect(limits.nextAdmission(.write, at: now) == now + .seconds(30))
        #expect(limits.nextAdmission(.read, at: now) == now + .seconds(30))
    }
}
