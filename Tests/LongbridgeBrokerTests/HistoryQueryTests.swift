import BrokerModel
import Bytes
import Clocks
import LongbridgeWire
import Testing

@testable import LongbridgeBroker

@Suite struct HistoryQueryTests {
    private func wanted(
        _ span: CandleHistoryRequest.Span, _ interval: CandleInterval = .fifteenMinutes, limit: Int = 2
    ) throws -> CandleHistoryRequest {
        CandleHistoryRequest(symbol: try symbol("700.HK"), interval: interval, span: span, limit: limit)
    }

    private func time(_ text: String) throws -> WallTime { try #require(WallTime(rfc3339: text)) }

    private func page(_ starts: [String], _ wanted: CandleHistoryRequest) throws -> CandleHistory {
        HistoryQuery.page(
            try starts.map { Candle(start: try time($0), isFinal: true) }, wanted,
            quota: HistoryQuota(
                limit: 100, used: 1, month: "2026-11"), usedQuota: true)
    }

    @Test func beforeATimeEndsWithTheMinuteBefore() throws {
        let request = HistoryQuery.request(try wanted(.before(time("2026-11-18T02:30:00Z"))))
        #expect(request.queryType == .queryByOffset)
        #expect(request.offsetRequest?.direction == .backward)
        #expect(request.offsetRequest?.date == "20261118")
        #expect(request.offsetRequest?.minute == "1029")
        #expect(request.offsetRequest?.count == 3)
    }

    @Test func afterATimeBeginsWithTheMinuteBehind() throws {
        let request = HistoryQuery.request(try wanted(.after(time("2026-11-18T01:30:00Z"))))
        #expect(request.offsetRequest?.direction == .forward)
        #expect(request.offsetRequest?.minute == "0931")
    }

    @Test func daysNeedNoMinute() throws {
        let request = HistoryQuery.request(try wanted(.before(time("2026-11-18T02:30:00Z")), .oneDay, limit: 1000))
        #expect(request.offsetRequest?.date == "20261118")
        #expect(request.offsetRequest?.minute == "")
        #expect(request.offsetRequest?.count == 1000)
    }

    @Test func aRangeOfDaysIsAskedForByDate() throws {
        let first = try #require(CivilDate(compact: "20261116"))
        let last = try #require(CivilDate(compact: "20261118"))
        let request = HistoryQuery.request(try wanted(.days(from: first, through: last), .oneDay))
        #expect(request.queryType == .queryByDate)
        #expect(request.dateRequest?.startDate == "20261116")
        #expect(request.dateRequest?.endDate == "20261118")
        #expect(request.offsetRequest == nil)
    }

    @Test func theBoundItselfIsNotPartOfThePage() throws {
        let starts = ["2026-11-18T02:00:00Z", "2026-11-18T02:15:00Z", "2026-11-18T02:30:00Z"]
        let before = try page(starts, wanted(.before(time("2026-11-18T02:30:00Z"))))
        #expect(before.candles.count == 2)
        #expect(before.candles.last?.start == WallTime(rfc3339: "2026-11-18T02:15:00Z"))
        #expect(!before.hasMore)
        let after = try page(starts, wanted(.after(time("2026-11-18T02:00:00Z")), limit: 1))
        #expect(after.candles.map(\.start) == [WallTime(rfc3339: "2026-11-18T02:15:00Z")])
        #expect(after.hasMore)
    }

    @Test func theMonthsFirstCallOfASecurityCounts() throws {
        var use = HistoryUse()
        let november = try time("2026-11-30T15:00:00Z")
        let december = try time("2026-11-30T16:00:00Z")  // midnight in Hong Kong
        func noted(_ text: String, _ now: WallTime) throws -> Bool { use.note(try symbol(text), at: now) }
        #expect(try noted("700.HK", november))
        #expect(try !noted("700.HK", november))
        #expect(try noted("5.HK", november))
        #expect(use.symbols(at: november).count == 2)
        #expect(try noted("700.HK", december))
        #expect(use.month == "2026-12")
        #expect(use.symbols(at: december).count == 1)
    }

    @Test func aSecurityOfTheMonthIsPaidForAlsoByEarlierRuns() throws {
        var use = HistoryUse()
        let now = try time("2026-11-20T15:00:00Z")
        use.restore([try symbol("700.HK")], month: "2026-11")
        #expect(try !use.note(symbol("700.HK"), at: now))
        #expect(try !use.isUsedUp(symbol("700.HK"), limit: 1, at: now))
        #expect(try use.isUsedUp(symbol("5.HK"), limit: 1, at: now))
        #expect(try !use.isUsedUp(symbol("5.HK"), limit: 2, at: now))
        // Another month knows nothing of it.
        #expect(try !use.isUsedUp(symbol("5.HK"), limit: 1, at: time("2026-12-01T15:00:00Z")))
    }

    @Test func whatTheBrokerRefusedIsNotAskedAgainOnThatDay() throws {
        var use = HistoryUse()
        let now = try time("2026-11-20T15:00:00Z")
        _ = try use.note(symbol("700.HK"), at: now)
        // Of a security of the month it says nothing about the quota.
        use.refused(try symbol("700.HK"), at: now)
        #expect(try !use.isUsedUp(symbol("5.HK"), limit: nil, at: now))
        use.refused(try symbol("5.HK"), at: now)
        #expect(try use.isUsedUp(symbol("5.HK"), limit: nil, at: now))
        #expect(try !use.isUsedUp(symbol("700.HK"), limit: nil, at: now))
        #expect(try !use.isUsedUp(symbol("5.HK"), limit: nil, at: time("2026-11-20T16:00:00Z")))
    }
}
