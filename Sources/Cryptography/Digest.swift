internal import COpenSSL

/// One-shot message digests over bytes that are already in memory (OpenSSL's EVP).
public enum Digest {
    /// SHA-1, 20 bytes. Only for formats that name it, such as a broker's request signature: it resists no forger.
    public static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        digest(bytes, EVP_sha1())
    }

    /// MD5, 16 bytes. Only for a broker's form of a password: it resists no forger.
    public static func md5(_ bytes: [UInt8]) -> [UInt8] {
        digest(bytes, EVP_md5())
    }

    /// SHA-256, 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        digest(bytes, EVP_sha256())
    }

    /// SHA-512, 64 bytes.
    public static func sha512(_ bytes: [UInt8]) -> [UInt8] {
        digest(bytes, EVP_sha512())
    }

    private static func digest(_ bytes: [UInt8], _ algorithm: OpaquePointer?) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let status = EVP_Digest(bytes, bytes.count, &value, &length, algorithm, nil)
        // No input can make it fail: only a library without the algorithm, with which nothing here can work.
        precondition(status == 1, "OpenSSL offers no such digest")
        value.removeSubrange(Int(length)...)
        return value
    }
}
