import Bytes
import Clocks
import Limits
import Testing

@Suite struct SlidingWindowTests {
    static let start = Instant(nanoseconds: 1_000_000_000)

    /// The broker's rule for trading calls: 30 in 30 s, 20 ms apart.
    static let trading = SlidingWindow(limit: 30, window: .seconds(30), minimumGap: .milliseconds(20))

    @Test func theLimitIsAdmittedAndOneMoreIsNot() {
        var window = Self.trading
        for index in 0..<30 {
            #expect(window.take(at: Self.start + .milliseconds(20 * index)) == .admitted)
        }
        let now = Self.start + .milliseconds(600)
        #expect(window.count(at: now) == 30)
        #expect(window.take(at: now) == .refused(retryAfter: .milliseconds(29_400)))
        #expect(window.take(at: Self.start + .seconds(30) - .nanoseconds(1)) == .refused(retryAfter: .nanoseconds(1)))
        #expect(window.take(at: Self.start + .seconds(30)) == .admitted)
        #expect(window.take(at: Self.start + .seconds(30)) == .refused(retryAfter: .milliseconds(20)))
    }

    @Test func theGapIsKeptAtUnderAndOver() {
        var window = Self.trading
        #expect(window.take(at: Self.start) == .admitted)
        #expect(window.take(at: Self.start) == .refused(retryAfter: .milliseconds(20)))
        #expect(window.take(at: Self.start + .milliseconds(19)) == .refused(retryAfter: .milliseconds(1)))
        #expect(window.take(at: Self.start + .milliseconds(20)) == .admitted)
        #expect(window.take(at: Self.start + .milliseconds(41)) == .admitted)
    }

    @Test func aRefusalUsesNothingUp() {
        var window = SlidingWindow(limit: 1, window: .seconds(1))
        #expect(window.take(at: Self.start) == .admitted)
        for _ in 0..<100 { #expect(window.take(at: Self.start + .milliseconds(999)) != .admitted) }
        #expect(window.take(at: Self.start + .seconds(1)) == .admitted)
    }

    @Test func aClockThatStepsBackCountsAsTheLatestSeen() {
        var window = SlidingWindow(limit: 2, window: .seconds(1))
        #expect(window.take(at: Self.start) == .admitted)
        #expect(window.take(at: .zero) == .refused(retryAfter: .seconds(1)))
        #expect(window.take(at: Self.start) == .admitted)
        #expect(window.take(at: Self.start + .milliseconds(999)) == .refused(retryAfter: .milliseconds(1)))
    }

    @Test func absurdLimitsAreRaisedToTheLeastUsefulOnes() {
        var window = SlidingWindow(limit: -5, window: .seconds(-1), minimumGap: .seconds(-1))
        #expect(window.limit == 1)
        #expect(window.take(at: Self.start) == .admitted)
        #expect(window.take(at: Self.start) == .admitted)
    }

    @Test(arguments: 0..<40)
    func noWindowEverExceedsTheLimitNorAnyGapFallsShort(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let limit = Int.random(in: 1...9, using: &random)
        let length = Int64.random(in: 1...200, using: &random)
        let gap = Int64.random(in: 0...20, using: &random)
        var window = SlidingWindow(limit: limit, window: .nanoseconds(length), minimumGap: .nanoseconds(gap))
        var now: Int64 = 0
        var admitted: [Int64] = []
        for _ in 0..<500 {
            now += Int64.random(in: 0...(length / 3 + 1), using: &random)
            let instant = Instant(nanoseconds: now)
            switch window.take(at: instant) {
            case .admitted:
                admitted.append(now)
            case .refused(let retryAfter):
                var copy = window
                #expect(copy.take(at: instant + retryAfter - .nanoseconds(1)) != .admitted)
                #expect(copy.take(at: instant + retryAfter) == .admitted)
            }
            #expect(window.count(at: instant) == admitted.count { now - $0 < length })
        }
        #expect(admitted.count > limit)
        for (earlier, later) in zip(admitted, admitted.dropFirst()) {
            #expect(later - earlier >= gap, "seed \(seed)")
        }
        for (index, instant) in admitted.enumerated() {
            let inWindow = admitted[index...].count { $0 - instant < length }
            #expect(inWindow <= limit, "seed \(seed)")
        }
    }
}
