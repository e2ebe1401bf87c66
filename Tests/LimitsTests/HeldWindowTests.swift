import Bytes
import Clocks
import Limits
import Testing

@Suite struct HeldWindowTests {
    private let start = Instant.zero + .seconds(100)

    @Test func aCallCountsFromWhenItIsSentUntilAWindowAfterItsEnd() {
        var window = HeldWindow(limit: 2, window: .seconds(1))
        window.take(at: start)
        window.take(at: start)
        #expect(window.available(at: start) == 0)
        // However long it takes, it counts.
        #expect(window.available(at: start + .seconds(10)) == 0)
        window.end(at: start + .seconds(10))
        #expect(window.available(at: start + .seconds(11) - .nanoseconds(1)) == 0)
        #expect(window.available(at: start + .seconds(11)) == 1)
        #expect(window.used(at: start + .seconds(11)) == 1)
    }

    @Test func itTellsWhenThereIsRoomBehindOthers() {
        var window = HeldWindow(limit: 3, window: .seconds(30))
        for offset in 0..<3 {
            window.take(at: start)
            window.end(at: start + .seconds(offset))
        }
        let now = start + .seconds(5)
        #expect(window.free(behind: 0, at: now) == start + .seconds(30))
        #expect(window.free(behind: 1, at: now) == start + .seconds(31))
        #expect(window.free(behind: 2, at: now) == start + .seconds(32))
        #expect(window.free(behind: 3, at: now) >= now + .seconds(30))
        #expect(window.free(behind: 0, at: start + .seconds(30)) == start + .seconds(30))
    }

    @Test func aRefusalPausesAndLowersForAWhileAndIsForgotten() {
        var window = HeldWindow(limit: 10, window: .seconds(1))
        window.refused(pause: .seconds(1), at: start)
        #expect(window.available(at: start) == 0)
        #expect(window.free(behind: 0, at: start) == start + .seconds(1))
        #expect(window.available(at: start + .seconds(1)) == 7)
        #expect(window.loweredUntil(at: start) == start + .seconds(10))
        window.refused(pause: .seconds(1), at: start + .seconds(2))
        #expect(window.available(at: start + .seconds(3)) == 5)
        #expect(window.available(at: start + .seconds(12)) == 10)
        #expect(window.loweredUntil(at: start + .seconds(12)) == nil)
        for _ in 0..<100 { window.refused(pause: .zero, at: start) }
        #expect(window.ceiling(at: start) == 1)
    }

    @Test func whateverTheWayTakesTheOtherSideNeverCountsMoreThanTheLimit() {
        for seed in UInt64(1)...20 {
            var random = SplitMix64(seed: seed)
            var window = HeldWindow(limit: 5, window: .milliseconds(100))
            var now = start
            var ends: [Instant] = []
            var arrivals: [Instant] = []
            for _ in 0..<2000 {
                now = now + .milliseconds(Int.random(in: 0..<8, using: &random))
                for end in ends.sorted() where end <= now { window.end(at: now) }
                ends.removeAll { $0 <= now }
                guard window.available(at: now) > 0 else { continue }
                window.take(at: now)
                let way = Int.random(in: 0..<60, using: &random)
                arrivals.append(now + .milliseconds(way))
                ends.append(now + .milliseconds(way + Int.random(in: 0..<60, using: &random)))
            }
            arrivals.sort()
            for (index, time) in arrivals.enumerated() {
                let inWindow = arrivals[index...].prefix { $0 < time + .milliseconds(100) }.count
                #expect(inWindow <= 5, "seed \(seed)")
            }
        }
    }
}
