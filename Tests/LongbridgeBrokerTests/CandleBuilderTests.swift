import BrokerModel
import Bytes
import Clocks
import Testing

@testable import LongbridgeBroker

@Suite struct CandleBuilderTests {
    private func trade(
        _ time: String, _ price: String, _ quantity: Int64 = 100, type: String? = nil,
        session: BrokerModel.TradingSession = .regular
    ) throws -> BrokerModel.Trade {
        var trade = BrokerModel.Trade(time: try #require(WallTime(rfc3339: time)))
        trade.price = DecimalText(price)
        trade.quantity = DecimalText(quantity)
        trade.type = type
        trade.session = session
        return trade
    }

    private func builder(
        _ topic: String, board: String? = nil, halfDays: [CivilDate] = [], seed: [Candle] = []
    ) throws -> CandleBuilder {
        let topic = try #require(CandleTopic(topic))
        return CandleBuilder(
            topic, clock: SessionClock(topic.symbol.market, board: board, told: nil, halfDays: halfDays), board: board,
            seed: seed)
    }

    @Test func tradesOfAMinuteMakeOneCandleAndTheNextMinuteEndsIt() throws {
        var builder = try builder("700.HK@1m")
        let first = builder.take([
            try trade("2026-11-20T01:30:01Z", "400"), try trade("2026-11-20T01:30:30Z", "402.2", 200),
            try trade("2026-11-20T01:30:59Z", "399.8"),
        ])
        #expect(first.count == 1)
        let candle = try #require(first.first)
        #expect(candle.start == WallTime(rfc3339: "2026-11-20T01:30:00Z"))
        #expect(
            [candle.open, candle.high, candle.low, candle.close].map { $0?.text } == ["400", "402.2", "399.8", "399.8"])
        #expect(candle.volume?.text == "400")
        #expect(candle.turnover == DecimalText("160420"))
        #expect(!candle.isFinal)
        let next = builder.take([try trade("2026-11-20T01:31:00Z", "401")])
        #expect(next.map(\.isFinal) == [true, false])
        #expect(next.first?.close?.text == "399.8")
        #expect(next.last?.open?.text == "401")
    }

    @Test(arguments: [
        ("700.HK@1h", "2026-11-20T03:59:00Z", "2026-11-20T03:30:00Z"),  // 11:59 is in 11:30 to 12:00
        ("700.HK@1h", "2026-11-20T05:00:00Z", "2026-11-20T05:00:00Z"),  // 13:00 begins anew
        ("700.HK@1m", "2026-11-20T08:08:00Z", "2026-11-20T08:00:00Z"),  // closing auction at 16:08
        ("700.HK@45m", "2026-11-20T02:20:00Z", "2026-11-20T02:15:00Z"),
        ("AAPL.US@1h", "2026-11-20T20:45:00Z", "2026-11-20T20:30:00Z"),
        ("700.HK@1w", "2026-11-20T02:20:00Z", "2026-11-15T16:00:00Z"),
        ("700.HK@1mo", "2026-11-20T02:20:00Z", "2026-10-31T16:00:00Z"),
        ("600519.SH@1m", "2026-11-20T07:05:00Z", "2026-11-20T07:00:00Z"),
    ])
    func candlesAreCutFromTheStartOfEachPartOfTheSession(_ topic: String, _ time: String, _ start: String) throws {
        var builder = try builder(topic)
        #expect(builder.take([try trade(time, "10")]).first?.start == WallTime(rfc3339: start))
    }

    @Test(arguments: [
        ("700.HK@1m", "2026-11-20T04:10:00Z", BrokerModel.TradingSession.regular),  // 12:10
        ("700.HK@1m", "2026-11-20T08:10:00Z", .regular),  // 16:10
        ("AAPL.US@1m", "2026-11-21T01:01:00Z", .regular),  // 20:01 in New York
        ("AAPL.US@1m", "2026-11-20T17:00:00Z", .preMarket),  // noon
        ("AAPL.US@1d", "2026-11-20T15:00:00Z", .regular),  // days are made of quotes
        ("AAPL.US@1w", "2026-11-20T12:00:00Z", .preMarket),
    ])
    func tradesOutsideTheirSessionMakeNone(
        _ topic: String, _ time: String, _ session: BrokerModel.TradingSession
    ) throws {
        var builder = try builder(topic)
        #expect(builder.take([try trade(time, "10", session: session)]).isEmpty)
    }

