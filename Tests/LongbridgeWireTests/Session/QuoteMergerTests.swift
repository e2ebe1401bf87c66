import Bytes
import Clocks
import LongbridgeWire
import Protobuf
import Testing

@Suite struct QuoteMergerTests {
    typealias Quote = Longbridge.Quote

    /// The record and the pushes as the vendor's client received them.
    private func captured(_ symbol: String) throws -> QuoteMerger {
        let answer = try Quote.SecurityQuoteResponse.decode(Captured.body("quote.response 11"))
        let record = try #require(answer.secuQuote.first { $0.symbol == symbol })
        return QuoteMerger(record, zone: symbol.hasSuffix("US") ? .newYork : .hongKong)
    }

    private func push(_ name: String) throws -> Quote.PushQuote {
        try Quote.PushQuote.decode(Captured.body(name))
    }

    @Test func capturedPartialPushesChangeOnlyWhatTheyName() throws {
        var merger = try captured("700.HK")
        #expect(merger.merge(try push("subscribe.push 101")) == .merged)
        #expect(merger.quote.lastDone == "441.000")
        #expect(merger.merge(try push("live_pushes.push 101")) == .merged)
        #expect(merger.quote.lastDone == "441.200")
        #expect(merger.quote.open == "437.600")
        #expect(merger.quote.high == "443.000")
        #expect(merger.quote.low == "436.800")
        #expect(merger.quote.prevClose == "428.200")
        #expect(merger.quote.volume == 85_800)
        #expect(merger.quote.turnover == "37762171.475")
        #expect(merger.merge(try push("gzip_push.push 101")) == .merged)
        #expect(merger.quote.volume == 85_800)
        #expect(merger.quote.timestamp == 1_795_140_901)
        #expect(merger.merge(try push("partial_quote_push.push 101")) == .merged)
        #expect(merger.quote.lastDone == "430.600")
        #expect(merger.quote.volume == 381_200)
        #expect(merger.quote.turnover == "37762171.475")
    }

    @Test func figuresRevisedAfterTheCloseAreNotMerged() throws {
        var merger = try captured("700.HK")
        let before = merger.quote
        #expect(merger.merge(try push("eod_quote_push.push 101")) == .ignored)
        #expect(merger.quote == before)
    }

    @Test func aRepeatedPushChangesNothing() throws {
        var merger = try captured("700.HK")
        #expect(merger.merge(try push("live_pushes.push 101")) == .merged)
        #expect(merger.merge(try push("live_pushes.push 101")) == .ignored)
        #expect(merger.merge(try push("subscribe.push 101")) == .ignored)
        #expect(merger.quote.lastDone == "441.200")
    }

    @Test func aPushOfAnExtendedSessionLeavesTheDayAlone() throws {
        var merger = try captured("AAPL.US")
        let day = merger.quote
        var push = try push("overnight_quote_push.push 101#2")
        push.sequence = 1
        _ = merger.merge(push)
        #expect(merger.session == .overnightTrade)
        #expect(merger.quote.overNightQuote?.lastDone == "226.500")
        #expect(merger.quote.overNightQuote?.high == day.overNightQuote?.high)
        #expect(merger.quote.lastDone == day.lastDone)
        #expect(merger.quote.timestamp == day.timestamp)
        #expect(merger.quote.preMarketQuote == day.preMarketQuote)
    }

    @Test func anExtendedSessionThatTheRecordLacksIsMade() {
        for session in [Quote.TradeSession.preTrade, .postTrade, .overnightTrade] {
            var merger = QuoteMerger(Quote.SecurityQuote(), zone: .newYork)
            var push = Quote.PushQuote()
            push.lastDone = "1.5"
            push.tradeSession = session
            _ = merger.merge(push)
            let parts = [merger.quote.preMarketQuote, merger.quote.postMarketQuote, merger.quote.overNightQuote]
            #expect(parts.compactMap { $0?.lastDone } == ["1.5"])
            #expect(merger.quote.lastDone == "")
        }
    }

    @Test func theFirstPushOfANewDayDropsThePreviousClose() throws {
        var merger = try captured("700.HK")
        var push = Quote.PushQuote()
        push.lastDone = "450"
        push.timestamp = merger.quote.timestamp + 86_400
        #expect(merger.merge(push) == .mergedOnNewDay)
        #expect(merger.quote.prevClose == "")
        var record = merger.quote
        record.prevClose = "441"
        merger.replace(record)
        push.timestamp += 1
        #expect(merger.merge(push) == .merged)
        #expect(merger.quote.prevClose == "441")
    }

    @Test func absurdTimesAreNoNewDay() throws {
        for time: Int64 in [.max, .min, 0, -1, 253_402_300_800] {
            var merger = try captured("700.HK")
            var push = Quote.PushQuote()
            push.timestamp = time
            #expect(merger.merge(push) == .merged)
        }
    }
}
