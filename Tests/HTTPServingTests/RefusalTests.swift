import Bytes
import EventLoops
import HTTPServing
import HTTPWire
import TestSupport
import Testing

@Suite struct RefusalTests {
    init() { LoopRunner.start() }

    @Test(arguments: [
        ("GET /\r\n\r\n", 400, "malformed_request"),
        ("GET / HTTP/1.1\nHost: a\n\n", 400, "malformed_request"),
        ("GET / HTTP/1.1\r\n\r\n", 400, "malformed_request"),
        ("GET //x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request"),
        ("GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
            "malformed_request"
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000000000\r\n\r\n", 413, "body_too_large"),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413, "body_too_large"),
        ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: wonders\r\n\r\n", 417, "expectation_failed"),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "not_implemented"),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501, "not_implemented"),
        ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "http_version_not_supported"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "malformed_request"),
        ("\u{16}\u{03}\u{01}\u{02}", 400, "malformed_request"),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "misdirected_request"),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "misdirected_request"),
        ("GET / HTTP/1.0\r\n\r\n", 421, "misdirected_request"),
    ])
    @LoopActor func aFaultIsAnsweredWithAProblem(message: String, status: Int, code: String) async throws {
        let service = try TestService(adjust: {
            $0.hosts = HostPolicy(names: ["a", "b"].compactMap(HTTPAuthority.init))
        }) { _ in
            .ready(.text("reached"))
        }
        let client = try await service.client()
        client.send(message)
        let answer = try await client.answer()
        #expect(answer.status == status)
        let problem = try answer.problem()
        #expect(problem["code"]?.stringValue == code && problem["status"]?.intValue == Int64(status))
        #expect(problem["type"]?.stringValue == "/docs/errors#\(code)")
        #expect(problem["request_id"]?.stringValue == answer.head.fields["X-Request-Id"])
        if status != 421 {
            #expect(answer.head.fields["Connection"] == "close")
            _ = await client.rest()
        }
        #expect(service.requests.isEmpty && service.records.map(\.status) == [status])
        client.close()
        await service.stop()
    }

    @Test @LoopActor func hostsListenedOnAndConfiguredAreServed() async throws {
        let service = try TestService(adjust: {
            $0.hosts = HostPolicy(names: ["bridge.example"].compactMap(HTTPAuthority.init))
        }) {
            .ready(.text($0.head.authority ?? ""))
        }
        let client = try await service.client()
        for host in ["127.0.0.1:\(service.port)", "LOCALHOST:\(service.port)", "bridge.example"] {
            client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(try await client.answer().body == host)
        }
        for host in ["127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:\(service.port)", "bridge.example:1"] {
            client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(try await client.answer().status == 421, "\(host)")
        }
        client.close()
        await service.stop()
    }

    @Test @LoopActor func afterARefusalTheClientClosesInItsOwnTime() async throws {
        let service = try TestService()
        let client = try await service.client()
        client.handler.staysOpenAfterPeerEnd = true
        client.send("nonsense\r\n")
        #expect(try await client.answer().status == 400)
        // The server has ended its side, and would still take what is on its way.
        #expect(await until { client.handler.peerEnds == 1 })
        client.send("more of it")
        #expect(service.server.connectionCount == 1)
        client.close()
        #expect(await until { service.server.connectionCount == 0 })
        await service.stop()
    }

    @Test @LoopActor func theAnswerToABodyTooLargeArrivesThoughTheBodyIsStillComing() async throws {
        let service = try TestService()
        let client = try await service.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n")
        client.connection.write([UInt8](repeating: 65, count: 5_000_000))
        let text = await client.rest()
        #expect(text.hasPrefix("HTTP/1.1 413 "))
        await service.stop()
    }

    @Test(arguments: [
        ("GET /", "a", 414), ("GET / HTTP/1.1\r\nHost: a\r\nX: ", "a", 431),
        ("GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", 431),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "0", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1", ";a=b", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1;abcdefgh\r\nx\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "10\r\n0123456789abcdef\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n", 431),
    ])
    @LoopActor func somethingEndlessIsRefusedAtItsBound(start: String, piece: String, status: Int) async throws {
        let service = try TestService()
        let client = try await service.client()
        client.send(start)
        let flood = Array(String(repeating: piece, count: max(1, (256 << 10) / piece.utf8.count)).utf8)
        var sent = 0
        // Sends on whenever the kernel has taken all, until the server closes or far more went than it may keep.
        let feeder = LoopTimer {
            guard client.connection.isOpen, client.connection.pendingOutput == 0, sent < 32 << 20 else { return }
            client.connection.write(flood)
            sent += flood.count
        }
        feeder.schedule(every: .milliseconds(1))
        #expect(await until { client.text.contains("\r\n\r\n") || client.handler.isClosed })
        feeder.cancel()
        #expect(client.text.hasPrefix("HTTP/1.1 \(status) "), "\(client.text.prefix(80))")
        client.close()
        await service.stop()
    }
}
