internal import LongbridgeWire
internal import WebSockets

/// What happens once, at the moment it is asked for. What lasts is in ``SandboxFaults``.
extension LongbridgeSandbox {
    /// The vendor's reasons to close a socket.
    public enum CloseCode: Int32, Sendable, CaseIterable {
        case heartbeatTimeout = 0
        case serverError = 1
        case serverShutdown = 2
        case unpackError = 3
        case authError = 4
        case sessionExpired = 5
        case connectDuplicate = 6
    }

    /// How many sockets are connected, logged in or not.
    public var socketCount: Int { sockets.count }

    /// Securities subscribed on any socket.
    public var subscribedSymbols: Set<String> {
        sockets.values.reduce(into: []) { $0.formUnion($1.subscriptions.types.keys) }
    }

    /// Every socket breaks without a word.
    public func dropAllSockets() {
        for socket in sockets.values { socket.drop() }
    }

    /// Every socket is closed with a close packet and the WebSocket's own close.
    public func closeAllSockets(_ code: CloseCode, reason: String = "as asked") {
        for socket in sockets.values { socket.close(Longbridge.Control.Close.Code(rawValue: code.rawValue), reason) }
    }

    /// Every socket is sent a message that no broker should send.
    public func sendGarbage(_ garbage: SandboxGarbage) {
        let bytes = garbage.bytes
        for socket in sockets.values { socket.send(bytes) }
    }

    /// No session can be come back to any more; who is logged in stays so.
    public func expireSessions() {
        sessions.expireAll()
    }

    /// Whether the access token is taken as expired: 401003.
    public var isTokenExpired: Bool {
        get { check.isTokenExpired }
        set { check.isTokenExpired = newValue }
    }

    /// Whether equal calls signed in one whole second are a replay (403202). The vendor's client signs in whole seconds;
    /// off, it may make two such calls in a second. Signatures of another second, or with a fraction, are always replays.
    public var refusesEqualSeconds: Bool {
        get { check.refusesEqualSeconds }
        set { check.refusesEqualSeconds = newValue }
    }
}
