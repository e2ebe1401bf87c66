internal import Glibc

/// Why a socket could not be opened. In every case no byte of application data has been sent.
public enum SocketError: Error, Equatable, Sendable {
    /// The name has no address, or the resolver could not say.
    case unresolved(host: String, reason: String)
    /// A system call failed.
    case system(operation: String, code: Int32)
    /// The deadline passed.
    case timedOut
    /// The peer's certificate is expired, of another name, or signed by nobody trusted.
    case certificate(reason: String)
    /// The TLS handshake failed for another reason.
    case handshake(reason: String)
    /// The waiting task was cancelled.
    case cancelled
}

extension SocketError: CustomStringConvertible {
    /// One line for a log or a status page; it may hold a host name, never data.
    public var description: String {
        switch self {
        case .unresolved(let host, let reason): "\(host) could not be resolved: \(reason)"
        case .system(let operation, let code): "\(operation): \(systemErrorText(code))"
        case .timedOut: "timed out"
        case .certificate(let reason): "certificate refused: \(reason)"
        case .handshake(let reason): "TLS handshake failed: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}

/// The system's text for an errno value.
func systemErrorText(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
