import Bytes
import Clocks
import Testing

@testable import Sandbox

/// Over seeds, hours and securities: every figure of a session is the sum of its trades.
@Suite struct SimulatedListingTests {
    static let seeds: [UInt64] = [1, 2, 99]
    static let symbols = ["700.HK", "939.HK", "AAPL.US", "NIO.US", "600519.SH", "D05.SG", "HSI.HK", ".IXIC.US"]
    static let times = [
        "2026-11-20T02:00:00Z", "2026-11-20T04:30:00Z", "2026-11-20T10:15:00Z", "2026-11-20T15:00:00Z",
        "2026-11-20T22:00:00Z", "2026-11-21T03:00:00Z", "2026-11-22T12:00:00Z", "2026-11-01T05:59:30Z",
    ]

    private func listing(
        _ symbol: String, _ seed: UInt64, _ time: String, _ hours: MarketHours
    ) throws -> (SimulatedListing, WallTime) {
        let now = try #require(WallTime(rfc3339: time))
        let security = try #require(SimulatedSecurity.bySymbol[symbol])
        return (SimulatedListing(security, seed: seed, hours: hours, now: now), now)
    }

    private func check(_ record: SessionRecord, _ security: SimulatedSecurity, _ now: WallTime, _ place: Comment) {
        let bar = record.bar
        #expect(bar.low <= min(bar.open, bar.close) && max(bar.open, bar.close) <= bar.high, place)
        #expect(record.minutes.reduce(0) { $0 + $1.volume } == bar.volume, place)
        #expect(record.minutes.reduce(0) { $0 + $1.turnover } == bar.turnover, place)
        #expect(record.minutes.map(\.high).max() == bar.high && record.minutes.map(\.low).min() == bar.low, place)
        #expect(record.minutes.first?.open == bar.open && record.minutes.last?.close == bar.close, place)
        #expect(record.lastTime <= now && record.lastTime.seconds < record.span.end, place)
        for (minute, next) in zip(record.minutes, record.minutes.dropFirst()) {
            #expect(minute.start < next.start, place)
        }
        for minute in record.minutes {
            #expect(record.span.contains(minute.start.seconds) && minute.session == record.span.session, place)
        }
        for price in [bar.open, bar.high, bar.low, bar.close] {
            #expect(price > 0 && price % TickTable.step(security, at: price) == 0, place)
        }
        #expect(security.isIndex == (bar.volume == 0), place)
        for period in [Int64(1), 5, 15, 60] {
            let bars = record.bars(minutes: period)
            #expect(bars.reduce(0) { $0 + $1.volume } == bar.volume && bars.last?.close == bar.close, place)
        }
    }

    private func check(_ book: SimulatedBook, _ listing: SimulatedListing, _ place: Comment) throws {
        let last = try #require(listing.current).last
        let security = listing.security
        #expect(book.asks.count == security.market.bookRows && book.bids.count <= security.market.bookRows, place)
        let ask = try #require(book.asks.first).price
        let bid = try #require(book.bids.first).price
        #expect(bid < ask && bid <= last && last <= ask && (last == bid || last == ask), place)
        for (row, next) in zip(book.asks, book.asks.dropFirst()) {
            #expect(next.price == row.price + TickTable.step(security, at: row.price), place)
        }
        for (row, next) in zip(book.bids, book.bids.dropFirst()) {
            #expect(row.price == next.price + TickTable.step(security, at: next.price), place)
        }
        for rows in [book.asks, book.bids] {
            #expect(rows.allSatisfy { $0.quantity > 0 && $0.quantity % security.lotSize == 0 && $0.orders > 0 }, place)
            for (row, queue) in zip(rows, SimulatedBook.queue(rows, security.symbol)) {
                #expect((1...row.orders).contains(Int64(queue.count)), place)
                #expect(queue.allSatisfy { SimulatedParticipant.seats.contains($0) }, place)
            }
        }
    }

