public import EventLoops

/// Keeps what a connection reports, for a test to look at.
@LoopActor
public final class RecordingHandler: ConnectionHandler {
    /// Every byte received.
    public private(set) var received: [UInt8] = []
    /// Every close reported: more than one is a bug.
    public private(set) var closings: [CloseReason] = []
    /// How often the output ran empty.
    public private(set) var drains = 0
    /// How often the peer ended its direction.
    public private(set) var peerEnds = 0
    /// Whether this side stays open after the peer's end.
    public var staysOpenAfterPeerEnd = false
    /// Called with the connection after each receipt.
    public var onReceive: ((Connection, [UInt8]) -> Void)?

    /// One that does nothing but record, or also calls `onReceive`.
    public init(onReceive: ((Connection, [UInt8]) -> Void)? = nil) {
        self.onReceive = onReceive
    }

    /// Whether the close was reported.
    public var isClosed: Bool { !closings.isEmpty }

    /// Records.
    public func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        received.append(contentsOf: bytes)
        onReceive?(connection, Array(bytes))
    }

    /// Records.
    public func connectionDrained(_ connection: Connection) {
        drains += 1
    }

    /// Records, and answers with ``staysOpenAfterPeerEnd``.
    public func connectionPeerEnded(_ connection: Connection) -> Bool {
        peerEnds += 1
        return staysOpenAfterPeerEnd
    }

    /// Records.
    public func connectionClosed(_ connection: Connection, reason: CloseReason) {
        closings.append(reason)
    }
}
