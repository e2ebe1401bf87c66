import Clocks
import OpenDWire
import Testing

@testable import Sandbox

@Suite struct GatewayCandlesTests {
    private func lines(
        _ period: Int32, _ adjustment: Int32 = 0, isDatedAtStart: Bool = false, code: String = "00700",
        range: CandleRange = CandleRange(count: 50)
    ) throws -> [OpenD.QotCommon.KLine] {
        let now = try #require(WallTime(rfc3339: "2026-11-20T06:10:30Z"))
        let instrument = try #require(GatewayInstrument(GatewayCode(GatewayCode.hongKong, code), at: now))
        let listing = SimulatedListing(instrument.source, seed: 11, hours: .exchangeHours, now: now)
        return GatewayCandles(
            view: GatewayView(instrument, listing, at: now), period: try #require(GatewayPeriod.period(period)),
            adjustment: adjustment, includesExtended: false, isDatedAtStart: isDatedAtStart, now: now
        ).lines(range)
    }

    @Test func minutesAreDatedAtTheirEndOrTheirStart() throws {
        let ends = try lines(1).compactMap(\.timestamp)
        let starts = try lines(1, isDatedAtStart: true).compactMap(\.timestamp)
        #expect(ends.count == 50 && zip(ends, starts).allSatisfy { $0 - $1 == 60 })
        #expect(try lines(1).last?.time.hasPrefix("2026-11-20 14:1") == true)
    }

    @Test(arguments: [1, 2, 3, 4, 6, 9, 11] as [Int32])
    func eachKnowsTheCloseBeforeIt(period: Int32) throws {
        let lines = try lines(period)
        #expect(lines.count == 50)
        for (before, line) in zip(lines, lines.dropFirst()) { #expect(line.lastClosePrice == before.closePrice) }
        #expect((lines.first?.lastClosePrice ?? 0) > 0)
    }

    @Test func aPageBeginsWhereTheOneBeforeEnded() throws {
        let whole = try lines(2)
        let from = try #require(whole[20].timestamp)
        let page = try lines(2, range: CandleRange(from: WallTime(seconds: Int64(from)), count: 10, isForward: true))
        #expect(page == Array(whole[20..<30]))
    }

    @Test func adjustedForwardsTheNewestAreAsTheyWere() throws {
        let plain = try lines(2, 0, range: CandleRange(count: 600))
        let forward = try lines(2, 1, range: CandleRange(count: 600))
        let backward = try lines(2, 2, range: CandleRange(count: 600))
        #expect(plain.last == forward.last)
        let oldest = try #require(plain.first?.closePrice)
        #expect(try #require(forward.first?.closePrice) < oldest)
        #expect(try #require(backward.first?.closePrice) >= oldest)
    }
}
