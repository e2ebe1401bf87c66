import Bytes
import Cryptography
import OpenDWire
import Testing

@Suite struct BodyCipherTests {
    @Test func everyCipherVectorEncryptsAndDecrypts() throws {
        let vectors = try #require(try Capture.file()["cipherVectors"]?.arrayValue)
        #expect(vectors.count == 16)
        for vector in vectors {
            let name = try #require(vector["algorithm"]?.stringValue)
            let algorithm: BodyCipher.Algorithm = name == "FTAES_ECB" ? .tailed : .chained
            let key = try #require(vector["key"]?.stringValue)
            let cipher = try #require(BodyCipher.negotiated(algorithm, key: key, vector: vector["iv"]?.stringValue))
            let plain = try #require(vector["plainHex"]?.stringValue.flatMap { Hex.decode($0) })
            let text = try #require(vector["cipherHex"]?.stringValue.flatMap { Hex.decode($0) })
            #expect(try cipher.encrypt(plain) == text, "\(name) of \(plain.count)")
            #expect(try cipher.decrypt(text) == plain, "\(name) of \(plain.count)")
        }
    }

    @Test func everyRSAVectorDecryptsAndItsTextComesBack() throws {
        let cipher = BodyCipher.rsa(try Capture.key())
        let vectors = try #require(try Capture.file()["rsaVectors"]?.arrayValue)
        #expect(vectors.count == 4)
        for vector in vectors {
            let plain = try #require(vector["plainHex"]?.stringValue.flatMap { Hex.decode($0) })
            let text = try #require(vector["cipherHex"]?.stringValue.flatMap { Hex.decode($0) })
            #expect(try cipher.decrypt(text) == plain)
            let again = try cipher.encrypt(plain)
            #expect(again.count == text.count)
            #expect(try cipher.decrypt(again) == plain)
        }
    }

    @Test func everyLengthComesBackFromEveryCipher() throws {
        for algorithm in BodyCipher.Algorithm.allCases {
            let cipher = try #require(
                BodyCipher.negotiated(algorithm, key: "0123456789ABCDEF", vector: "FEDCBA9876543210"))
            for length in 0..<70 {
                let plain = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                #expect(try cipher.decrypt(try cipher.encrypt(plain)) == plain)
            }
        }
    }

    @Test func anOldGatewayWithoutAVectorIsSpokenToWithTheTailBlock() throws {
        let fallback = try #require(BodyCipher.negotiated(.chained, key: "0123456789ABCDEF", vector: nil))
        let tailed = try #require(BodyCipher.negotiated(.tailed, key: "0123456789ABCDEF", vector: nil))
        #expect(try fallback.encrypt([1, 2, 3]) == tailed.encrypt([1, 2, 3]))
    }

    @Test(arguments: ["", "short", "0123456789ABCDEF0", "0123456789ABCDEé"])
    func aKeyOfAnotherLengthMakesNoCipher(key: String) {
        for algorithm in BodyCipher.Algorithm.allCases where algorithm != .none {
            #expect(BodyCipher.negotiated(algorithm, key: key, vector: "FEDCBA9876543210") == nil)
        }
        #expect(BodyCipher.negotiated(.chained, key: "0123456789ABCDEF", vector: "short") == nil)
    }

    @Test func textThatWasNotEncryptedIsRefusedOrFailsTheDigest() throws {
        var random = SplitMix64(seed: 20_261_121)
        let rsa = BodyCipher.rsa(try Capture.key())
        var ciphers = BodyCipher.Algorithm.allCases.compactMap {
            BodyCipher.negotiated($0, key: "0123456789ABCDEF", vector: "FEDCBA9876543210")
        }
        ciphers.append(rsa)
        for _ in 0..<400 {
            let text = (0..<Int.random(in: 0...160, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            let header = OpenDHeader(
                protocolID: 1004, format: .protobuf, serial: 1, bodyLength: text.count,
                digest: [UInt8](repeating: 0, count: 20))
            for cipher in ciphers {
                #expect(throws: OpenDPacketError.self) {
                    try SealedOpenDPacket(header: header, body: text).opened(with: cipher)
                }
            }
        }
    }
}