    @Test func aHalfDayEndsAtNoon() throws {
        let half = try #require(CivilDate(compact: "20261224"))
        var builder = try builder("700.HK@1m", halfDays: [half])
        #expect(builder.take([try trade("2026-12-24T06:00:00Z", "10")]).isEmpty)
        #expect(
            builder.take([try trade("2026-12-24T04:05:00Z", "10")]).first?.start
                == WallTime(rfc3339: "2026-12-24T04:00:00Z"))
    }

    @Test func someTradesChangeTheVolumeOnly() throws {
        var builder = try builder("700.HK@1m")
        #expect(builder.take([try trade("2026-11-20T01:30:00Z", "400", type: "D")]).isEmpty)
        _ = builder.take([try trade("2026-11-20T01:30:01Z", "400")])
        let second = builder.take([
            try trade("2026-11-20T01:30:02Z", "300", type: "P"), try trade("2026-11-20T01:30:03Z", "1", type: "*"),
        ])
        #expect(second.last?.low?.text == "400")
        #expect(second.last?.volume?.text == "200")
        // A candle that such a trade begins takes the old close until a price is made.
        let next = builder.take([try trade("2026-11-20T01:31:00Z", "300", type: "D")])
        #expect(next.last?.open?.text == "400")
        let priced = builder.take([try trade("2026-11-20T01:31:01Z", "399")])
        #expect(priced.last?.open?.text == "399")
        #expect(priced.last?.high?.text == "400")
        #expect(priced.last?.low?.text == "399")
    }

    @Test func oddLotsOfTheUnitedStatesSetPricesOutsideTheRegularSession() throws {
        var builder = try builder("AAPL.US@1m:all")
        #expect(builder.take([try trade("2026-11-20T15:00:00Z", "10", type: "I")]).isEmpty)
        #expect(builder.take([try trade("2026-11-20T13:00:00Z", "10", type: "I", session: .preMarket)]).count == 1)
    }

    @Test func eachSessionRunsByItselfAndOnlyThoseWantedAreTold() throws {
        var all = try builder("AAPL.US@1m:all")
        var regular = try builder("AAPL.US@1m")
        let before = try trade("2026-11-20T14:29:00Z", "10", session: .preMarket)
        #expect(all.take([before]).count == 1)
        #expect(regular.take([before]).isEmpty)
        let opening = try trade("2026-11-20T14:30:00Z", "11")
        #expect(all.take([opening]).map(\.session) == [.regular])
        #expect(regular.latest == nil)
        #expect(regular.take([opening]).count == 1)
    }

    @Test func latePushesOfAnEndedCandleAreIgnored() throws {
        var builder = try builder("700.HK@1m")
        _ = builder.take([try trade("2026-11-20T01:31:00Z", "400")])
        #expect(builder.take([try trade("2026-11-20T01:30:59Z", "500")]).isEmpty)
        #expect(builder.latest?.high?.text == "400")
    }

    @Test func aCandleEndsWithItsTimeWhereNothingTrades() throws {
        var builder = try builder("700.HK@1m")
        _ = builder.take([try trade("2026-11-20T01:30:01Z", "400")])
        let end = try #require(WallTime(rfc3339: "2026-11-20T01:31:00Z"))
        let early = builder.finish(at: end)
        #expect(early.isEmpty)
        let ended = builder.finish(at: end + CandleBuilder.grace)
        #expect(ended.map(\.isFinal) == [true])
        let again = builder.finish(at: end + .seconds(3600))
        #expect(again.isEmpty)
        let late = builder.take([try trade("2026-11-20T01:30:59Z", "402")])
        #expect(late.map(\.isFinal) == [true])
        #expect(late.first?.close?.text == "402")
        // It was told as final before, and is not told again when the next begins.
        let next = builder.take([try trade("2026-11-20T01:40:00Z", "401")])
        #expect(next.map(\.isFinal) == [false])
    }

    @Test func mainlandTurnoverIsOfLots() throws {
        var builder = try builder("600519.SH@1m")
        #expect(builder.take([try trade("2026-11-20T02:00:00Z", "1500", 2)]).first?.turnover == DecimalText("300000"))
    }

    @Test func aDayIsTheQuotesOwnFigures() throws {
        var builder = try builder("700.HK@1d")
        var quote = Quote(symbol: try symbol("700.HK"))
        quote.timestamp = WallTime(rfc3339: "2026-11-20T02:00:00Z")
        (quote.open, quote.high, quote.low, quote.last) = (
            DecimalText("1"), DecimalText("4"), DecimalText("0.5"), DecimalText("3")
        )
        quote.volume = DecimalText("700")
        let first = builder.take(quote, volume: .zero, turnover: .zero)
        #expect(first.first?.start == WallTime(rfc3339: "2026-11-19T16:00:00Z"))
        #expect(first.first?.close?.text == "3")
        quote.timestamp = WallTime(rfc3339: "2026-11-23T02:00:00Z")
        #expect(builder.take(quote, volume: .zero, turnover: .zero).map(\.isFinal) == [true, false])
    }

    @Test func anIndexIsMadeOfQuotes() throws {
        var builder = try builder("HSI.HK@1m", board: "HKHS")
        var quote = Quote(symbol: try symbol("HSI.HK"))
        quote.timestamp = WallTime(rfc3339: "2026-11-20T02:00:10Z")
        quote.last = DecimalText("19000")
        #expect(builder.take([try trade("2026-11-20T02:00:00Z", "1")]).isEmpty)
        let candle = builder.take(quote, volume: DecimalText(5), turnover: DecimalText(95_000)).first
        #expect(candle?.volume?.text == "5")
        #expect(candle?.start == WallTime(rfc3339: "2026-11-20T02:00:00Z"))
    }

    @Test(arguments: ["700.HK@1m", "AAPL.US@4h:all", "AAPL261218C00230000.US@1d"])
    func topicsAreWrittenAsTheyAreRead(_ text: String) {
        #expect(CandleTopic(text)?.text == text)
    }

    @Test(arguments: ["700.HK", "700.HK@", "700.HK@7m", "700.HK@1m:", "700.HK@1m:some", "@1m", "700.HK@1m:all:all"])
    func otherTextsAreNoTopics(_ text: String) {
        #expect(CandleTopic(text) == nil)
    }
}
