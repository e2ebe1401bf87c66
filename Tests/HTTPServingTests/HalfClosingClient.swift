import EventLoops
import Glibc
import TestSupport
import Testing

/// A bare socket that can end its sending side and read on, which a connection of the loop cannot.
@LoopActor
final class HalfClosingClient {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        // The kernel answers for the listener, so this does not wait for the loop.
        let failure = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(failure == 0)
    }

    isolated deinit {
        close(descriptor)
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// How many bytes came before the end.
    func receiveAll() async -> Int {
        var count = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let hasEnded = await until {
            while true {
                let received = recv(self.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                guard received > 0 else { return received == 0 || errno != EAGAIN }
                count += received
            }
        }
        #expect(hasEnded)
        return count
    }
}
