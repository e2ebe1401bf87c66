import BrokerModel
import Clocks
import Testing

@Suite struct MarketCalendarTests {
    private let hongKong = MarketHours(
        market: .hongKong,
        sessions: [
            SessionHours(session: .regular, begin: 570, end: 720),
            SessionHours(session: .regular, begin: 780, end: 960),
        ])
    private let unitedStates = MarketHours(
        market: .unitedStates,
        sessions: [
            SessionHours(session: .regular, begin: 570, end: 960),
            SessionHours(session: .preMarket, begin: 240, end: 570),
            SessionHours(session: .postMarket, begin: 960, end: 1200),
            SessionHours(session: .overnight, begin: 1200, end: 1440),
            SessionHours(session: .overnight, begin: 0, end: 240),
        ])
    private let days = TradingDays(
        full: [day(2026, 12, 21), day(2026, 12, 22), day(2026, 12, 23), day(2026, 12, 28)],
        half: [day(2026, 12, 24)])

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> CivilDate {
        CivilDate(year: year, month: month, day: day) ?? CivilDate(daysSinceEpoch: 0)
    }

    private func state(_ hours: MarketHours, _ day: Int, _ hour: Int, _ minute: Int) -> MarketState {
        let date = MarketCalendarTests.day(2026, 12, day)
        return MarketState(
            hours, days, at: hours.market.timeZone.wallTime(date, secondOfDay: hour * 3600 + minute * 60))
    }

    @Test(arguments: [
        (21, 9, 29, MarketState.closed), (21, 9, 30, .regular), (21, 12, 0, .lunchBreak), (21, 13, 0, .regular),
        (21, 16, 0, .closed), (24, 11, 59, .regular), (24, 12, 30, .closed), (24, 14, 0, .closed), (25, 10, 0, .closed),
        (27, 10, 0, .closed),
    ])
    func hongKongHasALunchBreakAndHalfDays(_ day: Int, _ hour: Int, _ minute: Int, _ expected: MarketState) {
        #expect(state(hongKong, day, hour, minute) == expected)
    }

    @Test(arguments: [
        (21, 3, 59, MarketState.overnight), (21, 4, 0, .preMarket), (21, 9, 30, .regular), (21, 16, 0, .postMarket),
        (21, 20, 0, .overnight), (24, 13, 0, .postMarket), (24, 17, 0, .closed), (24, 21, 0, .closed),
        (27, 21, 0, .overnight), (27, 19, 0, .closed), (25, 2, 0, .closed), (20, 22, 0, .overnight),
    ])
    func anOvernightSessionBelongsToTheDayItLeadsInto(
        _ day: Int, _ hour: Int, _ minute: Int, _ expected: MarketState
    ) {
        #expect(state(unitedStates, day, hour, minute) == expected)
    }

    @Test(arguments: [
        (CandleInterval.oneMinute, "2026-12-21T01:30:00Z", "2026-12-21T01:31:00Z"),
        (.fourHours, "2026-12-21T01:30:00Z", "2026-12-21T05:30:00Z"),
        (.oneDay, "2026-12-20T16:00:00Z", "2026-12-21T16:00:00Z"),
        (.oneWeek, "2026-12-20T16:00:00Z", "2026-12-27T16:00:00Z"),
        (.oneMonth, "2026-11-30T16:00:00Z", "2026-12-31T16:00:00Z"),
        (.oneQuarter, "2026-09-30T16:00:00Z", "2026-12-31T16:00:00Z"),
        (.oneYear, "2025-12-31T16:00:00Z", "2026-12-31T16:00:00Z"),
    ])
    func aCandleEndsWhereTheNextBegins(_ interval: CandleInterval, _ start: String, _ end: String) throws {
        let begin = try #require(WallTime(rfc3339: start))
        #expect(interval.end(ofCandleAt: begin, zone: .hongKong) == WallTime(rfc3339: end))
    }
}
