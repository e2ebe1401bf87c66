import Bytes
import Testing

@Suite struct JSONParserTests {
    @Test func valuesAreReadAsWritten() throws {
        let value = try JSONValue.parse(
            Array(#" {"a":[1,-0.50e+3,"x\n\u00e9\ud83d\ude00"],"b":{"c":null},"d":true} "#.utf8))
        #expect(value["a"]?.arrayValue?.first?.intValue == 1)
        #expect(value["a"]?.arrayValue?.dropFirst().first?.numberText == "-0.50e+3")
        #expect(value["a"]?.arrayValue?.last?.stringValue == "x\né😀")
        #expect(value["b"]?["c"]?.isNull == true)
        #expect(value["d"]?.boolValue == true)
    }

    @Test(arguments: [
        ("", JSONError.Reason.truncated), ("{", .truncated), ("[1,]", .unexpectedCharacter),
        ("{\"a\":1,}", .unexpectedCharacter),
        ("01", .invalidNumber), ("1.", .invalidNumber), ("-", .invalidNumber), ("1e", .invalidNumber),
        ("NaN", .unexpectedCharacter),
        ("nul", .truncated), ("nulx", .unexpectedCharacter), ("\"\u{01}\"", .invalidString),
        ("\"\\x\"", .invalidString),
        ("\"\\ud800\"", .invalidUnicode), ("\"\\udc00\"", .invalidUnicode), ("\"\\ud800\\u0041\"", .invalidUnicode),
        ("{\"a\":1,\"a\":2}", .duplicateName), ("1 2", .trailingText), ("\u{FEFF}1", .unexpectedCharacter),
        ("'a'", .unexpectedCharacter),
        ("\"\\u12\"", .truncated), ("\"\\u12zz\"", .invalidString), ("// x\n1", .unexpectedCharacter),
    ])
    func faultsAreNamed(text: String, reason: JSONError.Reason) {
        #expect(throws: JSONError.self) { try JSONValue.parse(Array(text.utf8)) }
        do { _ = try JSONValue.parse(Array(text.utf8)) } catch { #expect(error.reason == reason, "\(text)") }
    }

    @Test func invalidUTF8IsRefused() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0xC3, 0x28, 0x22]) }
        #expect(error?.reason == .invalidUnicode)
        #expect(error?.offset == 1)
    }

    @Test func nestingAndCountAreBounded() {
        let deep = Array(String(repeating: "[", count: 64).utf8) + Array(String(repeating: "]", count: 64).utf8)
        #expect(throws: Never.self) { try JSONValue.parse(deep) }
        let error = #expect(throws: JSONError.self) { try JSONValue.parse([UInt8](repeating: 0x5B, count: 100_000)) }
        #expect(error?.reason == .tooDeep)
        let wide = Array(("[" + String(repeating: "1,", count: 20) + "1]").utf8)
        #expect(throws: JSONError.self) { try JSONValue.parse(wide, limits: JSONLimits(depth: 4, values: 21)) }
        #expect(throws: Never.self) { try JSONValue.parse(wide, limits: JSONLimits(depth: 4, values: 22)) }
    }

    @Test func everyCutEndsInATypedErrorOrAValue() {
        let text = Array(#"{"a":[1.5e3,"\ud83d\ude00",{"b":false}],"c":null}"#.utf8)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue.parse(Array(text[..<length])) }
        }
    }

    @Test func everyFlippedBitEndsInATypedErrorOrAValue() {
        let text = Array(#"{"a":[1.5e3,"\u00e9x",{"b":false}],"c":null}"#.utf8)
        for index in text.indices {
            for bit in 0..<8 {
                var changed = text
                changed[index] ^= 1 << UInt8(bit)
                _ = try? JSONValue.parse(changed)
            }
        }
    }
}

@Suite struct JSONWriterTests {
    @Test func commasAndEscapesAreRight() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("n")
        writer.int(-9_223_372_036_854_775_808 as Int64)
        writer.key(dynamic: "a\"b")
        writer.beginArray()
        writer.string("x\u{2028}\u{07}\u{7F}\\\n</script>")
        writer.bool(false)
        writer.null()
        writer.decimal(DecimalText("1.50"))
        writer.endArray()
        writer.key("o")
        writer.beginObject()
        writer.endObject()
        writer.endObject()
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(
            text == #"{"n":-9223372036854775808,"a\"b":["x\u2028\u0007\u007f\\\n</script>",false,null,"1.50"],"o":{}}"#)
        #expect(throws: Never.self) { try JSONValue.parse(writer.bytes) }
    }

    @Test func whatWasReadIsWrittenAgain() throws {
        let text = #"{"a":[1,2.50,"x"],"b":{"c":null,"d":true}}"#
        var writer = JSONWriter()
        writer.value(try JSONValue.parse(Array(text.utf8)))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }
}
