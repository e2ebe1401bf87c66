import Cryptography
import Testing

@Suite struct SecretTests {
    @Test func aSecretPrintsNothingOfItself() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        dump((name: "x", inner: [secret]), to: &dumped)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", "\(["k": secret])",
            "\(Optional(secret) as Any)", dumped,
        ]
        for text in texts {
            #expect(text.contains("<secret>"))
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104"))  // its first byte
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(!((secret as Any) is any Encodable))
        #expect(!((secret as Any) is any Equatable))
    }

    @Test func itsBytesAreLentToOneClosure() {
        #expect(Secret("é").withBytes { $0 } == [0xC3, 0xA9])
        #expect(Secret([1, 2, 3]).withBytes { $0.count } == 3)
        #expect(Secret("").isEmpty)
        #expect(!Secret("a").isEmpty)
    }

    @Test func anEmptySecretMatchesNothing() {
        #expect(Secret("abc").matches(Array("abc".utf8)))
        #expect(!Secret("abc").matches(Array("abd".utf8)))
        #expect(!Secret("").matches([]))
    }

    @Test func randomBytesHaveTheLengthAskedForAndDiffer() {
        #expect(SecureRandom.bytes(0).isEmpty)
        let values = Set((0..<100).map { _ in SecureRandom.bytes(16) })
        #expect(values.count == 100)
        #expect(values.allSatisfy { $0.count == 16 })
    }
}
