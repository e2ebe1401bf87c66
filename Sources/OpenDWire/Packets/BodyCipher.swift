public import Cryptography

/// What hides the bodies of a connection; headers are never hidden.
///
/// InitConnect and its reply are ``plain`` or ``rsa(_:)``; everything behind them is what `packetEncAlgo` asked for, with
/// the key the reply brought.
/// - Source: Futu OpenAPI, "Encryption process"; the vendor's Python client 10.11 for the tail block and the pieces.
public enum BodyCipher: Sendable {
    /// Nothing: as sent.
    case plain
    /// Pieces of up to 100 bytes, each an RSA block, one behind the other.
    case rsa(RSAKey)
    /// AES_ECB (1): the standard's padding. The vendor documents none; PKCS #7 is what others assume.
    case electronicCodebook(BlockCipher)
    /// FTAES_ECB (0): zeros up to a block, then a block in plain whose last byte says how much of the last one counts.
    case tailed(BlockCipher)
    /// AES_CBC (2): PKCS #7, each body from the same vector.
    case chained(BlockCipher)

    /// The vendor's number for a way of hiding, `packetEncAlgo` in InitConnect.
    public enum Algorithm: Int32, Sendable, Equatable, CaseIterable {
        /// Plain bodies.
        case none = -1
        /// The vendor's tail block.
        case tailed = 0
        /// AES-128-ECB with the standard's padding.
        case electronicCodebook = 1
        /// AES-128-CBC.
        case chained = 2
    }

    private static let pieceSize = 100
    private static let tail = BlockCipher.blockSize

    /// The cipher behind InitConnect. `key` is `connAESKey`, `vector` is `aesCBCiv`, 16 ASCII characters each; `nil` if
    /// they are not. A gateway that was asked for CBC and gives no vector is old and uses the tail block.
    public static func negotiated(_ algorithm: Algorithm, key: String, vector: String?) -> BodyCipher? {
        let codebook = BlockCipher(key: Array(key.utf8), mode: .electronicCodebook)
        switch algorithm {
        case .none: return .plain
        case .tailed: return codebook.map { .tailed($0) }
        case .electronicCodebook: return codebook.map { .electronicCodebook($0) }
        case .chained:
            guard let vector, !vector.isEmpty else { return codebook.map { .tailed($0) } }
            let mode = BlockCipher.Mode.chained(vector: Array(vector.utf8))
            return BlockCipher(key: Array(key.utf8), mode: mode).map { .chained($0) }
        }
    }

    /// The body as it travels.
    public func encrypt(_ plain: [UInt8]) throws(OpenDPacketError) -> [UInt8] {
        switch self {
        case .plain: return plain
        case .rsa(let key): return try BodyCipher.rsaEncrypt(plain, key)
        case .electronicCodebook(let cipher), .chained(let cipher):
            do throws(BlockCipher.Failure) {
                return try cipher.encrypt(plain, padding: .standard)
            } catch { throw .undecipherable }
        case .tailed(let cipher):
            let over = plain.count % BodyCipher.tail
            let filling = over == 0 ? 0 : BodyCipher.tail - over
            do throws(BlockCipher.Failure) {
                let text = try cipher.encrypt(plain + [UInt8](repeating: 0, count: filling), padding: .none)
                return text + [UInt8](repeating: 0, count: BodyCipher.tail - 1) + [UInt8(over)]
            } catch { throw .undecipherable }
        }
    }

    /// The plain body. Whether it is the right one, the digest tells.
    public func decrypt(_ text: [UInt8]) throws(OpenDPacketError) -> [UInt8] {
        switch self {
        case .plain: return text
        case .rsa(let key): return try BodyCipher.rsaDecrypt(text, key)
        case .electronicCodebook(let cipher), .chained(let cipher):
            do throws(BlockCipher.Failure) {
                return try cipher.decrypt(text, padding: .standard)
            } catch { throw .undecipherable }
        case .tailed(let cipher):
            guard let over = text.last.map({ Int($0) }), over < BodyCipher.tail, text.count >= BodyCipher.tail else {
                throw .undecipherable
            }
            do throws(BlockCipher.Failure) {
                let plain = try cipher.decrypt(text.dropLast(BodyCipher.tail), padding: .none)
                guard over > 0 else { return plain }
                guard plain.count >= BodyCipher.tail else { throw BlockCipher.Failure.partialBlock }
                return plain.dropLast(BodyCipher.tail - over)
            } catch { throw .undecipherable }
        }
    }

    private static func rsaEncrypt(_ plain: [UInt8], _ key: RSAKey) throws(OpenDPacketError) -> [UInt8] {
        // A short key (512 bits are allowed) holds less than the usual piece.
        let size = max(1, min(pieceSize, key.blockSize - 11))
        var text: [UInt8] = []
        var rest = plain[...]
        repeat {
            do throws(RSAKey.Failure) { text += try key.encrypt(rest.prefix(size)) } catch { throw .undecipherable }
            rest = rest.dropFirst(size)
        } while !rest.isEmpty
        return text
    }

    private static func rsaDecrypt(_ text: [UInt8], _ key: RSAKey) throws(OpenDPacketError) -> [UInt8] {
        guard !text.isEmpty, text.count.isMultiple(of: key.blockSize) else { throw .undecipherable }
        var plain: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            do throws(RSAKey.Failure) {
                plain += try key.decrypt(rest.prefix(key.blockSize))
            } catch { throw .undecipherable }
            rest = rest.dropFirst(key.blockSize)
        }
        return plain
    }
}
