import Bytes
import Cryptography
import Testing

@Suite struct SealingKeyTests {
    private static func key(_ byte: UInt8 = 7) -> SealingKey? { SealingKey([UInt8](repeating: byte, count: 32)) }

    @Test(arguments: [0, 1, 15, 16, 17, 4096]) func whatWasSealedOpensAgain(count: Int) throws {
        let key = try #require(Self.key())
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = key.seal(plain, context: [1, 2])
        #expect(sealed.count == count + 29)
        #expect(try key.open(sealed, context: [1, 2]) == plain)
    }

    /// NIST's GCM test case 14 and 16 for 256-bit keys, as in "The Galois/Counter Mode of Operation", appendix B.
    @Test func aPieceOfAnotherImplementationOpens() throws {
        let zero = try #require(SealingKey([UInt8](repeating: 0, count: 32)))
        let sealed = try #require(
            Hex.decode(
                "01" + "000000000000000000000000" + "cea7403d4d606b6e074ec5d3baf39d18"
                    + "d0d1c8a799996bf0265b98b5d48ab919"))
        #expect(try zero.open(sealed, context: []) == [UInt8](repeating: 0, count: 16))
        let key = try #require(
            Hex.decode("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").flatMap { SealingKey($0) })
        let text =
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e63"
            + "93ba7a0abcc9f662"
        let plain =
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5"
            + "aa0de657ba637b39"
        let piece = try #require(
            Hex.decode("01" + "cafebabefacedbaddecaf888" + text + "76fc6ece0f4e1768cddf8853bb2d551b"))
        let context = try #require(Hex.decode("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        #expect(Hex.encode(try key.open(piece, context: context)) == plain)
    }

    @Test func theSamePlainTextIsNeverSealedAlike() throws {
        let key = try #require(Self.key())
        #expect(Set((0..<100).map { _ in key.seal([1, 2, 3], context: []) }).count == 100)
    }

    @Test func everyFlippedBitEveryCutAnotherKeyAndAnotherContextAreRefused() throws {
        let key = try #require(Self.key())
        let sealed = key.seal(Array("a token".utf8), context: [9])
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SealingKey.Failure.self) { try key.open(changed, context: [9]) }
            #expect(throws: SealingKey.Failure.self) { try key.open(Array(sealed[..<index]), context: [9]) }
        }
        #expect(throws: SealingKey.Failure.refused) { try key.open(sealed, context: [8]) }
        #expect(throws: SealingKey.Failure.refused) { try Self.key(8)?.open(sealed, context: [9]) }
    }

    @Test func aKeyHas32Bytes() {
        for count in [0, 16, 31, 33] { #expect(SealingKey([UInt8](repeating: 0, count: count)) == nil) }
    }
}
