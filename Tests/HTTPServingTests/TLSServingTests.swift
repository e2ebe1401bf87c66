import EventLoops
import HTTPServing
import HTTPWire
import TestSupport
import Testing

@Suite struct TLSServingTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func requestsAreServedOverTLS() async throws {
        let body = [UInt8](repeating: 66, count: 1_500_000)
        let service = try secured { .ready(HTTPResponse(body: $0.isTLS ? body : [])) }
        let client = try await service.client(tls: try TLSClientContext(caFile: TestCertificates.authority))
        client.get("/")
        #expect(try await client.answer().body.utf8.count == body.count)
        client.get("/", "Connection: close\r\n")
        let length = await client.rest().utf8.count
        #expect(length > body.count && client.handler.closings == [.peerEnd])
        await service.stop()
    }

    @Test @LoopActor func aReloadedCertificateIsShownToNewConnectionsAndOldOnesLiveOn() async throws {
        let service = try secured { _ in .ready(.text("ok")) }
        let authority = try TLSClientContext(caFile: TestCertificates.authority)
        let old = try await service.client(tls: authority)
        old.get("/")
        #expect(try await old.answer().status == 200)
        service.server.reloadTLS(
            try TLSServerContext(
                certificateChainFile: TestCertificates.selfSigned, privateKeyFile: TestCertificates.key))
        await #expect(throws: SocketError.self) { _ = try await service.client(tls: authority) }
        let other = try await service.client(tls: try TLSClientContext(caFile: TestCertificates.selfSigned))
        for client in [old, other] {
            client.get("/")
            #expect(try await client.answer().body == "ok")
            client.close()
        }
        await service.stop()
    }

    @Test @LoopActor func aHandshakeThatStopsIsCutAtTheHeaderDeadline() async throws {
        let service = try secured(adjust: { $0.deadlines.header = .milliseconds(100) }) { _ in .ready(.text("")) }
        let client = try await service.client()
        client.connection.write([0x16, 3, 1])
        _ = await client.rest()
        #expect(await until { service.server.connectionCount == 0 })
        await service.stop()
    }

    @LoopActor
    private func secured(
        adjust: (inout HTTPServerConfiguration) -> Void = { _ in },
        _ respond: @escaping @LoopActor (HTTPRequest) -> HTTPReply
    ) throws -> TestService {
        let tls = try TLSServerContext(
            certificateChainFile: TestCertificates.server, privateKeyFile: TestCertificates.key)
        return try TestService(
            adjust: {
                $0.tls = tls
                adjust(&$0)
            }, respond)
    }
}
