import EventLoops
import Glibc
import TestSupport
import Testing

/// A client and the server it is connected to, both on the loop.
@LoopActor
final class ConnectionPair {
    let listener: Listener
    let client: Connection
    let server: Connection
    let clientHandler: RecordingHandler
    let serverHandler: RecordingHandler

    init(server: RecordingHandler? = nil, serverTLS: TLSServerContext? = nil, tls: TLSClientContext? = nil) async throws
    {
        let serverHandler = server ?? RecordingHandler()
        let clientHandler = RecordingHandler()
        var accepted: Connection?
        let listener = try Listener(address: loopback(), tls: serverTLS) { connection in
            connection.handler = serverHandler
            accepted = connection
        }
        client = try await Connection.connect(
            host: "127.0.0.1", port: listener.address.port, tls: tls, deadline: .seconds(20))
        client.handler = clientHandler
        self.listener = listener
        self.clientHandler = clientHandler
        self.serverHandler = serverHandler
        _ = await until { accepted != nil }
        self.server = try #require(accepted)
    }

    func close() {
        client.abort()
        server.abort()
        listener.close()
    }
}

/// A connection whose other end is a bare socket of the test's.
@LoopActor
final class RawPeer {
    let descriptor: Int32
    private let listener: Listener
    private var accepted: Connection?
    private var isClosed = false

    /// The loop's end; nil only after ``forgetConnection()``.
    var connection: Connection { accepted.unsafelyUnwrapped }

    init() async throws {
        var accepted: Connection?
        listener = try Listener(address: loopback()) { accepted = $0 }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let port = listener.address.port
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(connected == 0)
        _ = await until { accepted != nil }
        let connection: Connection = try #require(accepted)
        self.accepted = connection
        accepted = nil
    }

    func forgetConnection() {
        accepted = nil
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) {
        let sent = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        #expect(sent == bytes.count)
    }

    /// Reads to the end of the stream, without ever blocking the loop.
    func receiveAll() async -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        let hasEnded = await until {
            while true {
                let count = recv(self.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return count == 0 || errno != EAGAIN }
                all += buffer.prefix(count)
            }
        }
        #expect(hasEnded)
        close()
        return all
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        Glibc.close(descriptor)
    }

    /// Closes with a reset instead of an end.
    func reset() {
        var hard = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}

/// 127.0.0.1 with a port of the kernel's choice.
func loopback() throws -> SocketAddress {
    try #require(SocketAddress(host: "127.0.0.1", port: 0))
}

/// At least `count` bytes that repeat with a period no buffer size shares; made by doubling, as a debug build maps slowly.
func patterned(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](0..<251)
    while bytes.count < count { bytes += bytes }
    return bytes
}
