import BrokerModel
import Bytes
import Clocks
import EventLoops
import Storage
import TestSupport
import Testing

@testable import Bridge

@Suite struct CandleStoreTests {
    init() { LoopRunner.start() }

    private static let day: Int64 = 86_400_000

    private func wanted(_ span: CandleHistoryRequest.Span, limit: Int = 10) throws -> CandleHistoryRequest {
        CandleHistoryRequest(
            symbol: try #require(Symbol("700.HK")), interval: .oneDay, span: span, limit: limit)
    }

    private func time(_ text: String) throws -> WallTime { try #require(WallTime(rfc3339: text)) }

    /// A candle for each of so many days from one on.
    private func history(from first: WallTime, _ count: Int, hasMore: Bool = false) -> CandleHistory {
        let candles = (0..<count).map {
            Candle(start: WallTime(milliseconds: first.milliseconds + Int64($0) * Self.day), isFinal: true)
        }
        return CandleHistory(candles: candles, hasMore: hasMore, quota: nil, usedQuota: false)
    }

    @Test func anAnswerSaysWhichStretchIsWhole() throws {
        let zone = Market.hongKong.timeZone
        let today = try time("2026-03-10T16:00:00Z").milliseconds
        let first = try time("2026-03-01T16:00:00Z")
        func known(_ span: CandleHistoryRequest.Span, hasMore: Bool = false) -> Range<Int64>? {
            CandleStore.Stretch(span, zone).known(history(from: first, 5, hasMore: hasMore), today: today)
        }
        let days = CandleHistoryRequest.Span.days(
            from: CivilDate(iso: "2026-02-20"), through: CivilDate(iso: "2026-03-08"))
        let end = try time("2026-03-08T16:00:00Z").milliseconds
        #expect(known(days) == (try time("2026-02-19T16:00:00Z").milliseconds)..<end)
        // Older ones were left out.
        #expect(known(days, hasMore: true) == first.milliseconds..<end)
        // Of what may still come, only up to the last candle.
        let last = first.milliseconds + 4 * Self.day
        #expect(known(.before(WallTime(milliseconds: today + Self.day))) == 0..<(last + 1))
        #expect(known(.after(WallTime(milliseconds: 5))) == 6..<(last + 1))
        // The running day is not known.
        let running = CandleStore.Stretch(.after(WallTime(milliseconds: 5)), zone)
        #expect(running.known(history(from: WallTime(milliseconds: today), 1), today: today) == nil)
    }

    @LoopActor @Test func whatIsKeptIsReadAndTheOldestUseGoesFirst() async throws {
        let folder = TemporaryDirectory()
        let database = try Database.open(path: folder.file("db"))
        defer { database.close() }
        let first = try time("2026-03-01T16:00:00Z")
        let now = try time("2026-04-01T16:00:00Z")
        let span = CandleHistoryRequest.Span.days(
            from: CivilDate(iso: "2026-03-02"), through: CivilDate(iso: "2026-03-20"))
        let (question, answer) = (try wanted(span), history(from: first, 5))
        let other = try wanted(.days(from: CivilDate(iso: "2026-03-02"), through: CivilDate(iso: "2026-03-21")))
        let (kept, beyond, elsewhere) = try await database.write { connection throws(StorageError) in
            try CandleStore.keep(answer, "main", question, now: now, on: connection)
            return (
                try CandleStore.read("main", question, on: connection),
                try CandleStore.read("main", other, on: connection),
                try CandleStore.read("second", question, on: connection)
            )
        }
        #expect(kept == answer)
        #expect(beyond == nil && elsewhere == nil)
        let (left, gone) = try await database.write { connection throws(StorageError) in
            let later = WallTime(milliseconds: now.milliseconds + 1)
            try CandleStore.keep(answer, "second", question, now: later, on: connection)
            try CandleStore.trim(to: 5, on: connection)
            return (
                try CandleStore.read("second", question, on: connection),
                try CandleStore.read("main", question, on: connection)
            )
        }
        #expect(left == answer && gone == nil)
    }
}
