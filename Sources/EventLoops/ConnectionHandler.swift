/// Takes what happens on a ``Connection``. The connection holds it until the connection is closed.
@LoopActor
public protocol ConnectionHandler: AnyObject {
    /// Bytes arrived. All of them are consumed by the call: what is needed later is copied.
    func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer)

    /// Output that had to wait has all gone to the kernel. Not called for a write the kernel took at once.
    func connectionDrained(_ connection: Connection)

    /// The peer has ended its direction. Returning true keeps ours open, and the handler must close it;
    /// false closes now, with ``CloseReason/peerEnd``. Not asked on TLS, where the peer's end is the end.
    func connectionPeerEnded(_ connection: Connection) -> Bool

    /// The connection is closed; its descriptor is released by the end of the loop's turn. Called exactly once, never
    /// from inside a call into the connection, and nothing is called after it.
    func connectionClosed(_ connection: Connection, reason: CloseReason)
}

extension ConnectionHandler {
    /// Nothing waits for the drain.
    public func connectionDrained(_ connection: Connection) {}

    /// Closes.
    public func connectionPeerEnded(_ connection: Connection) -> Bool { false }
}

/// Why a connection is closed.
public enum CloseReason: Equatable, Sendable {
    /// The peer ended its direction of the stream.
    case peerEnd
    /// The network, the peer or TLS failed, or the output grew over its limit; the text says which.
    case error(String)
    /// This side closed it.
    case local
    /// This side was closing it and the peer took too long.
    case timeout
}
