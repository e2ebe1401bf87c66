import Bytes
import OpenDWire
import Testing

@Suite struct WireDecimalTests {
    @Test(
        arguments: [
            (605.5, "605.5"), (0.1 + 0.2, "0.3"), (246_802.40000000002, "246802.4"), (-2.301, "-2.301"), (0.0, "0"),
            (-0.0, "0"), (1e15, "1000000000000000"), (123_456_789_012_345_678.0, "123456789012346000"),
            (1e-7, "0.0000001"),
            (0.000_123, "0.000123"), (.leastNonzeroMagnitude, nil), (230.12, "230.12"), (1.1 * 3, "3.3"),
            (99.99999999999999, "100"),
            (9.999999999999998, "10"), (0.01144, "0.01144"), (360_745_200.0, "360745200"), (.nan, nil),
            (.infinity, nil),
            (1e300, nil), (100.0, "100"), (1.0 / 3.0, "0.333333333333333"),
        ] as [(Double, String?)]) func aDoubleIsItsShortestDecimal(_ value: Double, _ text: String?)
    {
        #expect(DecimalText(double: value)?.text == text)
    }

    @Test func everyDecimalOfFifteenDigitsComesBack() throws {
        var random = SplitMix64(seed: 11)
        for _ in 0..<5000 {
            let units = Int64.random(in: 1...999_999_999_999_999, using: &random)
            let decimal = DecimalText(units: units, scale: Int.random(in: 0...9, using: &random))
            let back = try #require(DecimalText(double: decimal.double))
            #expect(back == decimal)
            #expect(back.text == decimal.normalized.text)
        }
    }
}
