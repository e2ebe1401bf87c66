import EventLoops
import TestSupport

/// A server that answers each connection's bytes by a script, without understanding them.
@LoopActor
final class ScriptedServer: ConnectionHandler {
    /// What to do with a request whose head is complete.
    enum Step {
        case answer(String)
        case answerAndClose(String)
        case stay
        case cut
    }

    private(set) var accepted = 0
    private(set) var requests: [String] = []
    private var listener: Listener?
    private var buffers: [ObjectIdentifier: String] = [:]
    private let script: (String) -> Step

    init(_ script: @escaping (String) -> Step) throws {
        self.script = script
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { throw SocketError.cancelled }
        listener = try Listener(address: address) { [weak self] connection in
            self?.accepted += 1
            connection.handler = self
        }
    }

    var url: String { "http://127.0.0.1:\(listener?.address.port ?? 0)" }

    func close() { listener?.close() }

    func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        let id = ObjectIdentifier(connection)
        buffers[id, default: ""] += String(decoding: bytes, as: UTF8.self)
        guard let text = buffers[id], text.contains("\r\n\r\n") else { return }
        buffers[id] = ""
        requests.append(text)
        switch script(text) {
        case .answer(let answer): connection.write(Array(answer.utf8))
        case .answerAndClose(let answer):
            connection.write(Array(answer.utf8))
            connection.closeAfterFlush()
        case .stay: break
        case .cut: connection.abort()
        }
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) {
        buffers[ObjectIdentifier(connection)] = nil
    }
}

func ok(_ body: String, _ fields: String = "") -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
}
