internal import Bytes
internal import Cryptography

/// The proof that both ends of an upgrade mean WebSocket.
///
/// - Source: RFC 6455, section 1.3.
enum HandshakeKey {
    /// A fresh `Sec-WebSocket-Key`: 16 random bytes in base64.
    static func make() -> String {
        Base64.encode(SecureRandom.bytes(16))
    }

    /// Whether `key` is 16 bytes in base64.
    static func isValid(_ key: String) -> Bool {
        Base64.decode(key)?.count == 16
    }

    /// The `Sec-WebSocket-Accept` that answers a key.
    static func accept(_ key: String) -> String {
        Base64.encode(Digest.sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }
}
