internal import COpenSSL

/// A key for bytes at rest: AES-256 in Galois/counter mode (NIST SP 800-38D).
///
/// Shape of what is sealed: `version:8 | nonce:96 | text as long as the plain one | tag:128`. The nonce is random, so a
/// key is good for 2³² pieces. The context is not stored: who opens a piece must say what it is, and one that was moved
/// to another place does not open there.
public struct SealingKey: Sendable {
    private let key: Secret

    /// Bytes of a key.
    public static let size = 32
    private static let version: UInt8 = 1
    private static let nonceSize = 12
    private static let tagSize = 16

    /// Why a piece does not open.
    public enum Failure: Error, Equatable {
        /// Not sealed by this version, or cut.
        case malformed
        /// Another key, another context, or a changed bit; these cannot be told apart.
        case refused
    }

    /// Takes 32 bytes; `nil` for another count.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == SealingKey.size else { return nil }
        key = Secret(bytes)
    }

    /// Seals `plain` for `context`.
    public func seal(_ plain: [UInt8], context: [UInt8]) -> [UInt8] {
        let nonce = SecureRandom.bytes(SealingKey.nonceSize)
        var tag = [UInt8](repeating: 0, count: SealingKey.tagSize)
        let text = key.withBytes { key in
            SealingKey.withCipher { cipher in
                var text = [UInt8](repeating: 0, count: plain.count + 16)
                var count: Int32 = 0
                var rest: Int32 = 0
                let isDone =
                    EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1
                    && EVP_EncryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1
                    && EVP_EncryptUpdate(cipher, &text, &count, plain, Int32(plain.count)) == 1
                    && EVP_EncryptFinal_ex(cipher, &text[Int(count)], &rest) == 1
                    && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(SealingKey.tagSize), &tag) == 1
                // No input can make it fail: only a library without the cipher.
                precondition(isDone && rest == 0, "OpenSSL offers no AES-256-GCM")
                text.removeSubrange(Int(count)...)
                return text
            }
        }
        return [SealingKey.version] + nonce + text + tag
    }

    /// Opens what was sealed for the same context.
    public func open(_ sealed: [UInt8], context: [UInt8]) throws(Failure) -> [UInt8] {
        guard sealed.count >= 1 + SealingKey.nonceSize + SealingKey.tagSize, sealed.first == SealingKey.version else {
            throw .malformed
        }
        let nonce = Array(sealed[1..<1 + SealingKey.nonceSize])
        let text = Array(sealed[(1 + SealingKey.nonceSize)...].dropLast(SealingKey.tagSize))
        var tag = Array(sealed.suffix(SealingKey.tagSize))
        let plain: [UInt8]? = key.withBytes { key in
            SealingKey.withCipher { cipher in
                var plain = [UInt8](repeating: 0, count: text.count + 16)
                var count: Int32 = 0
                var rest: Int32 = 0
                let isDone =
                    EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1
                    && EVP_DecryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1
                    && EVP_DecryptUpdate(cipher, &plain, &count, text, Int32(text.count)) == 1
                    && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(SealingKey.tagSize), &tag) == 1
                    && EVP_DecryptFinal_ex(cipher, &plain[Int(count)], &rest) == 1
                guard isDone else { return nil }
                plain.removeSubrange(Int(count)...)
                return plain
            }
        }
        guard let plain else { throw .refused }
        return plain
    }

    private static func withCipher<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        guard let cipher = EVP_CIPHER_CTX_new() else { preconditionFailure("no memory for a cipher") }
        defer { EVP_CIPHER_CTX_free(cipher) }
        return body(cipher)
    }
}
