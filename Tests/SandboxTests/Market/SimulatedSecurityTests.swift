import Testing

@testable import Sandbox

@Suite struct SimulatedSecurityTests {
    @Test func thereAreFortyOfHongKongAndTheUnitedStatesAndSomeOfEachOtherKind() {
        let all = SimulatedSecurity.all
        #expect(all.count { $0.market == .hongKong || $0.market == .unitedStates } >= 40)
        #expect(SimulatedSecurity.bySymbol.count == all.count, "no symbol twice")
        for symbol in ["700.HK", "AAPL.US", "600519.SH", "000001.SZ", "D05.SG", "HSI.HK", ".DJI.US", ".IXIC.US"] {
            #expect(SimulatedSecurity.bySymbol[symbol] != nil, "\(symbol)")
        }
    }

    @Test(arguments: SimulatedSecurity.all)
    func eachHasNamesInThreeLanguagesAndFiguresThatFitTogether(security: SimulatedSecurity) throws {
        #expect(!security.nameEnglish.isEmpty && !security.nameSimplified.isEmpty && !security.nameTraditional.isEmpty)
        let region = try #require(security.symbol.split(separator: ".").last)
        #expect(SimulatedMarket(region: region) == security.market)
        #expect(security.currency == ["HK": "HKD", "US": "USD", "SH": "CNY", "SZ": "CNY", "SG": "SGD"][String(region)])
        #expect(security.price > 0 && security.lotSize > 0)
        #expect(security.dailyVolume % security.lotSize == 0)
        #expect((security.dailyVolume == 0) == security.isIndex)
    }
}
