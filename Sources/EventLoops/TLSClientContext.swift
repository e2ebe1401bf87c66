internal import COpenSSL

/// How connections made by this side are secured: TLS 1.2 or later, the peer's certificate checked against a set of
/// authorities, its name against the name dialled.
public final class TLSClientContext: @unchecked Sendable {
    /// OpenSSL's context; freed in deinit. Each connection's session holds a count of its own.
    let context: OpaquePointer?

    /// Trusts the authorities of the system (`SSL_CERT_FILE` and `SSL_CERT_DIR` override them).
    public static let system = TLSClientContext()

    private init() {
        context = TLSClientContext.makeContext()
        SSL_CTX_set_default_verify_paths(context)
    }

    /// Trusts the authorities in a PEM file, and no others.
    ///
    /// - Throws: ``TLSError`` when the file is unreadable or holds no certificate.
    public init(caFile: String) throws(TLSError) {
        let context = TLSClientContext.makeContext()
        ERR_clear_error()
        guard SSL_CTX_load_verify_file(context, caFile) == 1 else {
            let reason = takeTLSErrorText()
            SSL_CTX_free(context)
            throw TLSError(file: caFile, reason: reason)
        }
        self.context = context
    }

    deinit {
        SSL_CTX_free(context)
    }

    private static func makeContext() -> OpaquePointer? {
        let context = SSL_CTX_new(TLS_client_method())
        setCommonTLSOptions(context)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        return context
    }

    /// A session that will verify `serverName`, a host name or an address literal. The caller owns it.
    /// `nil` when OpenSSL is out of memory or refuses the name.
    func makeSession(serverName: String) -> OpaquePointer? {
        guard let context, !serverName.utf8.contains(0), let session = SSL_new(context) else { return nil }
        let isNamed: Bool
        if SocketAddress(host: serverName, port: 0) != nil {
            isNamed = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), serverName) == 1
        } else {
            SSL_set_hostflags(session, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            isNamed =
                !serverName.isEmpty && SSL_set1_host(session, serverName) == 1 && setIndication(session, serverName)
        }
        guard isNamed else {
            SSL_free(session)
            return nil
        }
        return session
    }

    /// Server name indication (RFC 6066); OpenSSL copies the name.
    private func setIndication(_ session: OpaquePointer, _ name: String) -> Bool {
        name.withCString {
            SSL_ctrl(
                session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
                UnsafeMutableRawPointer(mutating: $0))
                == 1
        }
    }
}
