import Compression
import Testing

@Suite struct GzipTests {
    static let text = Array("hello, hello, hello\n".utf8)

    /// Written by CPython 3.11: `gzip.compress(b"hello, hello, hello\n", mtime=0)`.
    static let golden: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xD7, 0x51, 0xC8,
        0x40, 0xA2, 0xB8, 0x00, 0xE7, 0x42, 0x6E, 0x52, 0x14, 0x00, 0x00, 0x00,
    ]

    /// A stored block written by hand from RFC 1951 section 3.2.4, with a name as in RFC 1952 section 2.3.
    static let stored: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x08, 0, 0, 0, 0, 0, 0xFF, UInt8(ascii: "n"), 0, 0x01, 0x03, 0x00, 0xFC, 0xFF,
        UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "c"), 0xC2, 0x41, 0x24, 0x35, 3, 0, 0, 0,
    ]

    @Test func anotherProgramsMembersAreInflated() throws {
        #expect(try Gzip.decompress(Self.golden, limit: 1024) == Self.text)
        #expect(try Gzip.decompress(Self.stored, limit: 3) == Array("abc".utf8))
    }

    @Test(arguments: [0, 1, 2, 65_534, 65_535, 65_536, 65_537, 300_000])
    func whatIsDeflatedComesBack(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
        let packed = try Gzip.compress(bytes)
        #expect(try Gzip.decompress(packed, limit: count) == bytes)
        #expect(try Gzip.compress(bytes) == packed)
    }

    @Test func theLimitIsOnInflatedBytesAtUnderAndOver() throws {
        #expect(try Gzip.decompress(Self.golden, limit: 21) == Self.text)
        #expect(try Gzip.decompress(Self.golden, limit: 20) == Self.text)
        #expect(throws: CompressionError.tooLarge(limit: 19)) { try Gzip.decompress(Self.golden, limit: 19) }
        #expect(throws: CompressionError.tooLarge(limit: 0)) { try Gzip.decompress(Self.golden, limit: 0) }
        #expect(try Gzip.decompress(Gzip.compress([]), limit: 0) == [])
    }

    @Test func aBombStopsAtTheLimit() throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: 64 << 20))
        #expect(bomb.count < 100_000)
        #expect(throws: CompressionError.tooLarge(limit: 1 << 20)) { try Gzip.decompress(bomb, limit: 1 << 20) }
    }

    @Test func membersInARowAreOneTextUnderOneLimit() throws {
        let three = Self.golden + Self.stored + Self.golden
        #expect(try Gzip.decompress(three, limit: 43) == Self.text + Array("abc".utf8) + Self.text)
        #expect(throws: CompressionError.tooLarge(limit: 42)) { try Gzip.decompress(three, limit: 42) }
    }

    @Test(arguments: [[0], [0, 0, 0, 0], [0x1F, 0x00], Array("x".utf8)] as [[UInt8]])
    func whatFollowsTheLastMemberIsRefused(garbage: [UInt8]) {
        #expect(throws: CompressionError.trailingGarbage) { try Gzip.decompress(Self.golden + garbage, limit: 1024) }
    }

    @Test func everyCutIsTruncated() {
        for count in 0..<Self.golden.count {
            #expect(throws: CompressionError.truncated) {
                try Gzip.decompress(Self.golden.prefix(count), limit: 1024)
            }
        }
        #expect(throws: CompressionError.truncated) { try Gzip.decompress(Self.golden + [0x1F], limit: 1024) }
        #expect(throws: CompressionError.truncated) { try Gzip.decompress(Self.golden + [0x1F, 0x8B, 8], limit: 1024) }
    }

    @Test func everyFlippedBitEndsInTheTextOrATypedError() {
        for index in Self.golden.indices {
            for bit in 0..<8 {
                var bytes = Self.golden
                bytes[index] ^= 1 << UInt8(bit)
                // Only time, extra flags, system and the "is text" flag may change without notice.
                if let inflated = try? Gzip.decompress(bytes, limit: 1024) {
                    #expect(inflated == Self.text)
                    #expect((3...9).contains(index))
                }
            }
        }
    }

    @Test(
        arguments: [Array("not gzip at all, though long enough".utf8), [0x78, 0x9C, 0x03, 0, 0, 0, 0, 1]] as [[UInt8]])
    func otherFormatsAreMalformed(bytes: [UInt8]) {
        #expect(throws: CompressionError.malformed) { try Gzip.decompress(bytes, limit: 1024) }
    }
}
