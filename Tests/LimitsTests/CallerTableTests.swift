import Clocks
import Limits
import Testing

@Suite struct CallerTableTests {
    static let start = Instant(nanoseconds: 5_000_000_000)
    static let small = CallerTable.Bound(count: 2, window: .seconds(1), concurrent: 1)
    static let large = CallerTable.Bound(count: 10, window: .seconds(1), concurrent: 3)

    private func table(_ callers: Int = 2) -> CallerTable {
        CallerTable(shared: [Self.small, Self.large], maximumCallers: callers)
    }

    private func enters(_ table: inout CallerTable, _ place: CallerTable.Place, _ number: Int) -> Bool {
        table.enter(place, number) == place
    }

    @Test func eachCallerAndEachClassHasARateOfItsOwn() {
        var table = table()
        let a = table.place(of: "a", [Self.small, Self.large], at: Self.start)
        let b = table.place(of: "b", [Self.small, Self.large], at: Self.start)
        #expect(table.take(a, 0, at: Self.start).verdict == .admitted)
        #expect(table.take(a, 0, at: Self.start).verdict == .admitted)
        #expect(table.take(a, 0, at: Self.start).verdict == .refused(retryAfter: .milliseconds(500)))
        #expect(table.take(a, 1, at: Self.start).verdict == .admitted)
        #expect(table.take(b, 0, at: Self.start).verdict == .admitted)
        #expect(table.use(a, 0, at: Self.start) == .init(remaining: 0, reset: .seconds(1), concurrent: 0))
        #expect(table.use(b, 0, at: Self.start) == .init(remaining: 1, reset: .milliseconds(500), concurrent: 0))
    }

    @Test func theTimeOfARefusalIsTrue() {
        var table = table()
        let a = table.place(of: "a", [Self.small, Self.large], at: Self.start)
        for _ in 0..<2 { _ = table.take(a, 0, at: Self.start) }
        let due = Self.start + .milliseconds(500)
        #expect(table.take(a, 0, at: due - .nanoseconds(1)).verdict == .refused(retryAfter: .nanoseconds(1)))
        #expect(table.use(a, 0, at: due).remaining == 1)
        #expect(table.take(a, 0, at: due).verdict == .admitted)
    }

    @Test func whatIsUnderWayIsBoundedForEachClass() {
        var table = table()
        let a = table.place(of: "a", [Self.small, Self.large], at: Self.start)
        #expect(enters(&table, a, 0) == true)
        #expect(enters(&table, a, 0) == false)
        #expect(enters(&table, a, 1) == true)
        table.leave(a, 0)
        #expect(enters(&table, a, 0) == true)
        #expect(table.use(a, 0, at: Self.start).concurrent == 1)
    }

    @Test func aFullTableGivesUpWhoUsesNothingAndThenSharesOnePlace() {
        var table = table()
        let a = table.place(of: "a", [Self.small, Self.large], at: Self.start)
        let b = table.place(of: "b", [Self.small, Self.large], at: Self.start)
        _ = table.take(a, 0, at: Self.start)
        #expect(enters(&table, b, 1) == true)
        let c = table.place(of: "c", [Self.large, Self.large], at: Self.start)
        #expect(c == table.shared)
        let d = table.place(of: "d", [Self.large, Self.large], at: Self.start)
        #expect(d == c)
        #expect(table.current(a) == a && table.current(b) == b && table.current(c) == c)
        // a's bucket is full again: it goes, and b, whose call is under way, stays.
        let later = Self.start + .seconds(1)
        let e = table.place(of: "e", [Self.large, Self.large], at: later)
        #expect(e != table.shared)
        #expect(table.current(a) == table.shared && table.current(b) == b)
        #expect(table.take(a, 0, at: later).place == table.shared)
        #expect(table.count == 2)
        let again = table.place(of: "a", [Self.small, Self.large], at: later)
        #expect(again != a)
    }

    @Test func changedBoundsApplyAtOnceAndWhatIsUnderWayStillCounts() {
        var table = table()
        let before = table.place(of: "a", [Self.small, Self.large], at: Self.start)
        for _ in 0..<3 { _ = table.take(before, 0, at: Self.start) }
        #expect(enters(&table, before, 0) == true)
        let after = table.place(of: "a", [Self.large, Self.large], at: Self.start)
        #expect(after == before)
        #expect(table.use(after, 0, at: Self.start) == .init(remaining: 10, reset: .zero, concurrent: 1))
        // The same again changes nothing.
        _ = table.take(after, 0, at: Self.start)
        _ = table.place(of: "a", [Self.large, Self.large], at: Self.start)
        #expect(table.use(after, 0, at: Self.start).remaining == 9)
    }

    @Test func noWindowHoldsMoreThanABurstAndWhatCameBack() {
        var table = CallerTable(
            shared: [.init(count: 7, window: .seconds(3), concurrent: 1)], maximumCallers: 0)
        let place = table.place(of: "a", [.init(count: 7, window: .seconds(3), concurrent: 1)], at: Self.start)
        var admitted = 0
        for millisecond in 0..<3000
        where table.take(place, 0, at: Self.start + .milliseconds(millisecond)).verdict.isAdmitted {
            admitted += 1
        }
        #expect(admitted == 13)
    }
}
