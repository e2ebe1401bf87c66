import Bytes
import Testing

private func decimal(_ text: String) throws -> DecimalText {
    try #require(DecimalText(text), "\(text)")
}

@Suite struct DecimalTextTests {
    @Test(arguments: [
        "0", "-0", "1.50", "0.000", "441.200", "-12.5", "00.10", "99999999999999999999999999999999999999",
    ])
    func textIsKeptAsWritten(text: String) throws {
        #expect(try decimal(text).text == text)
    }

    @Test(arguments: [
        "", "-", ".", ".5", "5.", "1e5", "0x10", "+1", " 1", "1 ", "1_000", "NaN", "１２", "1.2.3", "--1", "1,000",
        "999999999999999999999999999999999999999", "0.000000000000000000000000000000000000001",
    ])
    func otherShapesAreRefused(text: String) {
        #expect(DecimalText(text) == nil)
    }

    @Test func equalityAndOrderAreByValue() throws {
        #expect(try decimal("1.50") == decimal("1.5"))
        #expect(try decimal("-0") == decimal("0.00"))
        #expect(try decimal("1.50").hashValue == decimal("1.5").hashValue)
        #expect(try decimal("9.99") < decimal("10"))
        #expect(try decimal("-10") < decimal("-9.99"))
        #expect(
            try decimal("0.00000000000000000000000000000000000001") < decimal("99999999999999999999999999999999999999"))
        #expect(
            try decimal("-99999999999999999999999999999999999999") < decimal("0.00000000000000000000000000000000000001")
        )
    }

    @Test func arithmeticIsExactAndKeepsPlaces() throws {
        #expect(try decimal("441.000").subtracting(decimal("428.200"))?.text == "12.800")
        #expect(try decimal("0.1").adding(decimal("0.2"))?.text == "0.3")
        #expect(try decimal("1.25").multiplied(by: decimal("-4"))?.text == "-5.00")
        #expect(try decimal("-0.05").adding(decimal("0.04"))?.text == "-0.01")
    }

    @Test func divisionRoundsHalfToEven() throws {
        #expect(try decimal("1280").divided(by: decimal("428.2"), scale: 2)?.text == "2.99")
        #expect(try decimal("0.5").divided(by: decimal("1"), scale: 0)?.text == "0")
        #expect(try decimal("1.5").divided(by: decimal("1"), scale: 0)?.text == "2")
        #expect(try decimal("-2.5").divided(by: decimal("1"), scale: 0)?.text == "-2")
        #expect(try decimal("-7").divided(by: decimal("2"), scale: 1)?.text == "-3.5")
        #expect(try decimal("1").divided(by: decimal("0.00"), scale: 2) == nil)
    }

    @Test func resultsBeyondTheRangeAreNoValue() throws {
        let large = try decimal("99999999999999999999999999999999999999")
        #expect(large.adding(large) == nil)
        #expect(large.multiplied(by: large) == nil)
        #expect(large.rounded(scale: 2) == nil)
    }

    @Test func roundingAndUnits() throws {
        #expect(try decimal("2.345").rounded(scale: 2)?.text == "2.34")
        #expect(try decimal("2.3").rounded(scale: 3)?.text == "2.300")
        #expect(try decimal("2.30").units(scale: 1) == 23)
        #expect(try decimal("2.35").units(scale: 1) == nil)
        #expect(DecimalText(units: -5, scale: 3).text == "-0.005")
        #expect(DecimalText(units: 12345, scale: 2).text == "123.45")
        #expect(try decimal("100.00").wholeNumber == 100)
        #expect(try decimal("100.01").wholeNumber == nil)
    }
}
