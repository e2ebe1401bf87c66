/// One whole message, whatever fragments it came in.
public enum WebSocketMessage: Equatable, Sendable {
    /// Valid UTF-8.
    case text(String)
    /// Any bytes.
    case binary([UInt8])
}

/// How a WebSocket ended.
public struct WebSocketClosure: Equatable, Sendable {
    /// The peer's close code as it was sent, legal or not; 1005 when it sent none; 1006 when there was no close frame;
    /// 1002, 1007 or 1009 when this side refused what the peer sent.
    public let code: UInt16
    /// The peer's text, or this side's reason for ending. For a log, not for a decision.
    public let reason: String
    /// Whether both sides ended it by the rules: a legal close frame arrived.
    public let wasClean: Bool
}

/// What a WebSocket may cost. Every bound is on this side's memory or work.
public struct WebSocketLimits: Equatable, Sendable {
    /// The most payload bytes of one message, all fragments together; more closes with 1009.
    public var maximumMessageBytes: Int
    /// The most fragments of one message; more closes with 1009.
    public var maximumFragments: Int
    /// The most bytes waiting to be sent; more ends the connection.
    public var maximumPendingOutput: Int
    /// Pings answered in a second, and at once; the rest go unanswered.
    public var pingAnswersPerSecond: Int
    /// How long the peer may take to answer a close frame, and then to end the connection.
    public var closeDeadline: Duration

    /// 8 MiB a message in at most 1024 fragments, 4 MiB waiting to be sent, 20 pings answered a second, 5 s to close.
    public init(
        maximumMessageBytes: Int = 8 << 20, maximumFragments: Int = 1024, maximumPendingOutput: Int = 4 << 20,
        pingAnswersPerSecond: Int = 20, closeDeadline: Duration = .seconds(5)
    ) {
        self.maximumMessageBytes = maximumMessageBytes
        self.maximumFragments = maximumFragments
        self.maximumPendingOutput = maximumPendingOutput
        self.pingAnswersPerSecond = pingAnswersPerSecond
        self.closeDeadline = closeDeadline
    }
}
