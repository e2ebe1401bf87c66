internal import Bytes
internal import Cryptography

/// The SHA-256 of a key's whole text; written `sha256:` and 64 hexadecimal digits.
///
/// A key is 256 random bits, so a plain hash cannot be turned back by guessing.
public struct KeyHash: Sendable, Hashable, CustomStringConvertible {
    /// 32 bytes.
    let bytes: [UInt8]

    /// `nil` for any other spelling than `sha256:` and 64 hexadecimal digits.
    public init?(_ text: String) {
        guard text.hasPrefix("sha256:"), let bytes = Hex.decode(String(text.dropFirst(7))), bytes.count == 32 else {
            return nil
        }
        self.bytes = bytes
    }

    /// 32 bytes as they are; `nil` for any other count.
    init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// The hash of `key`'s text.
    public init(of key: APIKey) {
        bytes = key.secret.withBytes { Digest.sha256($0) }
    }

    /// As the configuration writes it.
    public var description: String { "sha256:" + Hex.encode(bytes) }
}
