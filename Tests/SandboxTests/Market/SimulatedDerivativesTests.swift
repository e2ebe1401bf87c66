import Bytes
import Clocks
import LongbridgeWire
import Testing

@testable import Sandbox

/// Chains must be such that nobody can gain without risk, and every contract that is listed can be asked for.
@Suite struct SimulatedDerivativesTests {
    private let now = WallTime(seconds: 1_795_140_900)  // 2026-11-20 10:15 in Hong Kong
    private var answers = QuoteAnswers(MarketSimulation(seed: 7, hours: .alwaysOpen))

    private mutating func chain(_ symbol: String, expiry: Int) throws -> (
        options: [(call: SimulatedOption, put: SimulatedOption)], spot: Int64, at: WallTime
    ) {
        let security = try #require(SimulatedSecurity.bySymbol[symbol])
        let dates = OptionCalendar.expirations(security, today: TimeZoneRule.newYork.civil(at: now).date)
        let record = try #require(answers.market.listing(symbol, at: now)?.regular)
        return (try answers.optionChain(symbol, dates[expiry].compact, now), record.last, record.lastTime)
    }

    @Test(arguments: ["AAPL.US", "NIO.US", "SPY.US", "INTC.US"])
    mutating func pricesAreInOrderAndNeverBelowTheIntrinsicValue(_ symbol: String) throws {
        for expiry in [0, 3, 13] {
            let (options, spot, at) = try chain(symbol, expiry: expiry)
            #expect(options.count >= 5)
            var callBefore = Int64.max
            var putBefore: Int64 = 0
            for (call, put) in options {
                let callPrice = call.price(spot: spot, now: at)
                let putPrice = put.price(spot: spot, now: at)
                #expect(callPrice >= max(10, spot - call.strike) && putPrice >= max(10, put.strike - spot))
                #expect(callPrice <= callBefore && putPrice >= putBefore)
                // Call less put is spot less strike, but for whole cents.
                #expect(abs(callPrice - putPrice - (spot - call.strike)) <= 20)
                (callBefore, putBefore) = (callPrice, putPrice)
            }
        }
    }

    @Test mutating func aLaterExpiryIsWorthMore() throws {
        let (near, spot, at) = try chain("AAPL.US", expiry: 1)
        let first = try #require(near.first { $0.call.strike >= spot }?.call)
        let value = first.value(spot: spot, now: at)
        let later = SimulatedValue(
            spot: spot, strike: first.strike, volatility: first.volatility, seconds: 86_400 * 200)
        #expect(later.call > value.call && later.put > value.put)
        #expect((0...1).contains(value.delta) && value.gamma > 0 && value.theta < 0 && value.vega > 0)
    }

    @Test mutating func everyListedContractIsFoundByItsSymbolAndNoOther() throws {
        let today = TimeZoneRule.newYork.civil(at: now).date
        for (call, put) in try chain("AAPL.US", expiry: 2).options {
            #expect(SimulatedOption(call.symbol, today: today) == call)
            #expect(SimulatedOption(put.symbol, today: today) == put)
        }
        for text in [
            "AAPL261204C00230000.US", "AAPL261204C230001.US", "AAPL261203C230000.US", "AAPL.US", "C.US", "X261204C1.US",
        ] {
            #expect(SimulatedOption(text, today: today) == nil)
        }
    }

    @Test func expiriesAreTradingDaysInOrder() throws {
        let security = try #require(SimulatedSecurity.bySymbol["AAPL.US"])
        for offset in 0..<400 {
            let today = CivilDate(daysSinceEpoch: 20_700 + offset)
            let dates = OptionCalendar.expirations(security, today: today)
            #expect(dates == Array(Set(dates)).sorted() && dates.count == 14)
            #expect(dates.dropFirst().allSatisfy { $0 > today && TradingCalendar.isTrading(.unitedStates, $0) })
        }
    }

    @Test mutating func aQuoteOfAnOptionIsWhole() throws {
        var request = Longbridge.Quote.MultiSecurityRequest()
        request.symbol =
            try chain("AAPL.US", expiry: 4).options.flatMap { [$0.call.symbol, $0.put.symbol] } + ["NO.US"]
        let quotes = try answers.optionQuotes(request, now).secuQuote
        #expect(quotes.count == request.symbol.count - 1)
        for quote in quotes {
            let (low, high) = (try #require(DecimalText(quote.low)), try #require(DecimalText(quote.high)))
            for text in [quote.open, quote.lastDone] {
                let price = try #require(DecimalText(text))
                #expect(low <= price && price <= high)
            }
            #expect(CivilDate(compact: quote.optionExtend?.expiryDate ?? "") != nil)
        }
    }

    @Test func codesOfWarrantsAreUnique() {
        #expect(SimulatedWarrant.bySymbol.count == SimulatedWarrant.all.count)
        #expect(SimulatedWarrant.all.allSatisfy { SimulatedSecurity.bySymbol[$0.symbol] == nil })
    }

    @Test mutating func warrantsAreFilteredSortedAndPaged() throws {
        var request = Longbridge.Quote.WarrantFilterListRequest()
        request.symbol = "700.HK"
        request.language = 1
        let all = try answers.warrantList(request, now)
        #expect(all.totalCount == Int32(SimulatedWarrant.perUnderlying) && all.warrantList.count == Int(all.totalCount))
        var filter = Longbridge.Quote.FilterConfig()
        filter.type = [0, 1]
        filter.status = [4]
        filter.sortBy = 5
        filter.sortOrder = 1
        filter.sortOffset = 2
        filter.sortCount = 4
        request.filterConfig = filter
        let page = try answers.warrantList(request, now)
        #expect(page.warrantList.count == 4 && page.totalCount < all.totalCount)
        #expect(page.warrantList.map(\.expiryDate) == page.warrantList.map(\.expiryDate).sorted(by: >))
        #expect(page.warrantList.allSatisfy { [0, 1].contains($0.type) && $0.status == 4 })
        filter.sortBy = 99
        request.filterConfig = filter
        var mine = answers
        #expect(throws: BrokerRefusal.invalid) { try mine.warrantList(request, now) }
    }

    @Test mutating func aWarrantsQuoteAgreesWithItsRow() throws {
        var list = Longbridge.Quote.WarrantFilterListRequest()
        list.symbol = "9988.HK"
        let rows = try answers.warrantList(list, now).warrantList
        var request = Longbridge.Quote.MultiSecurityRequest()
        request.symbol = rows.map(\.symbol)
        let quotes = try answers.warrantQuotes(request, now).secuQuote
        #expect(quotes.map(\.lastDone) == rows.map(\.lastDone))
        #expect(quotes.map { $0.warrantExtend?.expiryDate } == rows.map { $0.expiryDate })
        #expect(quotes.allSatisfy { CivilDate(compact: $0.warrantExtend?.lastTradeDate ?? "") != nil })
    }
}
