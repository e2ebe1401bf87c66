import EventLoops
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: ["127.0.0.1:0", "0.0.0.0:65535", "[::1]:8080", "[2001:db8::1]:443"])
    func aLiteralIsReadAndWrittenBack(text: String) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == text)
        #expect(SocketAddress(host: address.ip, port: address.port) == address)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:080808",
        "localhost:80", "::1:80", "[::1]", "[127.0.0.1]:80", "[::1:80", "127.1:80", "127.0.0.1 :80", "[::1]x:80",
    ])
    func anythingElseIsNotAnAddress(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func loopbackIsKnownInEveryForm() {
        for host in ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"] {
            #expect(SocketAddress(host: host, port: 1)?.isLoopback == true)
        }
        for host in ["128.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1", "fe80::1"] {
            #expect(SocketAddress(host: host, port: 1)?.isLoopback == false)
        }
    }
}
