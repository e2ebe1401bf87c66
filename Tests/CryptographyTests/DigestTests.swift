import Bytes
import Cryptography
import Testing

/// Vectors: FIPS 180-4's examples, and the empty message as in NIST's short-message response files.
@Suite struct DigestTests {
    @Test func sha1AgreesWithItsPublishedExamples() {
        #expect(Hex.encode(Digest.sha1([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(Hex.encode(Digest.sha1(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        let two = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        #expect(Hex.encode(Digest.sha1(two)) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    }

    @Test func sha256AgreesWithItsPublishedExamples() {
        #expect(
            Hex.encode(Digest.sha256([]))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Hex.encode(Digest.sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(
            Hex.encode(Digest.sha256(million))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func sha512AgreesWithItsPublishedExample() {
        #expect(
            Hex.encode(Digest.sha512(Array("abc".utf8)))
                == "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
    }

    @Test func oneHasherDigestsManyMessages() {
        let hasher = SHA256Hasher()
        var digest: [UInt8] = []
        for count in [0, 1, 55, 56, 63, 64, 65, 1000, 0, 3] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            hasher.digest(([9] + bytes).dropFirst(), into: &digest)
            #expect(digest == Digest.sha256(bytes))
        }
    }
}
