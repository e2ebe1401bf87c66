import Clocks
import Testing

@testable import Sandbox

@Suite struct GatewayCodeTests {
    private let now = WallTime(seconds: 1_795_154_400)  // 2026-11-20

    @Test func everySecurityIsFoundUnderItsName() throws {
        for security in SimulatedSecurity.all {
            let code = GatewayCode(security)
            let found = try #require(GatewayInstrument(code, at: now), "\(code.text)")
            #expect(found.source.symbol == security.symbol)
        }
    }

    @Test func everyWarrantAndOptionIsFoundUnderItsName() throws {
        for warrant in SimulatedWarrant.all.prefix(100) {
            let instrument = GatewayInstrument(warrant)
            #expect(GatewayInstrument(instrument.code, at: now)?.type == 5)
            #expect(GatewayInstrument(trading: warrant.symbol)?.code == instrument.code)
        }
        let apple = try #require(SimulatedSecurity.bySymbol["AAPL.US"])
        let today = TimeZoneRule.newYork.civil(at: now).date
        for day in OptionCalendar.expirations(apple, today: today) {
            let option = SimulatedOption(apple, day, isCall: false, strike: OptionCalendar.strikes(apple)[0])
            #expect(GatewayInstrument(GatewayInstrument(option).code, at: now)?.type == 8)
        }
    }

    @Test(arguments: ["99999", "700", "0700", "", "00000", "HSI", "HSI9912", "７００００"])
    func whatIsNotListedInHongKongIsNotFound(code: String) {
        #expect(GatewayInstrument(GatewayCode(GatewayCode.hongKong, code), at: now) == nil)
    }

    @Test func theObsoleteMarketOfFuturesIsHongKong() {
        #expect(GatewayCode(2, "HSImain") == GatewayCode(1, "HSImain"))
        #expect(GatewayInstrument(GatewayCode(2, "HSImain"), at: now)?.type == 10)
        #expect(GatewayInstrument(GatewayCode(41, "7203"), at: now) == nil)
    }

    @Test func ordersNameTheirMarketOrThatOfTheirHeader() {
        #expect(GatewayCode(orderMarket: 2, tradeMarket: 1, code: "AAPL")?.text == "US.AAPL")
        #expect(GatewayCode(orderMarket: nil, tradeMarket: 1, code: "00700")?.text == "HK.00700")
        #expect(GatewayCode(orderMarket: 0, tradeMarket: 4, code: "600519")?.text == "SH.600519")
        #expect(GatewayCode(orderMarket: 0, tradeMarket: 4, code: "000001")?.text == "SZ.000001")
        #expect(GatewayCode(orderMarket: 77, tradeMarket: 1, code: "00700") == nil)
        #expect(GatewayCode(orderMarket: nil, tradeMarket: 5, code: "HSImain") == nil)
    }
}
