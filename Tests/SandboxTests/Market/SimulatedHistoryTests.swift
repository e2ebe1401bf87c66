import Bytes
import Clocks
import Testing

@testable import Sandbox

/// Over seeds, securities and days: what holds for any past day.
@Suite struct SimulatedHistoryTests {
    static let seeds: [UInt64] = [0, 1, 42, .max]
    static let symbols = ["700.HK", "939.HK", "AAPL.US", "BRK.B.US", "600519.SH", "D05.SG", "HSI.HK", ".DJI.US"]

    private func history(_ symbol: String, _ seed: UInt64) throws -> SimulatedHistory {
        SimulatedHistory(try #require(SimulatedSecurity.bySymbol[symbol]), seed: seed)
    }

    @Test(arguments: seeds, symbols)
    func daysChainOpenNearTheCloseBeforeAndKeepTheirEnds(seed: UInt64, symbol: String) throws {
        let history = try history(symbol, seed)
        let market = history.security.market
        var date = try #require(CivilDate(iso: "2026-11-20"))
        for _ in 0..<300 {
            let before = TradingCalendar.previous(market, before: date)
            let bar = history.day(date)
            let close = history.day(before).close
            #expect(abs(bar.open - close) * 200 <= close + 200 * 5000, "opens within half a percent and a step")
            #expect(bar.low <= min(bar.open, bar.close) && max(bar.open, bar.close) <= bar.high)
            #expect(bar.high - bar.low < bar.close / 5)
            for price in [bar.open, bar.high, bar.low, bar.close] {
                #expect(price > 0 && price % TickTable.step(history.security, at: price) == 0)
            }
            #expect(bar.volume % history.security.lotSize == 0)
            #expect(bar.turnover >= bar.volume * bar.low && bar.turnover <= bar.volume * bar.high)
            #expect(history.security.isIndex == (bar.volume == 0))
            date = before
        }
    }

    @Test(arguments: seeds, symbols)
    func minutesOfADayAddUpToIt(seed: UInt64, symbol: String) throws {
        let history = try history(symbol, seed)
        for day in ["2026-11-20", "2026-12-24", "2026-02-16", "2025-03-10"] {
            let date = try #require(CivilDate(iso: day))
            for session in TradingSession.allCases {
                guard let span = SessionTable.span(history.security.market, session, date) else { continue }
                let frame = history.frame(session, date)
                let minutes = history.minutes(span)
                #expect(minutes.map(\.start.seconds) == span.minutes)
                #expect(minutes.first?.open == frame.open && minutes.last?.close == frame.close)
                #expect(minutes.map(\.high).max() == frame.high && minutes.map(\.low).min() == frame.low)
                #expect(minutes.reduce(0) { $0 + $1.volume } == frame.volume)
                for bar in minutes {
                    #expect(bar.low <= min(bar.open, bar.close) && max(bar.open, bar.close) <= bar.high)
                    #expect(bar.session == session && bar.volume >= 0)
                }
                for (bar, next) in zip(minutes, minutes.dropFirst()) { #expect(bar.close == next.open) }
            }
        }
    }

    @Test func aDayIsTheSameWheneverItIsAskedForAndDiffersByTheSeed() throws {
        let date = try #require(CivilDate(iso: "2026-11-20"))
        let first = try history("700.HK", 7)
        _ = first.day(date.adding(days: -100))
        #expect(first.day(date) == (try history("700.HK", 7)).day(date))
        #expect(first.day(date) != (try history("700.HK", 8)).day(date))
        #expect(first.day(date).close != (try history("5.HK", 7)).day(date).close)
    }

    @Test(arguments: seeds) func pricesStayWithinAThirdOfWhereTheyBelong(seed: UInt64) throws {
        for security in SimulatedSecurity.all {
            let history = SimulatedHistory(security, seed: seed)
            for age in stride(from: 0, to: 8000, by: 97) {
                let close = history.close(CivilDate(daysSinceEpoch: 20_777 - age))
                #expect(close * 3 > security.price * 2 && close * 3 < security.price * 4)
            }
        }
    }
}
