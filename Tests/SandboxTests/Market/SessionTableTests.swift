import Clocks
import Testing

@testable import Sandbox

@Suite struct SessionTableTests {
    private func time(_ text: String) throws -> Int64 { try #require(WallTime(rfc3339: text)).seconds }
    private func date(_ text: String) throws -> CivilDate { try #require(CivilDate(iso: text)) }

    @Test func hongKongRestsAtNoonAndGoesHomeEarlyOnHalfDays() throws {
        let full = try #require(SessionTable.span(.hongKong, .regular, date("2026-11-20")))
        #expect(
            full.parts == [
                try time("2026-11-20T01:30:00Z")..<(try time("2026-11-20T04:00:00Z")),
                try time("2026-11-20T05:00:00Z")..<(try time("2026-11-20T08:00:00Z")),
            ])
        #expect(full.minutes.count == 330 && full.duration == 330 * 60)
        #expect(!full.contains(try time("2026-11-20T04:30:00Z")))
        #expect(full.elapsed(at: try time("2026-11-20T04:30:00Z")) == 150 * 60)
        let half = try #require(SessionTable.span(.hongKong, .regular, date("2026-12-24")))
        #expect(half.end == (try time("2026-12-24T04:00:00Z")))
        #expect(SessionTable.span(.hongKong, .preMarket, try date("2026-11-20")) == nil)
        #expect(SessionTable.span(.hongKong, .regular, try date("2026-12-25")) == nil)
    }

    @Test func newYorkOpensAnHourEarlierByUTCInSummer() throws {
        #expect(
            SessionTable.span(.unitedStates, .regular, try date("2026-11-20"))?.start
                == (try time("2026-11-20T14:30:00Z")))
        #expect(
            SessionTable.span(.unitedStates, .regular, try date("2026-07-01"))?.start
                == (try time("2026-07-01T13:30:00Z")))
        let thanksgiving = try date("2026-11-27")
        #expect(SessionTable.span(.unitedStates, .regular, thanksgiving)?.end == (try time("2026-11-27T18:00:00Z")))
        #expect(SessionTable.span(.unitedStates, .postMarket, thanksgiving)?.end == (try time("2026-11-27T22:00:00Z")))
    }

    @Test func theFourSessionsOfANewYorkDayFollowEachOtherWithoutAGap() throws {
        let spans = try TradingSession.inOrder.compactMap {
            SessionTable.span(.unitedStates, $0, try date("2026-11-20"))
        }
        #expect(spans.map(\.session) == [.overnight, .preMarket, .regular, .postMarket])
        for (span, next) in zip(spans, spans.dropFirst()) { #expect(span.end == next.start) }
        #expect(spans.first?.start == (try time("2026-11-20T01:00:00Z")), "20:00 of the evening before")
    }

    @Test func barsAreCutFromTheStartOfEachPart() throws {
        let span = try #require(SessionTable.span(.hongKong, .regular, date("2026-11-20")))
        // 60 minutes: 09:30, 10:30, 11:30 and again 13:00, 14:00, 15:00.
        let starts = Set(span.minutes.map { span.barStart(of: $0, minutes: 60) }).sorted()
        #expect(starts.map { ($0 - span.start) / 60 } == [0, 60, 120, 210, 270, 330])
    }

    @Test func aroundTheClockTodayIsOneSessionWhateverTheDay() throws {
        let saturday = try #require(WallTime(rfc3339: "2026-11-21T20:00:00Z"))
        let spans = SessionTable.latest(.unitedStates, hours: .alwaysOpen, hasExtended: true, now: saturday)
        let regular = try #require(spans.first { $0.session == .regular })
        #expect(regular.date.iso == "2026-11-21" && regular.contains(saturday.seconds) && regular.duration == 86_400)
        for span in spans where span.session != .regular {
            #expect(span.end <= regular.start && span.date.iso == "2026-11-20")
        }
        #expect(spans.count == 4)
    }

    @Test func byExchangeHoursTheLatestSessionsAreShownAndAtMostOneRuns() throws {
        for hour in 0..<240 {
            let now = try #require(WallTime(rfc3339: "2026-11-23T00:00:00Z")) + .seconds(hour * 3600)
            let spans = SessionTable.latest(.unitedStates, hours: .exchangeHours, hasExtended: true, now: now)
            #expect(Set(spans.map(\.session)).count == 4)
            #expect(spans.allSatisfy { $0.start <= now.seconds })
            #expect(spans.count { $0.contains(now.seconds) } <= 1)
            #expect(SessionTable.latest(.hongKong, hours: .exchangeHours, hasExtended: false, now: now).count == 1)
        }
    }

    @Test func aDayOfTwentyFiveHoursHasThemAll() throws {
        let span = SessionTable.wholeDay(.unitedStates, try date("2026-11-01"))
        #expect(span.duration == 25 * 3600 && span.minutes.count == 1500)
    }

    @Test func noRowOfTheTableUsesAnHourTheVendorsClientCannotRead() {
        for market in SimulatedMarket.allCases {
            #expect(SessionTable.rows(market).allSatisfy { $0.begin < 2400 && $0.end < 2400 && $0.begin < $0.end })
        }
    }
}
