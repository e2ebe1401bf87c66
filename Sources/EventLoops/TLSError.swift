internal import COpenSSL

/// A certificate, key or authority file that cannot be used.
public struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path as given.
    public let file: String
    /// OpenSSL's reason.
    public let reason: String

    /// Path and reason in one line.
    public var description: String { "\(file): \(reason)" }
}

/// What both sides of TLS have in common.
func setCommonTLSOptions(_ context: OpaquePointer?) {
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    // libevent retries a write with its buffer moved, and takes what was written of it.
    let mode = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
    SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(mode), nil)
    // SSL_OP_IGNORE_UNEXPECTED_EOF (bit 7; a macro call, not imported): a stream that ends without close_notify ends.
    // Every protocol above has a length or an end mark of its own, so a cut is noticed there.
    _ = SSL_CTX_set_options(context, 1 << 7)
}

/// The newest reason in OpenSSL's queue, which is emptied.
func takeTLSErrorText() -> String {
    var newest: UInt = 0
    while true {
        let code = ERR_get_error()
        guard code != 0 else { break }
        newest = code
    }
    return tlsErrorText(newest)
}

/// OpenSSL's text for one of its error codes.
func tlsErrorText(_ code: UInt) -> String {
    guard code != 0 else { return "unknown reason" }
    if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
    // Codes that wrap an errno value have no reason of OpenSSL's own.
    return code & 0x8000_0000 != 0 ? systemErrorText(Int32(truncatingIfNeeded: code & 0x7FFF_FFFF)) : "error \(code)"
}
