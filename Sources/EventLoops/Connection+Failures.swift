internal import CLibevent
internal import COpenSSL
internal import Glibc

// What went wrong on a connection, in words.
extension Connection {
    /// Why the TLS handshake failed; the certificate's fault is told apart.
    func handshakeError(_ code: Int32) -> SocketError {
        guard let bufferEvent else { return .cancelled }
        let verdict = SSL_get_verify_result(bufferevent_openssl_get_ssl(bufferEvent))
        if verdict != Int(X509_V_OK), let text = X509_verify_cert_error_string(verdict) {
            return .certificate(reason: String(cString: text))
        }
        let failure = bufferevent_get_openssl_error(bufferEvent)
        return .handshake(reason: failure != 0 ? tlsErrorText(failure) : systemErrorText(code))
    }

    /// Why an established connection failed.
    func transportErrorText(_ code: Int32) -> String {
        if isTLS, let bufferEvent {
            let failure = bufferevent_get_openssl_error(bufferEvent)
            if failure != 0 { return tlsErrorText(failure) }
        }
        return code == 0 ? "connection failed" : systemErrorText(code)
    }
}
