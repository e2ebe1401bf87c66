internal import COpenSSL

/// SHA-256 of many messages, one after another.
///
/// OpenSSL is asked for the algorithm and for memory once, not for each message. Not for two threads at a time.
public final class SHA256Hasher {
    private let context: OpaquePointer

    /// One that has digested nothing.
    public init() {
        context = begunContext()
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Puts the digest of the bytes, 32 bytes, in the place of what `digest` holds; its room is used again.
    public func digest(_ bytes: ArraySlice<UInt8>, into digest: inout [UInt8]) {
        var status = EVP_DigestInit_ex2(context, nil, nil)
        status &= bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        finish(context, status, &digest)
    }
}

/// HMAC-SHA256 (RFC 2104) of many messages with one key, one after another.
///
/// The key is worked in once; OpenSSL overwrites what came of it when the last owner is gone. Not for two threads at a time.
public final class HMACSHA256Hasher {
    private let inner: OpaquePointer
    private let outer: OpaquePointer
    private let context: OpaquePointer

    /// Takes a key of any length, the empty one too; judging it is the caller's.
    public init(key: [UInt8]) {
        inner = begunContext()
        outer = begunContext()
        context = begunContext()
        let short = key.count > 64 ? Digest.sha256(key) : key
        var block = [UInt8](repeating: 0, count: 64)
        block.replaceSubrange(0..<short.count, with: short)
        var status: Int32 = 1
        for (begun, pad) in [(inner, UInt8(0x36)), (outer, UInt8(0x36 ^ 0x5C))] {
            for index in block.indices { block[index] ^= pad }
            status &= EVP_DigestUpdate(begun, block, block.count)
        }
        block.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        precondition(status == 1, "OpenSSL takes no digest's input")
    }

    deinit {
        EVP_MD_CTX_free(inner)
        EVP_MD_CTX_free(outer)
        EVP_MD_CTX_free(context)
    }

    /// Puts the code of the message, 32 bytes, in the place of what `code` holds; its room is used again.
    public func authenticate(_ message: ArraySlice<UInt8>, into code: inout [UInt8]) {
        var status = EVP_MD_CTX_copy_ex(context, inner)
        status &= message.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        finish(context, status, &code)
        status = EVP_MD_CTX_copy_ex(context, outer)
        status &= EVP_DigestUpdate(context, code, code.count)
        finish(context, status, &code)
    }
}

/// A context in which a digest with SHA-256 has begun; the caller frees it.
private func begunContext() -> OpaquePointer {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, EVP_sha256(), nil) == 1 else {
        preconditionFailure("OpenSSL offers no SHA-256")
    }
    return context
}

/// Ends what went well so far, and puts the 32 bytes in the place of what `value` holds.
private func finish(_ context: OpaquePointer, _ status: Int32, _ value: inout [UInt8]) {
    if value.count != 32 { value = [UInt8](repeating: 0, count: 32) }
    // No input can make it fail: only a library without the algorithm or without memory, with which nothing here can work.
    precondition(status == 1 && EVP_DigestFinal_ex(context, &value, nil) == 1, "OpenSSL could not take a digest")
}
