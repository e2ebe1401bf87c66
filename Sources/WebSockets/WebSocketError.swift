public import EventLoops

/// Why a WebSocket could not be opened.
public enum WebSocketError: Error, Equatable, Sendable {
    /// The URL is not `ws` or `wss` with a host, or holds a character a request line cannot.
    case malformedURL(String)
    /// An extra field has a name or value that cannot be sent, or names one the handshake sends itself.
    case malformedField(name: String)
    /// No connection, or none that could be trusted: nothing of the request was sent.
    case unreachable(SocketError)
    /// The server answered with another status than 101.
    case refused(status: Int)
    /// The server's answer is not the one RFC 6455 asks for.
    case handshake(reason: String)
    /// The deadline passed.
    case timedOut
    /// The waiting task was cancelled.
    case cancelled
}

extension WebSocketError: CustomStringConvertible {
    /// One line for a log or a status page; the URL's path and query, which may hold a secret, are not in it.
    public var description: String {
        switch self {
        case .malformedURL(let reason): "not a WebSocket URL: \(reason)"
        case .malformedField(let name): "the field \(name) cannot be sent"
        case .unreachable(let error): "\(error)"
        case .refused(let status): "the server refused the upgrade with status \(status)"
        case .handshake(let reason): "the server's upgrade is invalid: \(reason)"
        case .timedOut: "timed out"
        case .cancelled: "cancelled"
        }
    }
}
