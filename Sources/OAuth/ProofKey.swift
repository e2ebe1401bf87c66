internal import Bytes
public import Cryptography

/// A proof key for one code exchange: whoever presents the code must know what the challenge was made of.
///
/// - Source: RFC 7636, sections 4.1 and 4.2, method S256.
public struct ProofKey: Sendable {
    /// 43 base64url characters; shown to the token endpoint only.
    public let verifier: Secret
    /// SHA-256 of the verifier's characters, base64url without padding; part of the authorization URL.
    public let challenge: String

    /// What stands for the method in the authorization URL.
    public static let method = "S256"

    /// Makes it of 32 random bytes; other counts are our own error and trap.
    public init(random: [UInt8]) {
        precondition(random.count == 32, "a verifier is made of 32 bytes")
        self.init(verifier: Base64URL.encode(random))
    }

    init(verifier: String) {
        self.verifier = Secret(verifier)
        challenge = Base64URL.encode(Digest.sha256(Array(verifier.utf8)))
    }
}
