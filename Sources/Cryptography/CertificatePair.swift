internal import COpenSSL

/// A certificate chain and a private key as PEM texts: whether a server could answer with them.
public enum CertificatePair {
    /// Why a pair cannot be used.
    public enum Refusal: Error, Equatable, Sendable {
        /// The text does not begin with a certificate in PEM, or a later one in it is broken.
        case notACertificateChain
        /// Not a private key in PEM, or one behind a passphrase, which nobody is asked for.
        case notAPrivateKey
        /// A private key, but not that of the chain's first certificate.
        case keyOfAnother
    }

    /// Reads both, the server's own certificate first, and compares their public keys. Dates and names are not judged.
    public static func judge(chain: [UInt8], key: [UInt8]) throws(Refusal) {
        defer { ERR_clear_error() }
        guard let certificates = BIO_new_mem_buf(chain, Int32(clamping: chain.count)) else {
            throw .notACertificateChain
        }
        defer { BIO_free(certificates) }
        guard let own = PEM_read_bio_X509(certificates, nil, nil, nil) else { throw .notACertificateChain }
        defer { X509_free(own) }
        while let next = PEM_read_bio_X509(certificates, nil, nil, nil) { X509_free(next) }
        // The end of the chain is where no further one begins; anything else is one that cannot be read.
        guard Int32(truncatingIfNeeded: ERR_peek_last_error() & 0x7F_FFFF) == PEM_R_NO_START_LINE else {
            throw .notACertificateChain
        }
        guard let source = BIO_new_mem_buf(key, Int32(clamping: key.count)) else { throw .notAPrivateKey }
        defer { BIO_free(source) }
        // Without a callback, a passphrase given beforehand keeps OpenSSL from asking at the terminal.
        var noPassphrase: [CChar] = [0]
        guard let privateKey = PEM_read_bio_PrivateKey(source, nil, nil, &noPassphrase) else { throw .notAPrivateKey }
        defer { EVP_PKEY_free(privateKey) }
        guard X509_check_private_key(own, privateKey) == 1 else { throw .keyOfAnother }
    }
}
