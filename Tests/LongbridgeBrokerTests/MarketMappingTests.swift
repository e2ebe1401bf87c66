import BrokerModel
import Bytes
import Clocks
import LongbridgeWire
import Protobuf
import Testing

@testable import LongbridgeBroker

@Suite struct MarketMappingTests {
    typealias Wire = Longbridge.Quote

    private let tencent: Symbol
    private let apple: Symbol

    init() throws {
        tencent = try #require(Symbol("700.HK"))
        apple = try #require(Symbol("AAPL.US"))
    }

    @Test func capturedQuotesKeepEveryDigit() throws {
        let answer = try Wire.SecurityQuoteResponse.decode(CapturedFrames.body("quote.response 11"))
        let quote = Quote(try #require(answer.secuQuote.first), symbol: tencent, session: nil)
        #expect(quote.last?.text == "441.000")
        #expect(quote.previousClose?.text == "428.200")
        #expect(quote.open?.text == "437.600")
        #expect(quote.high?.text == "443.000")
        #expect(quote.low?.text == "436.800")
        #expect(quote.volume?.text == "85500")
        #expect(quote.turnover?.text == "37629811.475")
        #expect(quote.timestamp == WallTime(seconds: 1_795_140_900))
        #expect(quote.tradeStatus == .normal)
        #expect(quote.change?.text == "12.800")
        #expect(quote.changePercent?.text == "2.99")
        #expect(quote.preMarket == nil)
        let american = Quote(try #require(answer.secuQuote.last), symbol: apple, session: nil)
        #expect(american.preMarket?.last?.text == "230.530")
        #expect(american.postMarket?.high?.text == "234.950")
        #expect(american.overnight?.previousClose?.text == "229.940")
    }

    @Test func capturedStaticInformationBecomesAnInstrument() throws {
        let answer = try Wire.SecurityStaticInfoResponse.decode(CapturedFrames.body("static_info.response 10"))
        let instrument = Instrument(try #require(answer.secuStaticInfo.first), symbol: tencent)
        #expect(instrument.nameEnglish == "TENCENT")
        #expect(instrument.nameSimplifiedChinese == "腾讯控股")
        #expect(instrument.nameTraditionalChinese == "騰訊控股")
        #expect(instrument.exchange == "SEHK")
        #expect(instrument.currency == "HKD")
        #expect(instrument.lotSize == 100)
        #expect(instrument.totalShares?.text == "9612464038")
        #expect(instrument.earningsPerShare?.text == "28.4394")
        #expect(instrument.derivatives == ["warrant"])
        #expect(instrument.board == "HKEquity")
        let american = Instrument(try #require(answer.secuStaticInfo.last), symbol: apple)
        #expect(american.hongKongShares == nil)
        #expect(american.derivatives == ["option"])
    }

    @Test func capturedDepthKeepsItsRowsInOrder() throws {
        let answer = try Wire.SecurityDepthResponse.decode(CapturedFrames.body("depth.response 14"))
        var merger = DepthMerger()
        merger.replace(bids: answer.bid, asks: answer.ask)
        let book = OrderBook(merger, symbol: tencent)
        #expect(book.bids.map(\.position) == Array(1...answer.bid.count))
        #expect(book.asks.map(\.price?.text) == answer.ask.map { $0.price })
        #expect(book.asks.first?.orders == answer.ask.first?.orderNum)
        #expect(book.sequence == nil)
        var row = Wire.Depth()
        row.position = 1
        row.price = "1.5"
        #expect(BookLevel(row, market: .unitedStates).orders == nil)
        #expect(BookLevel(row, market: .hongKong).orders == 0)
    }

    @Test func capturedTradesHaveDirectionAndType() throws {
        let answer = try Wire.SecurityTradeResponse.decode(CapturedFrames.body("trades.response 17"))
        let trades = answer.trades.compactMap { BrokerModel.Trade($0) }
        #expect(trades.map(\.direction) == [.down, .up, .up])
        #expect(trades.map(\.type) == ["U", nil, "D"])
        #expect(trades.map(\.quantity?.text) == ["1500", "1900", "1600"])
        #expect(trades.map(\.price?.text) == ["441.000", "441.000", "441.000"])
        #expect(trades.first?.time == WallTime(seconds: 1_795_140_894))
        #expect(trades.first?.session == .regular)
    }

    @Test(arguments: ["candlesticks.response 19", "history_by_offset.response 27", "gzip_response.response 19"])
    func capturedBarsAreNotMixedUp(_ name: String) throws {
        let answer = try Wire.SecurityCandlestickResponse.decode(CapturedFrames.body(name))
        for bar in answer.candlesticks {
            let candle = try #require(Candle(bar, isFinal: true))
            #expect(candle.open?.text == bar.open)
            #expect(candle.high?.text == bar.high)
            #expect(candle.low?.text == bar.low)
            #expect(candle.close?.text == bar.close)
            #expect(candle.start == WallTime(seconds: bar.timestamp))
            let high = try #require(candle.high)
            let low = try #require(candle.low)
            #expect(low <= high)
        }
    }

    @Test func capturedMinutesBecomePoints() throws {
        let answer = try Wire.SecurityIntradayResponse.decode(CapturedFrames.body("intraday.response 18"))
        let line = try #require(answer.lines.first)
        let point = try #require(IntradayPoint(line))
        #expect(point.time == WallTime(seconds: 1_795_138_200))
        #expect(point.price?.text == "437.000")
        #expect(point.averagePrice?.text == "437.230769")
        #expect(point.volume?.text == "1900")
        #expect(point.turnover?.text == "830738.462")
    }

    @Test func everyIntervalHasTheVendorsNumber() {
        let numbers = CandleInterval.allCases.map { Wire.Period($0).rawValue }
        #expect(numbers == [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 120, 180, 240, 1000, 2000, 3000, 3500, 4000])
    }

    @Test func whatCannotBeReadIsUnknownAndNeverZero() {
        var record = Wire.SecurityQuote()
        record.lastDone = "NaN"
        record.open = "1e308"
        record.high = String(repeating: "9", count: 400)
        record.low = "１２"
        record.timestamp = .max
        record.volume = .min
        record.tradeStatus = Wire.TradeStatus(rawValue: 99)
        let quote = Quote(record, symbol: apple, session: Wire.TradeSession(rawValue: -7))
        #expect(quote.last == nil)
        #expect(quote.open == nil)
        #expect(quote.high == nil)
        #expect(quote.low == nil)
        #expect(quote.previousClose == nil)
        #expect(quote.tradeStatus == nil)
        #expect(quote.session == nil)
        #expect(quote.change == nil)
        #expect(quote.timestamp == nil)
        var bar = Wire.Candlestick()
        bar.timestamp = 1
        bar.tradeSession = Wire.TradeSession(rawValue: 42)
        #expect(Candle(bar, isFinal: false)?.start == WallTime(seconds: 1))
        #expect(Candle(bar, isFinal: false)?.session == nil)
    }

    @Test(arguments: [Int64.min, -1, 0, 253_402_300_800, .max])
    func aRowWithoutAPossibleTimeIsLeftOut(_ seconds: Int64) {
        var bar = Wire.Candlestick()
        bar.timestamp = seconds
        #expect(Candle(bar, isFinal: false) == nil)
        var trade = Wire.Trade()
        trade.timestamp = seconds
        #expect(BrokerModel.Trade(trade) == nil)
        var line = Wire.Line()
        line.timestamp = seconds
        #expect(IntradayPoint(line) == nil)
    }

    @Test func everyStatusOfTheTableIsKnown() {
        let known = (0...10).compactMap { TradeStatus(Wire.TradeStatus(rawValue: $0)) }
        #expect(Set(known).count == TradeStatus.allCases.count)
        #expect((0...3).compactMap { TradingSession(Wire.TradeSession(rawValue: $0)) } == TradingSession.allCases)
    }

    @Test func everyKindOfTopicHasANumberAndBack() {
        for kind in MarketTopicKind.allCases {
            #expect(MarketTopicKind(subscriptionType: kind.subscriptionType) == kind)
        }
        #expect(MarketTopicKind(subscriptionType: 9) == nil)
        #expect(MarketTopic(SubscriptionPlan.Item("nonsense", 1)) == nil)
    }
}
