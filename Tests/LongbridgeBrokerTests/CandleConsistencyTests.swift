import BrokerModel
import Bytes
import Clocks
import LongbridgeWire
import Protobuf
import Testing

@testable import LongbridgeBroker
@testable import Sandbox

/// Candles built of the simulated broker's pushes are those it gives when it is asked.
@Suite struct CandleConsistencyTests {
    typealias Wire = Longbridge.Quote

    private func pulled(
        _ answers: inout QuoteAnswers, _ topic: CandleTopic, _ count: Int32, _ now: WallTime
    ) throws -> [Candle] {
        var request = Wire.SecurityCandlestickRequest()
        request.symbol = topic.symbol.wire
        request.period = Wire.Period(topic.interval)
        request.count = count
        request.tradeSession = topic.sessions.wire
        return try answers.candlesticks(request, now).candlesticks.compactMap { Candle($0, isFinal: false) }
    }

    private func same(_ left: Candle, _ right: Candle) -> Bool {
        left.start == right.start && left.open == right.open && left.high == right.high && left.low == right.low
            && left.close == right.close && left.volume == right.volume && left.turnover == right.turnover
            && left.session == right.session
    }

    @Test(arguments: [
        ("700.HK@1m", "2026-11-20T03:50:00Z", 130, Sandbox.MarketHours.exchangeHours),
        ("700.HK@5m", "2026-11-20T01:20:00Z", 90, .exchangeHours),
        ("700.HK@1h", "2026-11-20T02:00:00Z", 400, .exchangeHours),
        ("700.HK@1d", "2026-11-20T02:00:00Z", 60, .exchangeHours),
        ("700.HK@1w", "2026-11-20T02:00:00Z", 60, .exchangeHours),
        ("AAPL.US@1m:all", "2026-11-20T14:00:00Z", 90, .exchangeHours),
        ("AAPL.US@15m", "2026-11-20T14:00:00Z", 90, .exchangeHours),
        ("HSI.HK@1m", "2026-11-20T02:00:00Z", 30, .exchangeHours),
        ("9988.HK@1m", "2026-11-21T02:00:00Z", 30, .alwaysOpen),
        ("9988.HK@1h", "2026-11-21T14:40:00Z", 120, .alwaysOpen),
        ("9988.HK@1d", "2026-11-21T15:30:00Z", 60, .alwaysOpen),
        ("600519.SH@5m", "2026-11-20T02:00:00Z", 200, .exchangeHours),
        ("D05.SG@3m", "2026-11-20T03:00:00Z", 200, .exchangeHours),
    ])
    func pushesAndPullsAgree(_ text: String, _ begin: String, _ minutes: Int, _ hours: Sandbox.MarketHours) throws {
        let topic = try #require(CandleTopic(text))
        let symbol = topic.symbol.wire
        var now = try #require(WallTime(rfc3339: begin))
        var answers = QuoteAnswers(MarketSimulation(seed: 5, hours: hours))
        var feed = PushFeed(now: now)
        let board = try #require(SimulatedSecurity.bySymbol[symbol]).board
        let told = answers.tradePeriods().marketTradeSession.flatMap { BrokerModel.MarketHours.list($0) }
            .first { $0.market == topic.symbol.market }
        let clock = SessionClock(topic.symbol.market, board: board, told: told, halfDays: [])
        _ = answers.market.tick([symbol], at: now, pace: .init(percentTrading: 0))
        let seed = try pulled(&answers, topic, 2, now)
        var builder = CandleBuilder(topic, clock: clock, board: board, seed: seed)
        var record = Wire.SecurityQuote()
        record.symbol = symbol
        if let regular = answers.market.listing(symbol, at: now)?.regular {
            record.open = QuoteAnswers.price(regular.bar.open)
            record.high = QuoteAnswers.price(regular.bar.high)
            record.low = QuoteAnswers.price(regular.bar.low)
            record.lastDone = QuoteAnswers.price(regular.last)
            record.volume = regular.bar.volume / (SimulatedSecurity.bySymbol[symbol]?.market.sharesPerVolume ?? 1)
            record.turnover = QuoteAnswers.price(regular.bar.turnover)
            record.timestamp = regular.lastTime.seconds
        }
        var merger = QuoteMerger(record, zone: topic.symbol.market.timeZone)
        var ended: [Candle] = []
        var pushes = 0
        let end = now + .seconds(minutes * 60)
        while now < end {
            now = now + .seconds(7)
            for (symbol, count) in answers.market.tick([symbol], at: now) {
                let found = answers.market.listing(symbol, at: now)
                let listing = try #require(found)
                for packet in feed.packets(listing, newTrades: count) {
                    pushes += 1
                    let told = try take(packet, topic, &merger, &builder)
                    ended += told.filter(\.isFinal)
                }
            }
        }
        #expect(pushes > 100)
        let all = try pulled(&answers, topic, 1000, now)
        let latest = try #require(builder.latest)
        let expected = try #require(all.last)
        #expect(same(latest, expected), "\(latest) is not \(expected)")
        for candle in ended {
            let expected = all.first { $0.start == candle.start && $0.session == candle.session }
            #expect(expected.map { same(candle, $0) } == true, "\(candle) is not \(String(describing: expected))")
        }
        let length = topic.interval.minutes ?? 100_000
        #expect(ended.count >= min(minutes / length, 20) / 4)
    }

    private func take(
        _ packet: PushFeed.Packet, _ topic: CandleTopic, _ merger: inout QuoteMerger, _ builder: inout CandleBuilder
    ) throws -> [Candle] {
        switch packet.command {
        case .pushTrades:
            let push = try Wire.PushTrade.decode(packet.body)
            return builder.take(push.trade.compactMap { BrokerModel.Trade($0) })
        case .pushQuote:
            let push = try Wire.PushQuote.decode(packet.body)
            guard merger.merge(push) != .ignored, push.tradeSession == .normalTrade else { return [] }
            let quote = Quote(merger.quote, symbol: topic.symbol, session: merger.session)
            return builder.take(
                quote, volume: DecimalText(push.currentVolume), turnover: decimal(push.currentTurnover) ?? .zero)
        default: return []
        }
    }
}
