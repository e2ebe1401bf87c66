import BrokerModel
import Bytes
import Clocks
import Testing

@Suite struct OptionCodeTests {
    @Test func bothWritingsOfTheStrikeAreOneContract() throws {
        let short = try #require(OptionCode("AAPL220429P162500"))
        #expect(short == OptionCode("AAPL220429P00162500"))
        #expect(short.root == "AAPL")
        #expect(short.expiry == CivilDate(year: 2022, month: 4, day: 29))
        #expect(short.right == .put)
        #expect(short.strike.text == "162.500")
        #expect(short.text == "AAPL220429P00162500")
        #expect(short.shortText == "AAPL220429P162500")
    }

    @Test(arguments: [
        "AAPL", "C", "220429C100", "AAPL220429X100", "AAPL221329C100", "AAPL220429C", "AAPL220429C0",
        "AAPL220429C123456789", "TOOLONGROOT220429C100", "BRK.B", "",
    ])
    func anythingElseIsNone(_ text: String) {
        #expect(OptionCode(text) == nil)
    }

    @Test func aContractIsOfAHundredAndAShareOfOne() throws {
        #expect(try #require(Symbol("AAPL261218C230000.US")).unitsPerContract == DecimalText(100))
        for text in ["AAPL.US", "700.HK", "BRK.B.US"] {
            #expect(try #require(Symbol(text)).unitsPerContract == DecimalText(1))
        }
    }

    @Test func onlyTheUnitedStatesWriteThemSo() {
        #expect(Symbol("AAPL220429P162500.HK")?.code == "AAPL220429P162500")
    }
}