    @Test(arguments: symbols, MarketHours.allCases)
    func figuresFollowFromTradesAtAnyTime(symbol: String, hours: MarketHours) throws {
        for seed in SimulatedListingTests.seeds {
            for time in SimulatedListingTests.times {
                var (listing, now) = try listing(symbol, seed, time, hours)
                for step in 0..<120 {
                    let place: Comment = "\(symbol) \(hours) seed \(seed) \(time) step \(step)"
                    let before = listing.trades.last
                    if listing.trade(at: now) {
                        let trade = try #require(listing.trades.last)
                        #expect(trade.time == now && trade.price == listing.current?.last, place)
                        #expect(trade.session == listing.active, place)
                        #expect(
                            trade.direction.signum() == (trade.price - (before?.price ?? 0)).signum()
                                || listing.trades.count < 3 || before?.session != trade.session, place)
                        #expect(listing.security.isIndex == (trade.quantity == 0), place)
                    } else {
                        #expect(listing.active == nil, place)
                    }
                    if step % 40 == 0 {
                        for record in listing.records.values { check(record, listing.security, now, place) }
                        try check(listing.book, listing, place)
                        #expect(listing.book == listing.book)
                    }
                    now = now + .milliseconds(step % 3 == 0 ? 75_000 : 210)
                    listing.advance(to: now)
                }
                for (trade, next) in zip(listing.trades, listing.trades.dropFirst()) where trade.session == next.session
                {
                    #expect(trade.time <= next.time)
                }
            }
        }
    }

    @Test func theNewestTradesOfAYoungSessionAreAllOfIt() throws {
        let (listing, _) = try listing("700.HK", 5, "2026-11-20T01:50:00Z", .exchangeHours)
        let record = try #require(listing.regular)
        let trades = listing.trades.filter { $0.session == .regular && $0.time.seconds >= record.span.start }
        #expect(trades.count < SimulatedListing.tradesKept)
        #expect(trades.reduce(0) { $0 + $1.quantity } == record.bar.volume)
        #expect(trades.reduce(0) { $0 + $1.turnover } == record.bar.turnover)
        #expect(trades.map(\.price).max() == record.bar.high && trades.map(\.price).min() == record.bar.low)
        #expect(listing.newest(5).last?.price == record.last)
    }

    @Test func aClosedMarketDoesNotTradeAndOneThatIsAlwaysOpenDoes() throws {
        for (time, isOpen) in [
            ("2026-11-20T02:00:00Z", true), ("2026-11-20T04:30:00Z", false), ("2026-11-20T09:00:00Z", false),
            ("2026-11-21T02:00:00Z", false),
        ] {
            var (real, now) = try listing("700.HK", 1, time, .exchangeHours)
            #expect(real.trade(at: now) == isOpen, "\(time)")
            var (always, _) = try listing("700.HK", 1, time, .alwaysOpen)
            #expect(always.trade(at: now) && always.active == .regular)
        }
    }

    @Test func theSessionsOfANewYorkDayKeepTheirOwnFigures() throws {
        var (listing, now) = try listing("AAPL.US", 3, "2026-11-20T00:30:00Z", .exchangeHours)
        var seen: [TradingSession] = []
        for _ in 0..<(24 * 12) {
            listing.advance(to: now)
            if let active = listing.active, listing.trade(at: now) {
                if seen.last != active { seen.append(active) }
                for record in listing.records.values { check(record, listing.security, now, "\(now.rfc3339)") }
            }
            now = now + .seconds(300)
        }
        #expect(seen == [.postMarket, .overnight, .preMarket, .regular, .postMarket])
        let regular = try #require(listing.regular)
        #expect(regular.span.date.iso == "2026-11-20")
        #expect(listing.records[.postMarket]?.previousClose == regular.last)
        #expect(listing.records[.preMarket]?.previousClose == regular.previousClose)
    }

    @Test func aNewDayBeginsAtTheExchangesMidnightWithTheCloseOfTheOld() throws {
        var (listing, now) = try listing("700.HK", 3, "2026-11-20T15:59:00Z", .alwaysOpen)
        _ = listing.trade(at: now)
        let old = try #require(listing.regular)
        #expect(old.span.date.iso == "2026-11-20")
        now = now + .seconds(61)
        listing.advance(to: now)
        let new = try #require(listing.regular)
        #expect(new.span.date.iso == "2026-11-21")
        #expect(new.previousClose == listing.finished[old.span.key]?.last)
        #expect(new.minutes.count == 1 && new.bar.volume == listing.security.lotSize)
    }

    @Test func whatNobodyLookedAtWasTradedAllTheSame() throws {
        var (listing, now) = try listing("5.HK", 3, "2026-11-20T02:00:00Z", .exchangeHours)
        let before = try #require(listing.regular)
        now = now + .seconds(4 * 3600)
        listing.advance(to: now)
        let after = try #require(listing.regular)
        check(after, listing.security, now, "after four hours")
        // 120 minutes until noon and 60 after one o'clock.
        #expect((170...182).contains(after.minutes.count - before.minutes.count))
    }

    @Test func theSameSeedAndTimesGiveTheSameMarket() throws {
        var markets = [MarketSimulation(seed: 4, hours: .alwaysOpen), MarketSimulation(seed: 4, hours: .alwaysOpen)]
        let start = try #require(WallTime(rfc3339: "2026-11-20T10:00:00Z"))
        for tick in 0..<200 {
            let now = start + .milliseconds(200 * tick)
            let traded = markets.indices.map { markets[$0].tick(["700.HK", "AAPL.US"], at: now).map { "\($0)" } }
            #expect(traded[0] == traded[1])
        }
        for symbol in ["700.HK", "AAPL.US"] {
            let listings = markets.indices.map { markets[$0].listing(symbol, at: start + .seconds(40)) }
            #expect(listings[0]?.trades == listings[1]?.trades && listings[0]?.book == listings[1]?.book)
        }
    }
}
