import Bytes
import Clocks
import Limits
import Testing

@Suite struct TokenBucketTests {
    static let start = Instant(nanoseconds: 5_000_000_000)

    @Test func aFullBucketAdmitsItsCapacityAndNotOneMore() {
        var bucket = TokenBucket(ratePerSecond: 10, capacity: 3)
        for _ in 0..<3 { #expect(bucket.take(at: Self.start) == .admitted) }
        #expect(bucket.take(at: Self.start) == .refused(retryAfter: .milliseconds(100)))
        #expect(bucket.nextAdmission(at: Self.start) == Self.start + .milliseconds(100))
    }

    @Test func oneTokenComesBackEachIntervalNotANanosecondSooner() {
        var bucket = TokenBucket(interval: .milliseconds(100), capacity: 2)
        _ = bucket.take(at: Self.start)
        _ = bucket.take(at: Self.start)
        let due = Self.start + .milliseconds(100)
        #expect(bucket.take(at: due - .nanoseconds(1)) == .refused(retryAfter: .nanoseconds(1)))
        #expect(bucket.take(at: due) == .admitted)
        #expect(bucket.take(at: due) == .refused(retryAfter: .milliseconds(100)))
    }

    @Test func noMoreThanTheCapacityIsSavedUp() {
        var bucket = TokenBucket(ratePerSecond: 1, capacity: 4)
        let later = Self.start + .seconds(86_400)
        _ = bucket.take(at: Self.start)
        #expect(bucket.isFull(at: later))
        let admitted = (0..<10).count { _ in bucket.take(at: later).isAdmitted }
        #expect(admitted == 4)
    }

    @Test func aClockThatStepsBackAdmitsNothingExtra() {
        var bucket = TokenBucket(ratePerSecond: 1, capacity: 1)
        #expect(bucket.take(at: Self.start) == .admitted)
        #expect(bucket.take(at: .zero) == .refused(retryAfter: .seconds(6)))
        #expect(bucket.take(at: Self.start + .seconds(1)) == .admitted)
    }

    @Test(arguments: [(0, 0), (-1, -1), (.max, .max), (.min, .min), (1, .max)])
    func absurdLimitsNeitherTrapNorRefuseForEver(rate: Int, capacity: Int) {
        var bucket = TokenBucket(ratePerSecond: rate, capacity: capacity)
        #expect(bucket.take(at: Self.start) == .admitted)
        let next = bucket.nextAdmission(at: Self.start)
        #expect(next <= Self.start + .seconds(1))
        #expect(bucket.take(at: next) == .admitted)
        var slow = TokenBucket(interval: .seconds(Int64.max), capacity: .max)
        #expect(slow.take(at: Self.start) == .admitted)
        _ = slow.take(at: Instant(nanoseconds: .max))
    }

    @Test(arguments: 0..<40)
    func noSpanOfTimeExceedsCapacityPlusRate(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let interval = Int64.random(in: 1...50, using: &random)
        let capacity = Int.random(in: 1...8, using: &random)
        var bucket = TokenBucket(interval: .nanoseconds(interval), capacity: capacity)
        var now = Int64.random(in: -100...100, using: &random)
        var admitted: [Int64] = []
        for _ in 0..<400 {
            now += Int64.random(in: 0...(interval * 3 / 2), using: &random)
            let instant = Instant(nanoseconds: now)
            switch bucket.take(at: instant) {
            case .admitted:
                admitted.append(now)
            case .refused(let retryAfter):
                #expect(retryAfter > .zero)
                var copy = bucket
                #expect(copy.take(at: instant + retryAfter) == .admitted)
                #expect(copy.take(at: instant) != .admitted)
            }
        }
        for first in admitted.indices {
            for last in admitted.indices[first...] {
                let bound = Int64(capacity) + (admitted[last] - admitted[first]) / interval
                #expect(Int64(last - first + 1) <= bound, "seed \(seed)")
            }
        }
    }
}

extension TokenBucketTests {
    @Test func whatRemainsIsWhatWouldBeAdmitted() {
        var bucket = TokenBucket(interval: .milliseconds(100), capacity: 4)
        for step in 0..<200 {
            let now = Self.start + .milliseconds(step * 37)
            var copy = bucket
            let admitted = (0..<10).count { _ in copy.take(at: now).isAdmitted }
            #expect(bucket.remaining(at: now) == admitted)
            #expect(bucket.isFull(at: now) == (bucket.fullAgain(at: now) == now))
            _ = bucket.take(at: now)
        }
    }
}
