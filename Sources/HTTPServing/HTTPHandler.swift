public import Clocks
public import EventLoops
public import HTTPWire

/// Answers requests. Each is given to it once, whole, with its body.
@LoopActor
public protocol HTTPHandler: AnyObject {
    /// Decides on the answer. It must not wait: what takes time is `pending`.
    func respond(to request: HTTPRequest) -> HTTPReply
}

/// A whole request and where it came from.
public struct HTTPRequest: Sendable {
    /// Method, target, fields.
    public let head: HTTPRequestHead
    /// The body without its framing; empty if there is none.
    public let body: [UInt8]
    /// The other end of the connection: a proxy, perhaps.
    public let peer: SocketAddress
    /// Its address as text, without the port.
    public let peerIP: String
    /// This end.
    public let local: SocketAddress
    /// Whether it came over TLS.
    public let isTLS: Bool
    /// The client's `X-Request-Id` if it is a valid one, otherwise made. The server writes it on the answer.
    public let id: RequestID
    /// When its last byte was read.
    public let receivedAt: Instant

    /// A request by hand, for calls that bypass the wire.
    public init(
        head: HTTPRequestHead, body: [UInt8] = [], peer: SocketAddress, local: SocketAddress, isTLS: Bool = false,
        id: RequestID, receivedAt: Instant
    ) {
        self.init(
            head: head, body: body, peer: peer, peerIP: peer.ip, local: local, isTLS: isTLS, id: id,
            receivedAt: receivedAt)
    }

    /// The same with the peer's address, which a connection knows.
    init(
        head: HTTPRequestHead, body: [UInt8], peer: SocketAddress, peerIP: String, local: SocketAddress, isTLS: Bool,
        id: RequestID, receivedAt: Instant
    ) {
        self.head = head
        self.body = body
        self.peer = peer
        self.peerIP = peerIP
        self.local = local
        self.isTLS = isTLS
        self.id = id
        self.receivedAt = receivedAt
    }
}

/// How a request is answered.
public enum HTTPReply {
    /// At once, from memory.
    case ready(HTTPResponse)
    /// Later. The task is cancelled when the client leaves or the deadline passes; what it returns then is dropped.
    case pending(@LoopActor @Sendable () async -> HTTPResponse)
    /// A 200 with these fields, and a body that is written as it comes: `start` is called once the head is sent. For HEAD
    /// only the head is sent, and `start` is not called.
    case stream(HTTPFields, start: @LoopActor (HTTPStream) -> Void)
    /// A 101 with these fields, which hold `Connection` and `Upgrade`; then the connection is the handler's own. `start`
    /// sets its `handler` and is given the bytes that came behind the request.
    case upgrade(HTTPFields, start: @LoopActor (Connection, _ leftover: [UInt8]) -> Void)
    /// No answer: the connection breaks.
    case hangUp
}
