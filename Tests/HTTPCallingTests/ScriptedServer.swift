import EventLoops
import TestSupport

/// A server that answers each connection's bytes by a script, without understanding them.
@LoopActor
final class ScriptedServer: ConnectionHandler {
    /// What to do with a request whose head is complete.
    enum Step {
        case answer(String)
        case answerBytes([UInt8])
        case answerAndClose(String)
        case answerAndCut(String)
        case stay
        case cut
    }

    private(set) var accepted = 0
    /// How many connections are gone.
    private(set) var closed = 0
    private(set) var requests: [String] = []
    private var listener: Listener?
    private var buffers: [ObjectIdentifier: String] = [:]
    private let isTLS: Bool
    private let script: (String) -> Step

    /// `certificate` is one of `TestCertificates`, `nil` is plain; `greeting` is written before anything is read.
    init(certificate: String? = nil, greeting: String = "", _ script: @escaping (String) -> Step) throws {
        self.script = script
        isTLS = certificate != nil
        let tls = try certificate.map {
            try TLSServerContext(certificateChainFile: $0, privateKeyFile: TestCertificates.key)
        }
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { throw SocketError.cancelled }
        listener = try Listener(address: address, tls: tls) { [weak self] connection in
            self?.accepted += 1
            connection.handler = self
            connection.write(Array(greeting.utf8))
        }
    }

    var port: Int { listener?.address.port ?? 0 }

    var url: String { "\(isTLS ? "https" : "http")://127.0.0.1:\(port)" }

    func close() { listener?.close() }

    func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        let id = ObjectIdentifier(connection)
        buffers[id, default: ""] += String(decoding: bytes, as: UTF8.self)
        guard let text = buffers[id], text.contains("\r\n\r\n") else { return }
        buffers[id] = ""
        requests.append(text)
        switch script(text) {
        case .answer(let answer): connection.write(Array(answer.utf8))
        case .answerBytes(let answer): connection.write(answer)
        case .answerAndClose(let answer):
            connection.write(Array(answer.utf8))
            connection.closeAfterFlush()
        case .answerAndCut(let answer):
            connection.write(Array(answer.utf8))
            connection.abort()
        case .stay: break
        case .cut: connection.abort()
        }
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) {
        closed += 1
        buffers[ObjectIdentifier(connection)] = nil
    }
}

func ok(_ body: String, _ fields: String = "") -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
}
