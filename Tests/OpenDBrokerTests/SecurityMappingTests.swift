import BrokerModel
import OpenDWire
import Testing

@testable import OpenDBroker

@Suite struct SecurityMappingTests {
    @Test(arguments: [
        ("700.HK", Int32(1), "00700"), ("5.HK", 1, "00005"), ("800000.HK", 1, "800000"), ("HSIMAIN.HK", 1, "HSImain"),
        ("HSI2612.HK", 1, "HSI2612"), ("TCH210429C350000.HK", 1, "TCH210429C350000"), ("AAPL.US", 11, "AAPL"),
        (".DJI.US", 11, ".DJI"), ("AAPL261218C00230000.US", 11, "AAPL261218C230000"), ("600519.SH", 21, "600519"),
        ("000001.SZ", 22, "000001"), ("D05.SG", 31, "D05"), ("CNMAIN.SG", 31, "CNmain"),
    ])
    func aSymbolIsTheGatewaysSecurityAndBack(text: String, market: Int32, code: String) throws {
        let symbol = try #require(Symbol(text))
        #expect(symbol.security.market == market)
        #expect(symbol.security.code == code)
        #expect(Symbol(symbol.security) == symbol)
    }

    @Test func aMarketWeDoNotKnowIsNoSymbol() {
        var security = OpenD.QotCommon.Security()
        security.market = 91
        security.code = "BTC"
        #expect(Symbol(security) == nil)
        security.market = 1
        security.code = "A B"
        #expect(Symbol(security) == nil)
    }

    @Test(arguments: Market.allCases)
    func marketsKeepTheirNumbers(market: Market) {
        #expect(Market(quoteMarket: market.quoteMarket) == market)
        #expect(Market(orderMarket: market.orderMarket) == market)
    }
}
