internal import Clocks
public import EventLoops

extension WebSocket {
    /// Opens a WebSocket as a client.
    ///
    /// - Parameters:
    ///   - url: `ws://` or `wss://`. Path and query are sent exactly as written.
    ///   - fields: Sent behind the handshake's own, in this order.
    ///   - tls: Who is trusted, for `wss`; the certificate is verified for the URL's host.
    ///   - deadline: For all of it: name, connection, TLS and the server's answer.
    /// - Throws: ``WebSocketError``; the connection is closed then.
    public static func connect(
        url: String, fields: [(String, String)] = [], tls: TLSClientContext = .system,
        limits: WebSocketLimits = WebSocketLimits(), deadline: Duration
    ) async throws(WebSocketError) -> WebSocket {
        let end = Instant.now() + deadline
        let url = try WebSocketURL(url)
        let request = try UpgradeRequest(url, key: HandshakeKey.make(), fields: fields)
        let connection: Connection
        do {
            connection = try await Connection.connect(
                host: url.host, port: url.port, tls: url.isSecure ? tls : nil, deadline: deadline)
        } catch {
            switch error {
            case .cancelled: throw .cancelled
            case .timedOut: throw .timedOut
            case .unresolved, .system, .certificate, .handshake: throw .unreachable(error)
            }
        }
        let handshake = ClientHandshake(request)
        connection.handler = handshake
        connection.write(request.bytes)
        let timer = LoopTimer { handshake.outcome.resolve(.failure(.timedOut)) }
        timer.schedule(after: end - Instant.now())
        defer { timer.cancel() }
        do {
            let leftover = try await handshake.outcome.value().get()
            guard connection.isOpen else { throw WebSocketError.handshake(reason: "the connection was lost") }
            return WebSocket(connection, isClient: true, leftover: leftover, limits: limits)
        } catch {
            connection.abort()
            throw error as? WebSocketError ?? .cancelled
        }
    }
}

/// Waits for the server's answer on a connection, and pauses reading behind it.
@LoopActor
private final class ClientHandshake: ConnectionHandler {
    let outcome = Completion<Result<[UInt8], WebSocketError>>()
    private var response: UpgradeResponse

    init(_ request: UpgradeRequest) {
        response = UpgradeResponse(to: request)
    }

    func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        guard outcome.current == nil else { return }
        do {
            guard let leftover = try response.received(bytes) else { return }
            connection.pauseReading()
            outcome.resolve(.success(leftover))
        } catch {
            outcome.resolve(.failure(error))
        }
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) {
        outcome.resolve(.failure(.handshake(reason: "the connection ended before the answer")))
    }
}
