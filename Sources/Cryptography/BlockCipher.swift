internal import COpenSSL

/// AES with a key of 128 bits, as some brokers' sockets use it (FIPS 197; OpenSSL's EVP).
///
/// Neither mode authenticates what it hides: who needs that uses ``SealingKey``.
public struct BlockCipher: Sendable {
    /// How blocks are chained.
    public enum Mode: Sendable, Equatable {
        /// Each block on its own: equal blocks look equal.
        case electronicCodebook
        /// Each block mixed with the one before it; the first with `vector`.
        case chained(vector: [UInt8])
    }

    /// What is done about a length that is no multiple of a block.
    public enum Padding: Sendable, Equatable {
        /// Such a length is refused.
        case none
        /// PKCS #7 (RFC 5652 §6.3): 1 to 16 bytes, always there.
        case standard
    }

    /// Why bytes are not encrypted or decrypted.
    public enum Failure: Error, Equatable, Sendable {
        /// The length is no multiple of a block where it has to be.
        case partialBlock
        /// The padding is not one: another key, another text, or a changed bit.
        case invalidPadding
    }

    /// Bytes of a block, of a key and of a vector.
    public static let blockSize = 16

    private let key: Secret
    private let mode: Mode

    /// A cipher of one key; `nil` if the key or the vector has not 16 bytes.
    public init?(key: [UInt8], mode: Mode) {
        guard key.count == BlockCipher.blockSize else { return nil }
        if case .chained(let vector) = mode, vector.count != BlockCipher.blockSize { return nil }
        self.key = Secret(key)
        self.mode = mode
    }

    /// The cipher text of `plain`.
    public func encrypt(_ plain: some Collection<UInt8>, padding: Padding) throws(Failure) -> [UInt8] {
        guard padding == .standard || plain.count.isMultiple(of: BlockCipher.blockSize) else { throw .partialBlock }
        guard let text = run(Array(plain), isEncrypting: true, padding: padding) else { throw .invalidPadding }
        return text
    }

    /// The plain text of `text`. With standard padding at least one block is needed.
    public func decrypt(_ text: some Collection<UInt8>, padding: Padding) throws(Failure) -> [UInt8] {
        guard text.count.isMultiple(of: BlockCipher.blockSize) else { throw .partialBlock }
        guard let plain = run(Array(text), isEncrypting: false, padding: padding) else { throw .invalidPadding }
        return plain
    }

    private func run(_ input: [UInt8], isEncrypting: Bool, padding: Padding) -> [UInt8]? {
        guard let cipher = EVP_CIPHER_CTX_new() else { preconditionFailure("no memory for a cipher") }
        defer { EVP_CIPHER_CTX_free(cipher) }
        let algorithm: OpaquePointer?
        var vector: [UInt8] = []
        switch mode {
        case .electronicCodebook: algorithm = EVP_aes_128_ecb()
        case .chained(let start):
            algorithm = EVP_aes_128_cbc()
            vector = start
        }
        let isReady = key.withBytes { key in
            EVP_CipherInit_ex(cipher, algorithm, nil, key, vector.isEmpty ? nil : vector, isEncrypting ? 1 : 0) == 1
        }
        // No input can make it fail: only a library without the cipher, with which nothing here can work.
        precondition(isReady, "OpenSSL offers no AES-128")
        EVP_CIPHER_CTX_set_padding(cipher, padding == .standard ? 1 : 0)
        var output = [UInt8](repeating: 0, count: input.count + BlockCipher.blockSize)
        var count: Int32 = 0
        var rest: Int32 = 0
        let isDone = output.withUnsafeMutableBufferPointer { space -> Bool in
            guard let start = space.baseAddress,
                EVP_CipherUpdate(cipher, start, &count, input, Int32(input.count)) == 1
            else { return false }
            return EVP_CipherFinal_ex(cipher, start + Int(count), &rest) == 1
        }
        // A refusal leaves its reason in the thread's queue, where the next TLS call would find it.
        guard isDone else {
            ERR_clear_error()
            return nil
        }
        output.removeSubrange((Int(count) + Int(rest))...)
        return output
    }
}
