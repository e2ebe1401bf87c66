public import EventLoops
public import HTTPWire

extension WebSocket {
    /// What answers a client's request for a WebSocket, to be sent with status 101; `nil` when it is not one.
    ///
    /// It must be a GET over HTTP/1.1 that asks for version 13 with one key of 16 bytes. No subprotocol and no extension
    /// is accepted.
    ///
    /// - Source: RFC 6455, section 4.2.
    public nonisolated static func upgradeFields(for request: HTTPRequestHead) -> HTTPFields? {
        let fields = request.fields
        guard request.method == .get, request.version == .http11, fields.contains("Upgrade", token: "websocket"),
            fields.contains("Connection", token: "upgrade"), fields.values(of: "Sec-WebSocket-Version") == ["13"],
            fields.count(of: "Sec-WebSocket-Key") == 1, let key = fields["Sec-WebSocket-Key"], HandshakeKey.isValid(key)
        else { return nil }
        return ["Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": HandshakeKey.accept(key)]
    }

    /// Takes over a connection whose upgrade has been answered with ``upgradeFields(for:)``.
    ///
    /// - Parameter leftover: What the client sent behind its request.
    public static func accept(
        connection: Connection, leftover: [UInt8] = [], request: HTTPRequestHead,
        limits: WebSocketLimits = WebSocketLimits()
    ) -> WebSocket {
        connection.pauseReading()
        return WebSocket(connection, isClient: false, leftover: leftover, limits: limits, request: request)
    }
}
