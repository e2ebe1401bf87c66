internal import Bytes
public import Cryptography

/// A key as its holder presents it: `bb_` and 43 characters of base64url, 256 random bits.
public struct APIKey: Sendable {
    /// What every key starts with, so that a leaked one can be recognised by scanners.
    public static let prefix = "bb_"

    /// The whole text, prefix included.
    public let secret: Secret

    /// `nil` unless the text has exactly the shape of a key; that says nothing about it being known.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 46, text.hasPrefix(Self.prefix),
            Base64URL.decode(String(text.dropFirst(3)))?.count == 32
        else {
            return nil
        }
        secret = Secret(String(text))
    }

    /// A new key from the system's random source.
    public static func generate() -> APIKey {
        APIKey(random: SecureRandom.bytes(32))
    }

    /// A key made of given bytes, for tests; 32 bytes.
    init(random: [UInt8]) {
        secret = Secret(Self.prefix + Base64URL.encode(random))
    }
}
