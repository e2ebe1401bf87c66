import EventLoops
import TestSupport
import Testing

@testable import WebSockets

/// Keeps what a WebSocket tells.
@LoopActor
final class SocketLog {
    private(set) var messages: [WebSocketMessage] = []
    private(set) var pings: [[UInt8]] = []
    private(set) var pongs: [[UInt8]] = []
    private(set) var closures: [WebSocketClosure] = []

    init() {}

    init(_ socket: WebSocket) { attach(socket) }

    func attach(_ socket: WebSocket) {
        socket.onPing = { self.pings.append($0) }
        socket.onPong = { self.pongs.append($0) }
        socket.onClose = { self.closures.append($0) }
        socket.onMessage = { self.messages.append($0) }
    }
}

/// A server for one test: it upgrades each connection, or does what the test sets instead.
@LoopActor
final class TestServer: ConnectionHandler {
    let log = SocketLog()
    private(set) var socket: WebSocket?
    private(set) var head = ""
    private(set) var accepted = 0
    /// Sent in place of the upgrade, as it is.
    var refusal: String?
    /// Sent behind the upgrade, as it is; the connection then belongs to `rawLog`.
    var rawAnswer: [UInt8]?
    let rawLog = RecordingHandler()

    private var listener: Listener?
    private let isSecure: Bool
    private let limits: WebSocketLimits
    private let onUpgrade: (WebSocket) -> Void
    private var received: [UInt8] = []

    init(
        certificate: String? = nil, limits: WebSocketLimits = WebSocketLimits(),
        onUpgrade: @escaping (WebSocket) -> Void
    ) throws {
        self.limits = limits
        self.onUpgrade = onUpgrade
        isSecure = certificate != nil
        let tls = try certificate.map {
            try TLSServerContext(certificateChainFile: $0, privateKeyFile: TestCertificates.key)
        }
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        listener = try Listener(address: address, tls: tls) { [weak self] connection in
            self?.accepted += 1
            connection.handler = self
        }
    }

    var address: SocketAddress { listener?.address ?? SocketAddress("127.0.0.1:1").unsafelyUnwrapped }
    var url: String { "\(isSecure ? "wss" : "ws")://\(address)" }

    /// The first frame the client sent to a raw server.
    var rawFrame: (opcode: UInt8, isMasked: Bool, payload: [UInt8])? {
        var frame: (opcode: UInt8, isMasked: Bool, payload: [UInt8])?
        _ = rawLog.received.withUnsafeBytes { bytes in
            FrameCodec().read(bytes) { part in
                frame = (part.opcode, part.isMasked, Array(part.bytes))
                return false
            }
        }
        return frame
    }

    func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        received += bytes
        guard
            let end = received.indices.dropFirst(3).first(where: {
                received[..<($0 + 1)].suffix(4) == [13, 10, 13, 10]
            })
        else { return }
        head = String(decoding: received[...end], as: UTF8.self)
        let leftover = Array(received[(end + 1)...])
        received = []
        if let refusal { return connection.write(Array(refusal.utf8)) }
        let line = head.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") } ?? ""
        let accept = HandshakeKey.accept(String(line.dropFirst(19)))
        connection.write(
            Array(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n".utf8)
                + Array("Sec-WebSocket-Accept: \(accept)\r\n\r\n".utf8))
        if let rawAnswer {
            connection.handler = rawLog
            return connection.write(rawAnswer)
        }
        connection.pauseReading()
        let socket = WebSocket(connection, isClient: false, leftover: leftover, limits: limits)
        self.socket = socket
        log.attach(socket)
        onUpgrade(socket)
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) {}
}

/// A client and the server's end it is connected to.
@LoopActor
final class SocketPair {
    let server: TestServer
    let client: WebSocket
    let log: SocketLog

    init(isSecure: Bool = false, limits: WebSocketLimits = WebSocketLimits()) async throws {
        server = try TestServer(certificate: isSecure ? TestCertificates.server : nil, limits: limits) { _ in }
        let tls = try TLSClientContext(caFile: TestCertificates.authority)
        client = try await WebSocket.connect(url: server.url, tls: tls, limits: limits, deadline: .seconds(20))
        log = SocketLog(client)
    }

    func close() {
        client.abort()
        server.socket?.abort()
    }
}
