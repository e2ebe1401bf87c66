import EventLoops
import TestSupport
import Testing

@Suite struct TLSTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func bytesGoBothWaysAndBothEndsCloseCleanly() async throws {
        let pair = try await ConnectionPair(
            server: RecordingHandler { $0.write($1) }, serverTLS: try serverContext(TestCertificates.server),
            tls: try clientContext())
        #expect(pair.client.isTLS && pair.server.isTLS)
        pair.client.write(Array("hello".utf8))
        #expect(await until { pair.clientHandler.received == Array("hello".utf8) })
        pair.client.closeAfterFlush(lingering: true)
        #expect(await until { pair.clientHandler.closings == [.local] && pair.serverHandler.closings == [.peerEnd] })
    }

    @Test @LoopActor func aLargeTransferArrivesWholeBeforeTheClose() async throws {
        let pair = try await ConnectionPair(
            serverTLS: try serverContext(TestCertificates.server), tls: try clientContext())
        let sent = patterned(3_000_000)
        pair.server.pauseReading()
        pair.client.write(sent)
        pair.client.closeAfterFlush()
        pair.server.resumeReading()
        #expect(await until { pair.serverHandler.isClosed })
        // Compared outside the macro, which would search a difference for minutes.
        let isWhole = pair.serverHandler.received == sent
        #expect(isWhole, "\(pair.serverHandler.received.count) of \(sent.count) bytes")
        #expect(pair.serverHandler.closings == [.peerEnd])
    }

    @Test @LoopActor func aNameIsVerifiedAsWellAsAnAddress() async throws {
        let listener = try Listener(address: loopback(), tls: try serverContext(TestCertificates.server)) { _ in }
        let tls = try clientContext()
        for name in ["localhost", "127.0.0.1"] {
            let connection = try await Connection.connect(
                host: "127.0.0.1", port: listener.address.port, tls: tls, serverName: name, deadline: .seconds(20))
            connection.abort()
        }
        let error = await failure {
            try await Connection.connect(
                host: "127.0.0.1", port: listener.address.port, tls: tls, serverName: "elsewhere.example",
                deadline: .seconds(20))
        }
        #expect(error?.isCertificate == true)
    }

    @Test(arguments: [
        (TestCertificates.expired, "expired"), (TestCertificates.wrongName, "mismatch"),
        (TestCertificates.unknownAuthority, "unable to get local issuer"), (TestCertificates.selfSigned, "self-signed"),
    ])
    @LoopActor func aBadCertificateIsRefusedBeforeTheServerSeesAByte(certificate: String, reason: String) async throws {
        let handler = RecordingHandler()
        let listener = try Listener(address: loopback(), tls: try serverContext(certificate)) { $0.handler = handler }
        let tls = try clientContext()
        let error = await failure {
            try await Connection.connect(
                host: "127.0.0.1", port: listener.address.port, tls: tls, deadline: .seconds(20))
        }
        guard case .certificate(let text) = error else {
            Issue.record("failed as \(String(describing: error))")
            return
        }
        #expect(text.contains(reason), "\(text)")
        #expect(await until { handler.isClosed })
        #expect(handler.received.isEmpty && handler.closings.count == 1)
    }

    @Test @LoopActor func theSystemsAuthoritiesDoNotTrustTheTests() async throws {
        let listener = try Listener(address: loopback(), tls: try serverContext(TestCertificates.server)) { _ in }
        let error = await failure {
            try await Connection.connect(
                host: "localhost", port: listener.address.port, tls: .system, deadline: .seconds(20))
        }
        #expect(error?.isCertificate == true)
    }

    @Test @LoopActor func plainTextIsRefused() async throws {
        let handler = RecordingHandler { connection, _ in
            connection.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
            connection.closeAfterFlush()
        }
        let listener = try Listener(address: loopback()) { $0.handler = handler }
        let tls = try clientContext()
        let error = await failure {
            try await Connection.connect(
                host: "127.0.0.1", port: listener.address.port, tls: tls, deadline: .seconds(20))
        }
        guard case .handshake = error else {
            Issue.record("failed as \(String(describing: error))")
            return
        }
    }

    @Test @LoopActor func plainTextToATLSServerIsAnErrorAndNothingIsDelivered() async throws {
        let handler = RecordingHandler()
        let listener = try Listener(address: loopback(), tls: try serverContext(TestCertificates.server)) {
            $0.handler = handler
        }
        let client = try await Connection.connect(to: [listener.address], deadline: .seconds(20))
        client.write(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        #expect(await until { handler.isClosed })
        #expect(handler.received.isEmpty)
        guard case .error = handler.closings.first else {
            Issue.record("closed as \(handler.closings)")
            return
        }
        client.abort()
    }

    @Test func filesThatCannotBeUsedAreNamed() {
        #expect(throws: TLSError.self) { try TLSClientContext(caFile: "/nowhere/ca.pem") }
        let error = #expect(throws: TLSError.self) {
            try TLSServerContext(certificateChainFile: TestCertificates.server, privateKeyFile: TestCertificates.server)
        }
        #expect(error?.file == TestCertificates.server)
        #expect(error?.reason.isEmpty == false)
    }
}

extension SocketError {
    var isCertificate: Bool {
        if case .certificate = self { true } else { false }
    }
}

private func serverContext(_ certificate: String) throws -> TLSServerContext {
    try TLSServerContext(certificateChainFile: certificate, privateKeyFile: TestCertificates.key)
}

private func clientContext() throws -> TLSClientContext {
    try TLSClientContext(caFile: TestCertificates.authority)
}
