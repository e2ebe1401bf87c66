import BrokerModel
import Bytes
import Clocks
import OpenDWire
import Testing

@testable import OpenDBroker

@Suite struct MarketMappingTests {
    private func bar(_ time: String, blank: Bool = false) -> OpenD.QotCommon.KLine {
        var bar = OpenD.QotCommon.KLine()
        bar.time = time
        bar.isBlank = blank
        bar.openPrice = 0.1 + 0.2
        bar.closePrice = 605.5
        bar.volume = 100
        bar.turnover = 60_550
        return bar
    }

    private func reader(
        _ interval: CandleInterval, _ market: Market = .hongKong, sessions: SessionFilter = .regular
    ) -> CandleReader {
        CandleReader(interval: interval, sessions: sessions, market: market, now: WallTime(seconds: 1_900_000_000))
    }

    @Test func aMinuteBarIsDatedAtItsEndAndBecomesACandleAtItsStart() throws {
        let candles = reader(.oneMinute).candles([bar("2026-03-02 09:31:00"), bar("2026-03-02 09:32:00")])
        #expect(candles.map(\.start.rfc3339) == ["2026-03-02T01:30:00Z", "2026-03-02T01:31:00Z"])
        #expect(candles.first?.open?.text == "0.3")
        #expect(candles.first?.close?.text == "605.5")
        #expect(candles.first?.isFinal == true)
    }

    @Test func theShortBarBeforeABreakBeginsWhereTheOneBeforeItEnds() {
        let candles = reader(.oneHour).candles([bar("2026-03-02 11:30:00"), bar("2026-03-02 12:00:00")])
        #expect(candles.map(\.start.rfc3339) == ["2026-03-02T02:30:00Z", "2026-03-02T03:30:00Z"])
    }

