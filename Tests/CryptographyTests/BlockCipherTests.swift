import Bytes
import Cryptography
import Testing

@Suite struct BlockCipherTests {
    /// NIST SP 800-38A, appendix F: the key, the text and the vector of its AES-128 examples.
    private let key = Hex.decode("2b7e151628aed2a6abf7158809cf4f3c") ?? []
    private let plain = Hex.decode("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51") ?? []
    private let vector = Hex.decode("000102030405060708090a0b0c0d0e0f") ?? []

    @Test func theStandardsExamplesAgree() throws {
        let codebook = try #require(BlockCipher(key: key, mode: .electronicCodebook))
        let text = try codebook.encrypt(plain, padding: .none)
        #expect(Hex.encode(text) == "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf")
        #expect(try codebook.decrypt(text, padding: .none) == plain)
        let chained = try #require(BlockCipher(key: key, mode: .chained(vector: vector)))
        let other = try chained.encrypt(plain, padding: .none)
        #expect(Hex.encode(other) == "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2")
        #expect(try chained.decrypt(other, padding: .none) == plain)
    }

    @Test func standardPaddingIsAlwaysThereAndAPartialBlockNeedsIt() throws {
        let cipher = try #require(BlockCipher(key: key, mode: .electronicCodebook))
        #expect(try cipher.encrypt([], padding: .standard).count == 16)
        #expect(try cipher.encrypt(plain, padding: .standard).count == 48)
        #expect(throws: BlockCipher.Failure.partialBlock) { try cipher.encrypt([1], padding: .none) }
        #expect(throws: BlockCipher.Failure.partialBlock) { try cipher.decrypt([1], padding: .standard) }
        #expect(throws: BlockCipher.Failure.invalidPadding) { try cipher.decrypt([], padding: .standard) }
        #expect(try cipher.decrypt([], padding: .none) == [])
        #expect(throws: BlockCipher.Failure.invalidPadding) { try cipher.decrypt(plain, padding: .standard) }
    }

    @Test func keysAndVectorsOfAnotherLengthAreNone() {
        #expect(BlockCipher(key: [1], mode: .electronicCodebook) == nil)
        #expect(BlockCipher(key: key, mode: .chained(vector: [])) == nil)
        #expect(BlockCipher(key: key + key, mode: .electronicCodebook) == nil)
    }
}
