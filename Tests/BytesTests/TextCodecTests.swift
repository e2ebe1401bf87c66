import Bytes
import Testing

@Suite struct TextCodecTests {
    @Test func base64VectorsOfTheStandardHold() {
        let vectors = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
        for (plain, text) in vectors {
            #expect(Base64.encode(Array(plain.utf8)) == text)
            #expect(Base64.decode(text) == Array(plain.utf8))
            let bare = text.filter { $0 != "=" }
            #expect(Base64URL.encode(Array(plain.utf8)) == bare)
            #expect(Base64URL.decode(bare) == Array(plain.utf8))
        }
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
    }

    @Test(arguments: ["Zg=", "Zg", "Zh==", "Z===", "Zm 9v", "Zm9v=", "====", "Zm9\u{FF}"])
    func base64ThatIsNotCanonicalIsRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func hexReadsBothCasesAndNothingElse() {
        #expect(Hex.encode([0, 0x9A, 0xFF]) == "009aff")
        #expect(Hex.decode("009AfF") == [0, 0x9A, 0xFF])
        #expect(Hex.decode("0") == nil)
        #expect(Hex.decode("0g") == nil)
    }

    @Test func readersTakeNothingWhenTooLittleIsLeft() {
        var reader = ByteReader([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(reader.readUInt16() == 0x0102)
        #expect(reader.readUInt24() == 0x030405)
        #expect(reader.readUInt64() == nil)
        #expect(reader.readUInt32() == 0x0607_0809)
        #expect(reader.read(2) == nil)
        #expect(reader.read(-1) == nil)
        #expect(reader.readUInt8() == 10)
        #expect(reader.isAtEnd)
    }

    @Test func writersAreTheReadersInverse() {
        var writer = ByteWriter()
        writer.writeUInt8(1)
        writer.writeUInt16(0x0203)
        writer.writeUInt24(0x04_0506)
        writer.writeUInt32(0x0708_090A)
        writer.writeUInt64(0x0B0C_0D0E_0F10_1112)
        writer.write([0x13])
        #expect(writer.bytes == Array(1...0x13))
    }

    @Test func theSeededGeneratorIsTheSameEverywhere() {
        var generator = SplitMix64(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
    }
}
