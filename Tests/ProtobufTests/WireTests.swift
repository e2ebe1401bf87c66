import Bytes
import JudgedSchemas
import Protobuf
import TestSupport
import Testing

typealias Everything = Judged.Modern.Everything

private func sample() -> Everything {
    var message = Everything()
    message.aDouble = -0.0
    message.anInt32 = -1
    message.aSint64 = .min
    message.aFixed64 = .max
    message.aString = "héllo\u{1F600}"
    message.someBytes = [0, 255]
    message.aColor = Judged.Modern.Color(rawValue: 42)
    message.aLeaf = Judged.Modern.Leaf()
    message.aLeaf?.rank = 0
    message.maybeString = ""
    message.doubles = [1.5, .infinity]
    message.int32s = [0, -1, 300]
    message.bools = [true, false]
    message.strings = ["", "x"]
    message.texts = ["b": "2", "a": "1"]
    message.unpacked = [1, 2]
    message.fixed64s = [7]
    return message
}

@Suite struct WireTests {
    @Test func everyKindOfFieldRoundTrips() throws {
        let message = sample()
        #expect(try Everything.decode(message.encoded()) == message)
        #expect(try Everything(json: JSONValue.parse(Array(message.jsonText().utf8))) == message)
    }

    @Test func everyCutIsAShorterMessageOrATypedError() {
        let bytes = sample().encoded()
        for length in 0..<bytes.count { _ = try? Everything.decode(bytes[..<length]) }
    }

    @Test func everyFlippedBitIsAMessageOrATypedError() {
        let bytes = sample().encoded()
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                if let message = try? Everything.decode(changed) {
                    _ = message.encoded()
                    _ = message.jsonText()
                }
            }
        }
    }

    @Test func unknownFieldsAreKeptAndWrittenAgain() throws {
        let bytes = sample().encoded()
        let leaf = try Judged.Modern.Leaf.decode([
            0x0A, 1, 0x78, 0x20, 0x96, 1, 0x2D, 1, 2, 3, 4, 0x31, 1, 2, 3, 4, 5, 6, 7, 8,
        ])
        #expect(leaf.name == "x")
        #expect(leaf.encoded() == [0x0A, 1, 0x78, 0x20, 0x96, 1, 0x2D, 1, 2, 3, 4, 0x31, 1, 2, 3, 4, 5, 6, 7, 8])
        #expect(!bytes.isEmpty)
    }

    @Test func faultsAreTyped() {
        #expect(throws: ProtobufError.truncated) { try Everything.decode([0x18]) }
        #expect(throws: ProtobufError.truncated) { try Everything.decode([0x72, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]) }
        #expect(throws: ProtobufError.overlongVarint) {
            try Everything.decode([0x18] + [UInt8](repeating: 0xFF, count: 10))
        }
        #expect(throws: ProtobufError.invalidFieldNumber) { try Everything.decode([0x00, 0x00]) }
        #expect(throws: ProtobufError.wrongWireType(field: 1)) { try Everything.decode([0x0B]) }
        #expect(throws: ProtobufError.wrongWireType(field: 14)) { try Everything.decode([0x70, 1]) }
        #expect(throws: ProtobufError.invalidUTF8(field: 14)) { try Everything.decode([0x72, 1, 0xFF]) }
    }

    @Test func sizeAndCountAreBounded() {
        let many = [UInt8](repeating: 0, count: 1_000_000)
        let packed = [0xB2, 0x01, 0xC0, 0x84, 0x3D] + many
        #expect(throws: ProtobufError.tooMany) {
            try Everything.decode(packed, limits: DecodingLimits(elements: 999_999))
        }
        #expect(throws: ProtobufError.tooLarge) { try Everything.decode(packed, limits: DecodingLimits(bytes: 1000)) }
        #expect(throws: Never.self) { try Everything.decode(packed) }
    }

    @Test func requiredFieldsMustCome() throws {
        typealias Order = Judged.Classic.Order
        #expect(throws: ProtobufError.missingRequired("judged.classic.Order.header")) { try Order.decode([]) }
        #expect(throws: ProtobufError.missingRequired("judged.classic.Header.account")) {
            try Order.decode([0x0A, 2, 0x08, 1])
        }
        let order = try Order.decode([0x0A, 4, 0x08, 0, 0x12, 0])
        #expect(order.price == nil)
        #expect(order.encoded() == [0x0A, 4, 0x08, 0, 0x12, 0])
    }

    @Test func singleMessagesMergeAndTheLastScalarWins() throws {
        let first = [UInt8]([0x8A, 1, 3, 0x0A, 1, 0x61])
        let second = [UInt8]([0x8A, 1, 2, 0x10, 5, 0x18, 1, 0x18, 2])
        let message = try Everything.decode(first + second)
        #expect(message.aLeaf?.name == "a")
        #expect(message.aLeaf?.rank == 5)
        #expect(message.anInt32 == 2)
    }
}
