import BrokerModel
import Bytes
import Testing

@Suite struct NamesakeTests {
    @Test(arguments: [
        ("700.US", ["700.HK"]), ("700.HK", []), ("00700.SG", ["700.HK"]), ("1.SZ", ["1.HK", "000001.SZ"]),
        ("858.SH", ["858.HK", "000858.SZ"]), ("600519.HK", ["600519.SH"]), ("600519.SH", []),
        ("000001.SH", ["000001.SZ"]),
        ("400001.US", []), ("1234567.US", []), ("AAPL.HK", ["AAPL.US"]), ("AAPL.US", []), ("GOOGLE.HK", []),
        ("BRK.B.HK", []), ("D05.US", []),
    ])
    func codesAreSuggestedWhereTheirShapeIsAtHome(asked: String, meant: [String]) throws {
        #expect(try #require(Symbol(asked)).namesakes.map(\.text) == meant)
    }
}

@Suite struct SymbolTests {
    @Test(arguments: [
        ("700.HK", "700.HK"), ("00700.HK", "700.HK"), ("HK.00700", "700.HK"), ("us.aapl", "AAPL.US"),
        ("600519.SH", "600519.SH"),
        ("000001.SZ", "000001.SZ"), (".DJI.US", ".DJI.US"), ("US..DJI", ".DJI.US"), ("BRK.B.US", "BRK.B.US"),
        ("US.BRK.B", "BRK.B.US"),
        ("AAPL260117C150000.US", "AAPL260117C00150000.US"),
        ("aapl260117c00150000.us", "AAPL260117C00150000.US"), ("US.SPXW260117P5900000", "SPXW260117P05900000.US"),
        ("HSI.HK", "HSI.HK"), ("D05.SG", "D05.SG"),
    ])
    func bothOrdersAreReadIntoOneForm(text: String, canonical: String) {
        #expect(Symbol(text)?.text == canonical)
    }

    @Test(arguments: [
        "", "700", ".HK", "HK.", "0.HK", "000.HK", "AA PL.US", "AAPL.XX", "ＡＡＰＬ.US", "a\r\nb.US", "..US",
        "AAPL/../x.US", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA.US",
    ])
    func otherShapesAreRefused(text: String) {
        #expect(Symbol(text) == nil)
    }
}

@Suite struct QuoteTests {
    @Test func changeIsExactAndUnknownStaysUnknown() throws {
        var quote = Quote(symbol: try #require(Symbol("700.HK")))
        #expect(quote.change == nil)
        #expect(quote.changePercent == nil)
        quote.last = DecimalText("441.000")
        quote.previousClose = DecimalText("428.200")
        #expect(quote.change?.text == "12.800")
        #expect(quote.changePercent?.text == "2.99")
        quote.previousClose = DecimalText("0.000")
        #expect(quote.changePercent == nil)
    }
}
