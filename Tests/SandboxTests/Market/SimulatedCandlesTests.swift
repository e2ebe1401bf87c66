import Clocks
import Testing

@testable import Sandbox

@Suite struct SimulatedCandlesTests {
    static let periods: [Int32] = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 120, 180, 240, 1000, 2000, 3000, 3500, 4000]

    private func candles(
        _ symbol: String, _ period: Int32, _ hours: MarketHours, _ time: String = "2026-11-20T02:10:00Z",
        extended: Bool = false
    ) throws -> SimulatedCandles {
        let now = try #require(WallTime(rfc3339: time))
        let security = try #require(SimulatedSecurity.bySymbol[symbol])
        return SimulatedCandles(
            listing: SimulatedListing(security, seed: 11, hours: hours, now: now),
            period: try #require(CandlePeriod(period)),
            includesExtended: extended, now: now)
    }

    @Test(arguments: periods, MarketHours.allCases)
    func everyPeriodAscendsKeepsItsEndsAndEndsNow(period: Int32, hours: MarketHours) throws {
        for symbol in ["700.HK", "AAPL.US", "HSI.HK"] {
            let candles = try candles(symbol, period, hours)
            let bars = candles.bars(CandleRange(count: period > 2000 ? 20 : 200))
            #expect(bars.count == (period > 2000 ? 20 : 200) || period == 4000)
            for (bar, next) in zip(bars, bars.dropFirst()) { #expect(bar.start < next.start) }
            for bar in bars {
                #expect(bar.low <= min(bar.open, bar.close) && max(bar.open, bar.close) <= bar.high)
                #expect(bar.start <= candles.now)
            }
            #expect(bars.last?.close == candles.listing.regular?.last, "\(symbol) ends with the last price")
        }
    }

    @Test(arguments: MarketHours.allCases)
    func todaysDayBarIsTodaysQuoteAndTheLongerBarsHoldItsDays(hours: MarketHours) throws {
        let day = try candles("700.HK", 1000, hours)
        let record = try #require(day.listing.regular)
        let days = day.bars(CandleRange(count: 30))
        let today = try #require(days.last)
        #expect(today.open == record.bar.open && today.high == record.bar.high && today.volume == record.bar.volume)
        #expect(today.turnover == record.bar.turnover)
        // 2026-11-20 is a Friday: its week has the five last days.
        let week = try #require(try candles("700.HK", 2000, hours).bars(CandleRange(count: 1)).first)
        let five = days.suffix(5)
        #expect(week.start == five.first?.start && week.open == five.first?.open && week.close == five.last?.close)
        #expect(week.high == five.map(\.high).max() && week.volume == five.reduce(0) { $0 + $1.volume })
        let zone = TimeZoneRule.hongKong
        for (period, first) in [(Int32(3000), "2026-11-01"), (3500, "2026-10-01"), (4000, "2026-01-01")] {
            let bar = try #require(try candles("700.HK", period, hours).bars(CandleRange(count: 1)).first)
            #expect(zone.civil(at: bar.start).date.iso == first && bar.close == record.last)
        }
    }

    @Test func minuteBarsOfPastDaysAreThoseOfTheExchangesHours() throws {
        let candles = try candles("700.HK", 60, .alwaysOpen)
        let zone = TimeZoneRule.hongKong
        let day = try #require(CivilDate(iso: "2026-11-18"))
        let bars = candles.bars(
            CandleRange(
                from: zone.wallTime(day, secondOfDay: 0), through: zone.wallTime(day, secondOfDay: 86_399), count: 1000)
        )
        #expect(bars.map { zone.civil(at: $0.start).secondOfDay / 60 } == [570, 630, 690, 780, 840, 900])
        let whole = try #require(
            try self.candles("700.HK", 1000, .alwaysOpen).bars(
                CandleRange(from: zone.wallTime(day, secondOfDay: 0), count: 1, isForward: true)
            ).first)
        #expect(bars.reduce(0) { $0 + $1.volume } == whole.volume && bars.map(\.high).max() == whole.high)
        #expect(bars.first?.open == whole.open && bars.last?.close == whole.close)
    }

    @Test(arguments: [Int32(5), 1000, 2000])
    func forwardsAndBackwardsMeet(period: Int32) throws {
        let candles = try candles("AAPL.US", period, .exchangeHours)
        let bars = candles.bars(CandleRange(count: 300))
        let middle = bars[150].start
        #expect(candles.bars(CandleRange(through: middle, count: 151)) == Array(bars[...150]))
        #expect(candles.bars(CandleRange(from: middle, count: 100, isForward: true)) == Array(bars[150..<250]))
        #expect(
            candles.bars(CandleRange(from: bars[10].start, through: bars[20].start, count: 1000))
                == Array(bars[10...20]))
        #expect(
            candles.bars(CandleRange(from: bars[10].start, through: bars[20].start, count: 3)) == Array(bars[18...20]))
    }

    @Test func extendedSessionsAreTheirOwnBarsAndOnlyOnRequest() throws {
        let plain = try candles("AAPL.US", 5, .exchangeHours, "2026-11-20T15:00:00Z").bars(CandleRange(count: 500))
        #expect(plain.allSatisfy { $0.session == .regular })
        let all = try candles("AAPL.US", 5, .exchangeHours, "2026-11-20T15:00:00Z", extended: true).bars(
            CandleRange(count: 500))
        #expect(Set(all.map(\.session)) == [.regular, .preMarket, .postMarket, .overnight])
        for (bar, next) in zip(all, all.dropFirst()) { #expect(bar.start < next.start) }
        #expect(plain.suffix(3) == all.suffix(3))
        let hongKong = try candles("700.HK", 5, .exchangeHours, extended: true).bars(CandleRange(count: 300))
        #expect(hongKong.allSatisfy { $0.session == .regular })
    }

    @Test func theArchiveBeginsWhereTheVendorsDoes() throws {
        for (symbol, period, first) in [
            ("700.HK", Int32(1000), "2004-06-01"), ("AAPL.US", 1000, "2010-06-01"), ("700.HK", 60, "2022-09-28"),
            ("AAPL.US", 60, "2023-12-04"), ("600519.SH", 1000, "1999-11-01"),
        ] {
            let candles = try candles(symbol, period, .alwaysOpen)
            let bars = candles.bars(CandleRange(from: WallTime(seconds: 0), count: 3, isForward: true))
            let zone = candles.listing.security.market.zone
            #expect(bars.first.map { zone.civil(at: $0.start).date.iso } == first, "\(symbol) \(period)")
            #expect(candles.bars(CandleRange(through: WallTime(seconds: 0), count: 3)).isEmpty)
        }
    }

    @Test func nothingOfTheFutureIsTold() throws {
        for period in SimulatedCandlesTests.periods {
            let candles = try candles("AAPL.US", period, .exchangeHours, "2026-11-20T12:00:00Z", extended: true)
            let future = candles.bars(CandleRange(from: candles.now + .seconds(1), count: 10, isForward: true))
            #expect(future.isEmpty, "\(period)")
        }
    }

    @Test func numbersThatAreNoPeriodAreRefused() {
        for number in [Int32(0), -1, 4, 6, 241, 999, 1001, 5000, .max] { #expect(CandlePeriod(number) == nil) }
    }
}
