import BrokerModel
import Clocks
import HTTPWire
import Testing

@testable import Bridge

@Suite struct HistorySpanTests {
    private func span(_ text: String) throws -> HistorySpan {
        let target = try #require(RequestTarget("/?" + text))
        var query = QueryReader(target)
        return try HistorySpan(&query)
    }

    private let march = WallTime(seconds: 1_772_326_800)  // 2026-03-01T01:00:00Z

    @Test func oneKindOfBoundsAtATime() {
        for text in [
            "start=2026-01-01&before=2026-01-01T00:00:00Z", "before=2026-01-01T00:00:00Z&after=2026-01-01T00:00:00Z",
            "start=2026-02-01&end=2026-01-01",
        ] {
            #expect(throws: Problem.self) { try span(text) }
        }
    }

    @Test func pagesGoBackwardsUnlessOnlyTheBeginningIsGiven() throws {
        var backward = try span("start=2026-01-01&end=2026-03-31")
        try backward.resume(at: "1772326800000")
        #expect(backward.request == .before(march))
        var forward = try span("start=2026-01-01")
        try forward.resume(at: "1772326800000")
        #expect(forward.request == .after(march))
        let candles = [Candle(start: march, isFinal: true), Candle(start: march + .seconds(60), isFinal: true)]
        #expect(backward.cursor(after: candles, hasMore: true) == "1772326800000")
        #expect(forward.cursor(after: candles, hasMore: true) == "1772326860000")
        #expect(backward.cursor(after: candles, hasMore: false) == nil)
    }

    @Test func laterPagesStayWithinTheDays() throws {
        var span = try span("start=2026-03-01&end=2026-03-01")
        let candles = [-86_400, 0, 86_400].map { Candle(start: march + .seconds($0), isFinal: true) }
        #expect(span.kept(candles, .hongKong).count == 3)
        try span.resume(at: "1772500000000")
        #expect(span.kept(candles, .hongKong).map(\.start) == [march])
    }

    @Test(arguments: ["-1", "x", "999999999999999999", "1.5", ""])
    func aCursorOfOthersIsRefused(_ cursor: String) throws {
        var span = try span("before=2026-01-01T00:00:00Z")
        #expect(throws: Problem.self) { try span.resume(at: cursor) }
    }

    @Test func onlyWhatLiesWhollyBehindIsKept() throws {
        let now = march
        #expect(try span("end=2026-02-28").isBehind(now, .oneDay, .hongKong))
        #expect(try !span("end=2026-03-01").isBehind(now, .oneDay, .hongKong))
        // The month of the day before has ended, its week and quarter have not.
        #expect(try span("end=2026-02-28").isBehind(now, .oneMonth, .hongKong))
        #expect(try !span("end=2026-02-28").isBehind(now, .oneQuarter, .hongKong))
        #expect(try !span("after=2026-01-01T00:00:00Z").isBehind(now, .oneDay, .hongKong))
    }
}
