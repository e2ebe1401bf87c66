internal import COpenSSL

/// A private RSA key: encrypts with its public part, decrypts with its private one, both with the padding of PKCS #1
/// version 1.5, block type 2 (RFC 8017 §7.2).
///
/// That padding is for brokers that demand it: a decrypter that tells a stranger whether a block was well formed can be
/// made to decrypt for him. Here both ends hold the same private key and talk over a loopback or a trusted network.
public final class RSAKey: @unchecked Sendable {
    /// Why a file is no key, or a text no block of it.
    public enum Failure: Error, Equatable, Sendable {
        /// Not an unencrypted private RSA key in PEM (PKCS #1 or PKCS #8), or one of fewer than 512 bits.
        case notAPrivateKey
        /// More bytes than a block holds: ``RSAKey/blockSize`` less 11.
        case tooLong
        /// Not of the length of a block, or not encrypted for this key.
        case refused
    }

    /// Bytes of an encrypted block: the length of the modulus.
    public let blockSize: Int
    /// Never changed after `init`, and OpenSSL counts its users atomically: hence safe to share. Freed by `deinit`.
    private let key: OpaquePointer

    /// Reads a PEM text. A key behind a passphrase is refused, not asked for.
    public init(pem: [UInt8]) throws(Failure) {
        guard pem.count <= 1 << 16, let source = BIO_new_mem_buf(pem, Int32(pem.count)) else { throw .notAPrivateKey }
        defer { BIO_free(source) }
        defer { ERR_clear_error() }
        // Without a callback, a passphrase given beforehand keeps OpenSSL from asking at the terminal.
        var noPassphrase: [CChar] = [0]
        guard let read = PEM_read_bio_PrivateKey(source, nil, nil, &noPassphrase) else { throw .notAPrivateKey }
        guard EVP_PKEY_get_base_id(read) == EVP_PKEY_RSA, EVP_PKEY_get_bits(read) >= 512 else {
            EVP_PKEY_free(read)
            throw .notAPrivateKey
        }
        key = read
        blockSize = Int(EVP_PKEY_get_size(read))
    }

    deinit {
        EVP_PKEY_free(key)
    }

    /// One block; the padding is random, so equal texts give different blocks.
    public func encrypt(_ plain: some Collection<UInt8>) throws(Failure) -> [UInt8] {
        guard plain.count <= blockSize - 11 else { throw .tooLong }
        return try run(Array(plain), initialise: EVP_PKEY_encrypt_init, EVP_PKEY_encrypt)
    }

    /// The text of one block.
    public func decrypt(_ block: some Collection<UInt8>) throws(Failure) -> [UInt8] {
        guard block.count == blockSize else { throw .refused }
        return try run(Array(block), initialise: EVP_PKEY_decrypt_init, EVP_PKEY_decrypt)
    }

    private typealias Operation = (
        OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int
    ) -> Int32

    private func run(
        _ input: [UInt8], initialise: (OpaquePointer?) -> Int32, _ operation: Operation
    ) throws(Failure) -> [UInt8] {
        guard let context = EVP_PKEY_CTX_new(key, nil) else { preconditionFailure("no memory for a cipher") }
        defer { EVP_PKEY_CTX_free(context) }
        defer { ERR_clear_error() }
        var output = [UInt8](repeating: 0, count: blockSize)
        var count = output.count
        guard initialise(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1,
            operation(context, &output, &count, input, input.count) == 1, count <= output.count
        else { throw .refused }
        output.removeSubrange(count...)
        return output
    }
}