    @Test func daysWeeksAndMonthsBeginAtTheirFirstMidnight() {
        #expect(
            reader(.oneDay, .unitedStates).candles([bar("2026-03-09 00:00:00")]).first?.start.rfc3339
                == "2026-03-09T04:00:00Z")
        #expect(
            reader(.oneWeek).candles([bar("2026-03-06 00:00:00")]).first?.start.rfc3339 == "2026-03-01T16:00:00Z")
        #expect(
            reader(.oneMonth).candles([bar("2026-03-31")]).first?.start.rfc3339 == "2026-02-28T16:00:00Z")
    }

    @Test func extendedHoursAndBlankBarsAreLeftOutUnlessTheyAreWanted() {
        let bars = [bar("2026-03-09 09:30:00"), bar("2026-03-09 09:31:00"), bar("2026-03-09 09:32:00", blank: true)]
        #expect(reader(.oneMinute, .unitedStates).candles(bars).count == 1)
        let all = reader(.oneMinute, .unitedStates, sessions: .all).candles(bars)
        #expect(all.map(\.session) == [.preMarket, .regular])
    }

    @Test func aBarThatIsNoneIsLeftOut() {
        #expect(reader(.oneMinute).candles([bar("yesterday"), bar("")]).isEmpty)
    }

    @Test func aSnapshotBecomesAQuoteWithoutBinaryNoise() throws {
        let symbol = try #require(Symbol("AAPL.US"))
        var basic = OpenD.QotGetSecuritySnapshot.SnapshotBasicData()
        basic.curPrice = 0.1 + 0.2
        basic.lastClosePrice = 0.29
        basic.openPrice = 0
        basic.updateTime = "2026-11-20 15:59:59.123"
        basic.bidPrice = 0.29
        basic.volume = 0
        var after = OpenD.QotCommon.PreAfterMarketData()
        after.price = 0.31
        after.changeVal = 0.01
        basic.afterMarket = after
        let quote = Quote(basic, symbol: symbol)
        #expect(quote.last?.text == "0.3")
        #expect(quote.open == nil)
        #expect(quote.volume?.text == "0")
        #expect(quote.change?.text == "0.01")
        #expect(quote.timestamp?.rfc3339 == "2026-11-20T20:59:59.123Z")
        #expect(quote.postMarket?.previousClose?.normalized.text == "0.3")
        #expect(quote.preMarket == nil)
        #expect(quote.bid?.text == "0.29")
    }

    @Test func numbersThatAreNoneAreUnknown() throws {
        let symbol = try #require(Symbol("700.HK"))
        var quote = OpenD.QotCommon.BasicQot()
        quote.curPrice = .nan
        quote.highPrice = .infinity
        quote.turnover = 1e300
        quote.secStatus = 77
        let read = Quote(quote, symbol: symbol)
        #expect(read.last == nil)
        #expect(read.high == nil)
        #expect(read.turnover == nil)
        #expect(read.tradeStatus == nil)
        #expect(read.timestamp == nil)
    }

    @Test func tradesHaveTheirSequenceSideAndWord() throws {
        var ticker = OpenD.QotCommon.Ticker()
        ticker.time = "2026-03-09 09:30:01.250"
        ticker.sequence = 6_825_674_961_091_539_442
        ticker.dir = 2
        ticker.price = 230.12
        ticker.volume = 3
        ticker.type = 6
        let trade = try #require(Trade(ticker, market: .unitedStates))
        #expect(trade.time.rfc3339 == "2026-03-09T13:30:01.250Z")
        #expect(trade.sequence == 6_825_674_961_091_539_442)
        #expect(trade.direction == .down)
        #expect(trade.type == "OddLot")
        #expect(trade.session == .regular)
        ticker.type = 1
        #expect(Trade(ticker, market: .unitedStates)?.type == nil)
    }

    @Test func brokersOfOneRowStandTogether() throws {
        func broker(_ id: Int64, _ position: Int32) -> OpenD.QotCommon.Broker {
            var broker = OpenD.QotCommon.Broker()
            broker.id = id
            broker.pos = position
            return broker
        }
        let symbol = try #require(Symbol("700.HK"))
        let queue = BrokerQueue(symbol: symbol, bids: [broker(1, 1), broker(2, 1), broker(3, 2)], asks: [])
        #expect(queue.bids.map(\.position) == [1, 2])
        #expect(queue.bids.first?.brokers.map(\.id) == [1, 2])
    }

    @Test func historyIsAskedForAStretchThatHoldsWhatIsWanted() throws {
        let symbol = try #require(Symbol("700.HK"))
        let now = try #require(WallTime(rfc3339: "2026-11-20T08:00:00Z"))
        let time = try #require(WallTime(rfc3339: "2026-11-20T02:00:00Z"))
        func request(_ span: CandleHistoryRequest.Span, _ interval: CandleInterval = .oneMinute) -> CandleHistoryRequest
        {
            CandleHistoryRequest(symbol: symbol, interval: interval, span: span, limit: 100)
        }
        let before = HistoryRange(request(.before(time)), now: now)
        #expect(before.end == time + .seconds(60))
        #expect(!before.isForward)
        let after = HistoryRange(request(.after(time), .oneDay), now: now)
        #expect(after.begin == time)
        #expect(after.isForward)
        let candles = (0..<5).map { Candle(start: time + .seconds(60 * $0), isFinal: true) }
        let page = before.page(
            candles, request(.before(time + .seconds(180))), isComplete: true, quota: nil, usedQuota: false)
        #expect(page.candles.map(\.start) == candles[0..<3].map(\.start))
        #expect(!page.hasMore)
    }

    @Test func wordsOfRefusalsAreToldApart() {
        func sense(_ text: String) -> OpenDRefusal.Sense { OpenDRefusal(result: -1, message: text).sense }
        #expect(sense("请求频率太高") == .frequency)
        #expect(sense("Frequency limit: 60 in 30s") == .frequency)
        #expect(sense("订阅额度不足") == .quota)
        #expect(sense("未知股票 HK.99999") == .unknownSecurity)
        #expect(sense("no quote right") == .permission)
        #expect(sense("whatever") == .other)
        #expect(BrokerFailure(OpenDRefusal(result: -100)).kind == .timedOut)
        #expect(BrokerFailure(OpenDRefusal(result: -1, message: "x")).upstream?.broker == "futu")
    }
}
