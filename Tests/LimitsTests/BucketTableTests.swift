import Clocks
import Limits
import Testing

@Suite struct BucketTableTests {
    static let start = Instant(nanoseconds: 1_000_000_000)

    private func table(keys: Int) -> BucketTable<Int> {
        BucketTable(bucket: TokenBucket(interval: .seconds(10), capacity: 2), maximumKeys: keys)
    }

    @Test func eachKeyHasABudgetOfItsOwn() {
        var table = table(keys: 2)
        #expect(table.take(1, at: Self.start) == .admitted)
        #expect(table.take(1, at: Self.start) == .admitted)
        #expect(table.wouldRefuse(1, at: Self.start))
        #expect(!table.wouldRefuse(2, at: Self.start))
        #expect(table.take(1, at: Self.start) == .refused(retryAfter: .seconds(10)))
        #expect(table.take(2, at: Self.start) == .admitted)
    }

    @Test func keysBeyondTheBoundShareOneBucketAndTakeNothingFromTheOthers() {
        var table = table(keys: 2)
        _ = table.take(1, at: Self.start)
        _ = table.take(2, at: Self.start)
        let admitted = (3..<1000).count { table.take($0, at: Self.start).isAdmitted }
        #expect(admitted == 2)
        #expect(table.count == 2)
        #expect(table.wouldRefuse(5000, at: Self.start))
        #expect(table.take(1, at: Self.start) == .admitted)
    }

    @Test func idleKeysMakeRoomForNewOnes() {
        var table = table(keys: 2)
        _ = table.take(1, at: Self.start)
        _ = table.take(2, at: Self.start)
        let later = Self.start + .seconds(10)
        #expect(table.take(3, at: later) == .admitted)
        #expect(table.count == 1)
    }
}
