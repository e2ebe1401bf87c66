internal import COpenSSL

/// SHA-256 of many messages, one after another.
///
/// OpenSSL is asked for the algorithm and for memory once, not for each message. Not for two threads at a time.
public final class SHA256Hasher {
    private let context: OpaquePointer

    /// One that has digested nothing.
    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL offers no SHA-256")
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Puts the digest of the bytes, 32 bytes, in the place of what `digest` holds; its room is used again.
    public func digest(_ bytes: ArraySlice<UInt8>, into digest: inout [UInt8]) {
        if digest.count != 32 { digest = [UInt8](repeating: 0, count: 32) }
        var status = EVP_DigestInit_ex2(context, nil, nil)
        status &= bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        status &= EVP_DigestFinal_ex(context, &digest, nil)
        // No message can make it fail: only a library without memory, with which nothing here can work.
        precondition(status == 1, "OpenSSL could not take a digest")
    }
}

/// HMAC-SHA256 (RFC 2104) of many messages with one key, one after another.
///
/// OpenSSL works the key in once, and overwrites what came of it when the last owner is gone. Not for two threads at a time.
public final class HMACSHA256Hasher {
    private let context: OpaquePointer

    /// Takes a key of any length, the empty one too; judging it is the caller's.
    public init(key: [UInt8]) {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else { preconditionFailure("OpenSSL offers no HMAC") }
        defer { EVP_MAC_free(algorithm) }
        guard let context = EVP_MAC_CTX_new(algorithm) else { preconditionFailure("OpenSSL offers no HMAC") }
        self.context = context
        var digest = Array("SHA256".utf8CString)
        let status = OSSL_MAC_PARAM_DIGEST.withCString { name in
            digest.withUnsafeMutableBufferPointer { digest in
                let parameters = [
                    OSSL_PARAM_construct_utf8_string(name, digest.baseAddress, 0), OSSL_PARAM_construct_end(),
                ]
                // OpenSSL reads a null key as "the key used before", so an empty key still gets an address.
                return EVP_MAC_init(context, key.isEmpty ? [0] : key, key.count, parameters)
            }
        }
        precondition(status == 1, "OpenSSL offers no HMAC with SHA-256")
    }

    deinit {
        EVP_MAC_CTX_free(context)
    }

    /// Puts the code of the message, 32 bytes, in the place of what `code` holds; its room is used again.
    public func authenticate(_ message: ArraySlice<UInt8>, into code: inout [UInt8]) {
        if code.count != 32 { code = [UInt8](repeating: 0, count: 32) }
        var count = 0
        var status = EVP_MAC_init(context, nil, 0, nil)
        status &= message.withUnsafeBytes { EVP_MAC_update(context, $0.baseAddress, $0.count) }
        status &= EVP_MAC_final(context, &code, &count, code.count)
        // No message can make it fail: only a library without memory, with which nothing here can work.
        precondition(status == 1 && count == 32, "OpenSSL could not authenticate a message")
    }
}
