import Clocks
import LongbridgeWire
import Protobuf
import Testing

@testable import Sandbox

/// The overnight session of the United States is for those who asked for it when they logged in.
@Suite struct OvernightTests {
    private let night = WallTime(seconds: 1_795_154_400)  // 2026-11-20 01:00 in New York

    @Test func onlyThoseWhoAskedSeeItInARecord() throws {
        var answers = QuoteAnswers(MarketSimulation(seed: 7, hours: .exchangeHours))
        var request = Longbridge.Quote.MultiSecurityRequest()
        request.symbol = ["AAPL.US", "700.HK"]
        for seesOvernight in [false, true] {
            let body = try answers.answer(
                .securityQuote, request.encoded(), QuoteAnswers.Caller(seesOvernight: seesOvernight), SandboxLimits(),
                now: night)
            let quotes = try Longbridge.Quote.SecurityQuoteResponse.decode(body).secuQuote
            #expect((quotes.first?.overNightQuote != nil) == seesOvernight)
            #expect(quotes.first?.preMarketQuote != nil && quotes.last?.overNightQuote == nil)
        }
    }

    @Test func itsPushesAreMarkedAndSayTheirSession() throws {
        var simulation = MarketSimulation(seed: 7, hours: .exchangeHours)
        var feed = PushFeed(now: night)
        let traded = simulation.tick(["AAPL.US"], at: night, pace: .init(percentTrading: 100))
        #expect(traded.count == 1)
        let found = simulation.listing("AAPL.US", at: night)
        let listing = try #require(found)
        #expect(listing.active == .overnight)
        for packet in feed.packets(listing, newTrades: 1) {
            #expect(packet.isOvernight)
            if packet.command == .pushQuote {
                #expect(try Longbridge.Quote.PushQuote.decode(packet.body).tradeSession == .overnightTrade)
            }
        }
    }

    @Test func candlesOfAllSessionsHoldIt() throws {
        var answers = QuoteAnswers(MarketSimulation(seed: 7, hours: .exchangeHours))
        var request = Longbridge.Quote.SecurityCandlestickRequest()
        request.symbol = "AAPL.US"
        request.period = .oneMinute
        request.count = 10
        let regular = try answers.candlesticks(request, night).candlesticks
        request.tradeSession = 100
        let all = try answers.candlesticks(request, night).candlesticks
        #expect(regular.allSatisfy { $0.tradeSession == .normalTrade })
        #expect(all.allSatisfy { $0.tradeSession == .overnightTrade })
    }
}
