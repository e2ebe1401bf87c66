internal import COpenSSL

/// Keyed digests (RFC 2104).
public enum MessageAuthentication {
    /// HMAC with SHA-256, 32 bytes. A key of any length is taken, the empty one too; judging it is the caller's.
    public static func hmacSHA256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        // OpenSSL reads a null key as "the key used before", so an empty key still gets an address.
        let storage = key.isEmpty ? [0] : key
        let result = HMAC(EVP_sha256(), storage, Int32(key.count), message, message.count, &value, &length)
        precondition(result != nil, "OpenSSL offers no HMAC with SHA-256")
        value.removeSubrange(Int(length)...)
        return value
    }
}

/// Whether both hold the same bytes, in a time that tells nothing about where they differ.
///
/// The lengths are not hidden: different ones are refused at once. Compare digests when a length is a secret.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}

/// The same for bytes that lie in a larger buffer.
public func constantTimeEquals(_ left: UnsafeRawBufferPointer, _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left.baseAddress, right, right.count) == 0
}
