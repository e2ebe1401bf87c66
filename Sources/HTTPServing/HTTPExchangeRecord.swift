public import EventLoops
public import HTTPWire

/// What is known about one exchange once it is over, for the access log and metrics. It holds nothing of the path, the
/// query or the fields but what is named here.
public struct HTTPExchangeRecord: Sendable {
    /// How it ended.
    public enum Outcome: Sendable, Equatable {
        /// The answer was handed to the connection whole; for a stream, its owner finished it.
        case answered
        /// The client left before.
        case clientGone
        /// The connection became another protocol.
        case upgraded
    }

    /// Absent when the head could not be read.
    public var method: HTTPMethod?
    /// The handler's, from its response or stream.
    public var routeTemplate: String?
    /// Absent when the client left before it was decided.
    public var status: Int?
    /// The request's body, in bytes.
    public var requestBytes: Int
    /// The answer's body, in bytes, without framing.
    public var responseBytes: Int
    /// From the request's last byte to the end; zero for requests that were never whole.
    public var duration: Duration
    /// Who asked.
    public var peer: SocketAddress
    /// As on the answer.
    public var requestID: RequestID
    /// The handler's, from its response or stream.
    public var keyName: String?
    /// Whether it was a stream.
    public var isStream: Bool
    /// How it ended.
    public var outcome: Outcome
}
