import Clocks
import Testing

@testable import Sandbox

@Suite struct TradingCalendarTests {
    static func date(_ text: String) throws -> CivilDate { try #require(CivilDate(iso: text)) }

    @Test(
        arguments: [
            ("HK", "2026-11-20", TradingCalendar.Day.full), ("HK", "2026-11-21", .closed), ("HK", "2026-02-16", .half),
            ("HK", "2026-02-17", .closed), ("HK", "2026-12-24", .half), ("HK", "2027-02-08", .closed),
            ("US", "2026-11-26", .closed), ("US", "2026-11-27", .half), ("US", "2026-07-03", .closed),
            ("US", "2025-01-09", .closed), ("US", "2027-12-24", .closed), ("US", "2026-12-24", .half),
            ("CN", "2026-10-01", .closed), ("CN", "2026-10-08", .full), ("SG", "2026-11-20", .full),
            ("SG", "2026-11-22", .closed),
        ])
    func aDayIsWhatTheExchangePublished(market: String, day: String, kind: TradingCalendar.Day) throws {
        let market = try #require(SimulatedMarket(rawValue: market))
        #expect(TradingCalendar.day(market, try TradingCalendarTests.date(day)) == kind)
    }

    @Test func theDayBeforeSkipsWeekendsAndHolidays() throws {
        #expect(
            TradingCalendar.previous(.hongKong, before: try TradingCalendarTests.date("2026-02-20")).iso == "2026-02-16"
        )
        #expect(
            TradingCalendar.previous(.unitedStates, before: try TradingCalendarTests.date("2026-11-27")).iso
                == "2026-11-25")
        #expect(
            TradingCalendar.previous(.mainland, before: try TradingCalendarTests.date("2026-10-08")).iso == "2026-09-30"
        )
    }

    @Test(arguments: SimulatedMarket.allCases)
    func everyYearHasAsManyTradingDaysAsRealOnes(market: SimulatedMarket) throws {
        for year in 2025...2027 {
            let first = try #require(CivilDate(year: year, month: 1, day: 1))
            let days = (0..<365).count { TradingCalendar.isTrading(market, first.adding(days: $0)) }
            #expect((240...262).contains(days), "\(market) \(year): \(days)")
        }
    }
}
