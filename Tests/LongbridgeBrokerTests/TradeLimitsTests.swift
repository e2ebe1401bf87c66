import Clocks
import Limits
import Testing

@testable import LongbridgeBroker

@Suite struct TradeLimitsTests {
    /// Sends calls as early as they may go; each reaches the broker and is answered some time later.
    private struct Bench {
        var line = TradeLimits.line(calls: 30)
        var now = Instant.zero + .seconds(1)
        var arrivals: [Instant] = []
        private var next = 0

        /// How long the call waited; it is answered at once.
        mutating func send(_ callClass: TradeLimits.CallClass) -> Duration {
            let start = now
            next += 1
            var decisions =
                line.arrive(next, TradeLimits.call(callClass, at: now), deadline: now + .seconds(600), at: now) ?? []
            while decisions.isEmpty {
                now = line.nextDeadline(at: now) ?? now
                decisions = line.advance(at: now)
            }
            arrivals.append(now)
            line.end(next, at: now)
            return now - start
        }
    }

    @Test func neverMoreThanThirtyInThirtySecondsNorTwoWithinTwentyMilliseconds() {
        var bench = Bench()
        for number in 0..<200 { _ = bench.send(TradeLimits.CallClass.allCases[number % 3]) }
        for (index, time) in bench.arrivals.enumerated() {
            #expect(bench.arrivals[index...].prefix { $0 < time + .seconds(30) }.count <= 30)
            if index > 0 { #expect(time - bench.arrivals[index - 1] >= .milliseconds(20)) }
        }
    }

    @Test func submitsCannotUseUpTheShareOfCancellations() {
        var bench = Bench()
        var writes = 0
        while bench.send(.write) < .seconds(1) { writes += 1 }
        #expect(writes == 25)
        var fresh = Bench()
        for _ in 0..<25 { _ = fresh.send(.write) }
        for _ in 0..<5 { #expect(fresh.send(.cancel) <= TradeLimits.gap) }
        #expect(fresh.send(.cancel) > .seconds(20))
    }

    @Test func whatOnlyLooksLeavesMoreThanHalf() {
        var bench = Bench()
        for _ in 0..<14 { #expect(bench.send(.read) <= TradeLimits.gap) }
        for _ in 0..<11 { #expect(bench.send(.write) <= TradeLimits.gap) }
        for _ in 0..<5 { #expect(bench.send(.cancel) <= TradeLimits.gap) }
    }

    @Test func aRefusalHoldsEverythingButCancellations() {
        var bench = Bench()
        TradeLimits.refused(&bench.line, retryAfter: .seconds(30), at: bench.now)
        #expect(bench.send(.cancel) == .zero)
        #expect(bench.send(.write) == .seconds(30))
        // A quarter of the 25 is taken back for a while.
        for _ in 0..<17 { #expect(bench.send(.write) <= TradeLimits.gap) }
        #expect(bench.send(.write) > .seconds(20))
    }
}
