internal import COpenSSL

/// The certificate and key a listener answers TLS with; TLS 1.2 or later.
public final class TLSServerContext: @unchecked Sendable {
    /// OpenSSL's context; freed in deinit. Each connection's session holds a count of its own.
    private let context: OpaquePointer

    /// Reads PEM files: the certificate followed by its intermediates, and the unencrypted private key.
    ///
    /// - Throws: ``TLSError`` when a file is unreadable or malformed, or the key is not the certificate's.
    public init(certificateChainFile: String, privateKeyFile: String) throws(TLSError) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw TLSError(file: certificateChainFile, reason: takeTLSErrorText())
        }
        setCommonTLSOptions(context)
        // Without this, OpenSSL asks at the terminal for the passphrase of a key that has one, and the loop waits.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        var failed: String?
        if SSL_CTX_use_certificate_chain_file(context, certificateChainFile) != 1 {
            failed = certificateChainFile
        } else if SSL_CTX_use_PrivateKey_file(context, privateKeyFile, SSL_FILETYPE_PEM) != 1
            || SSL_CTX_check_private_key(context) != 1
        {
            failed = privateKeyFile
        }
        if let failed {
            let reason = takeTLSErrorText()
            SSL_CTX_free(context)
            throw TLSError(file: failed, reason: reason)
        }
        self.context = context
    }

    deinit {
        SSL_CTX_free(context)
    }

    /// A session for one accepted connection; the caller owns it. `nil` when OpenSSL is out of memory.
    func makeSession() -> OpaquePointer? {
        SSL_new(context)
    }
}
