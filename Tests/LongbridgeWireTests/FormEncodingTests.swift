import LongbridgeWire
import Testing

@Suite struct FormEncodingTests {
    /// Captured from the vendor's Python client 5.3.0.
    @Test func aQueryIsWrittenAsTheVendorsClientWritesIt() {
        let query = FormEncoding.encode([
            ("symbol", "A B&C=中/+~*-._"), ("status", "NewStatus"), ("status", "PartialFilledStatus"),
        ])
        #expect(
            query == "symbol=A+B%26C%3D%E4%B8%AD%2F%2B%7E*-._&status=NewStatus&status=PartialFilledStatus")
    }

    @Test func noPairsMakeNoQuery() {
        #expect(FormEncoding.encode([]).isEmpty)
    }
}
