import BrokerModel
import Clocks
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

@Suite struct OpenDCalendarTests {
    init() { LoopRunner.start() }

    private static func day(_ text: String) throws -> CivilDate { try #require(CivilDate(iso: text)) }

    @LoopActor private func days(
        _ calls: AnsweredCalls, _ market: Market = .hongKong, from: String, through: String
    ) async throws -> TradingDays {
        try await OpenDCalendar(calls: calls).tradingDays(
            market, from: Self.day(from), through: Self.day(through), today: Self.day("2026-11-21"), wait: .seconds(1))
    }

    @LoopActor @Test func daysAreFullOrHalfAndWithinTheRange() async throws {
        let calls = AnsweredCalls()
        calls.answer(OpenD.QotRequestTradeDate.C2S.self) { _ in
            .success(
                (try? parsed(
                    OpenD.QotRequestTradeDate.S2C.self,
                    #"""
                    {"tradeDateList":[{"time":"2026-12-24","tradeDateType":1},{"time":"2026-12-23","tradeDateType":0},
                     {"time":"2026-12-22"},{"time":"2026-12-28","tradeDateType":2},{"time":"2026-12-29"},{"time":""}]}
                    """#)) ?? .init())
        }
        let days = try await days(calls, from: "2026-12-22", through: "2026-12-28")
        #expect(days.full.map(\.iso) == ["2026-12-22", "2026-12-23"])
        #expect(days.half.map(\.iso) == ["2026-12-24", "2026-12-28"])
        let request = try #require(calls.requests(OpenD.QotRequestTradeDate.C2S.self).first)
        #expect(request.market == 1 && request.beginTime == "2026-12-22" && request.endTime == "2026-12-28")
    }

    @LoopActor @Test(arguments: [(Market.unitedStates, Int32(2)), (.shanghai, 3), (.shenzhen, 3), (.singapore, 8)])
    func eachMarketHasANumberForItsDays(market: Market, number: Int32) async throws {
        let calls = AnsweredCalls()
        calls.answer(OpenD.QotRequestTradeDate.C2S.self) { _ in .success(.init()) }
        _ = try await days(calls, market, from: "2026-11-20", through: "2026-11-23")
        #expect(calls.requests(OpenD.QotRequestTradeDate.C2S.self).map(\.market) == [number])
    }

    @LoopActor @Test func nothingIsAskedForBehindTheYear() async throws {
        let calls = AnsweredCalls()
        calls.answer(OpenD.QotRequestTradeDate.C2S.self) { _ in .success(.init()) }
        _ = try await days(calls, from: "2026-12-30", through: "2027-01-15")
        #expect(calls.requests(OpenD.QotRequestTradeDate.C2S.self).map(\.endTime) == ["2026-12-31"])
        await #expect { _ = try await self.days(calls, from: "2027-01-01", through: "2027-01-15") } throws: {
            ($0 as? BrokerFailure)?.kind == .noData
        }
        #expect(calls.requests.count == 1)
    }
}

@Suite struct ExchangeHoursTests {
    @Test func everyMarketHasHoursThatDoNotOverlap() {
        #expect(Set(BrokerModel.MarketHours.exchanges.map(\.market)) == Set(Market.allCases))
        for hours in BrokerModel.MarketHours.exchanges {
            let stretches = hours.sessions.sorted { $0.begin < $1.begin }
            #expect(stretches.allSatisfy { $0.begin < $0.end && $0.end <= 1440 })
            #expect(zip(stretches, stretches.dropFirst()).allSatisfy { $0.end <= $1.begin }, "\(hours.market)")
        }
    }

    @Test func theStateFollowsFromThem() throws {
        let hongKong = try #require(BrokerModel.MarketHours.exchanges.first { $0.market == .hongKong })
        let days = TradingDays(full: [try #require(CivilDate(iso: "2026-03-03"))])
        func state(_ text: String) throws -> MarketState {
            MarketState(hongKong, days, at: try #require(ExchangeTime.read(text, zone: .hongKong)))
        }
        #expect(try state("2026-03-03 09:29:59") == .closed)
        #expect(try state("2026-03-03 09:30:00") == .regular)
        #expect(try state("2026-03-03 12:30:00") == .lunchBreak)
        #expect(try state("2026-03-03 16:00:00") == .closed)
        #expect(try state("2026-03-04 10:00:00") == .closed)
    }
}
