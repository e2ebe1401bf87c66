import Bytes
import EventLoops
import TestSupport
import Testing

@testable import WebSockets

/// Client and server of this package against each other, and each against a peer that breaks the rules.
@Suite struct WebSocketTests {
    init() { LoopRunner.start() }

    @Test(arguments: [false, true])
    @LoopActor func messagesGoBothWaysPlainAndOverTLS(isSecure: Bool) async throws {
        let pair = try await SocketPair(isSecure: isSecure)
        pair.server.socket?.onMessage = { message in
            switch message {
            case .text(let text): pair.server.socket?.sendText(text)
            case .binary(let bytes): pair.server.socket?.send(binary: bytes)
            }
        }
        let large = [UInt8](repeating: 0xA5, count: 300_000)
        pair.client.sendText("grüezi")
        pair.client.send(binary: [])
        pair.client.send(binary: large)
        #expect(await until { pair.log.messages.count == 3 })
        #expect(pair.log.messages.first == .text("grüezi"))
        #expect(pair.log.messages[1] == .binary([]))
        let isWhole = pair.log.messages[2] == .binary(large)
        #expect(isWhole)
        pair.client.close(code: 1000, reason: "done")
        #expect(await until { pair.log.closures.count == 1 && pair.server.log.closures.count == 1 })
        #expect(pair.server.log.closures == [WebSocketClosure(code: 1000, reason: "done", wasClean: true)])
        #expect(pair.log.closures == [WebSocketClosure(code: 1000, reason: "", wasClean: true)])
    }

    @Test @LoopActor func messagesBehindTheHandshakeWaitForTheReader() async throws {
        let server = try TestServer { $0.sendText("first") }
        let client = try await WebSocket.connect(url: server.url, deadline: .seconds(20))
        try await sleep(for: .milliseconds(5))
        let log = SocketLog(client)
        #expect(await until { log.messages == [.text("first")] })
        client.abort()
        #expect(await until { log.closures.count == 1 })
        #expect(log.closures.first?.code == 1006 && log.closures.first?.wasClean == false)
    }

    @Test @LoopActor func pathQueryAndFieldsReachTheServerAsWritten() async throws {
        let server = try TestServer { _ in }
        let client = try await WebSocket.connect(
            url: server.url + "/v2?version=1&a=%2f%zz//", fields: [("x-dc-region", "ap")], deadline: .seconds(20))
        #expect(server.head.hasPrefix("GET /v2?version=1&a=%2f%zz// HTTP/1.1\r\n"))
        #expect(server.head.contains("\r\nx-dc-region: ap\r\n"))
        client.abort()
    }

    @Test @LoopActor func pingsAreAnsweredUpToTheLimitAndTold() async throws {
        let pair = try await SocketPair(limits: WebSocketLimits(pingAnswersPerSecond: 3))
        for number in 0..<50 { pair.server.socket?.ping([UInt8(number)]) }
        pair.server.socket?.sendText("after")
        #expect(await until { pair.log.messages == [.text("after")] })
        pair.client.sendText("back")
        #expect(await until { pair.server.log.messages == [.text("back")] })
        #expect(pair.log.pings.count == 50)
        #expect(pair.server.log.pongs.count >= 3 && pair.server.log.pongs.count < 50)
        #expect(pair.server.log.pongs.first == [0])
        pair.close()
    }

    @Test @LoopActor func thePeersCloseIsAnsweredAndTold() async throws {
        let pair = try await SocketPair()
        pair.server.socket?.sendText("last")
        pair.server.socket?.close(code: 1001, reason: "server shutdown")
        pair.server.socket?.sendText("never")
        #expect(await until { pair.log.closures.count == 1 && pair.server.log.closures.count == 1 })
        #expect(pair.log.messages == [.text("last")])
        #expect(pair.log.closures == [WebSocketClosure(code: 1001, reason: "server shutdown", wasClean: true)])
        #expect(pair.server.log.closures == [WebSocketClosure(code: 1001, reason: "", wasClean: true)])
        pair.client.close()
        pair.client.abort()
        try await sleep(for: .milliseconds(2))
        #expect(pair.log.closures.count == 1)
    }

    @Test(
        arguments: [
            ("8300", 1002), ("82810000000001", 1002), ("0900", 1002), ("8101ff", 1007),
            ("827f400000000000000001", 1009),
            ("827f8000000000000000", 1002),
        ] as [(String, UInt16)])
    @LoopActor func aPeerThatBreaksTheRulesIsToldAndCut(hex: String, code: UInt16) async throws {
        let server = try TestServer { _ in }
        server.rawAnswer = Hex.decode(hex)
        let client = try await WebSocket.connect(url: server.url, deadline: .seconds(20))
        let log = SocketLog(client)
        #expect(await until { log.closures.count == 1 && server.rawLog.closings.count == 1 })
        #expect(log.closures.first?.code == code && log.closures.first?.wasClean == false)
        let frame = try #require(server.rawFrame)
        #expect(
            frame.opcode == Opcode.close && frame.isMasked
                && frame.payload.prefix(2) == [UInt8(code >> 8), UInt8(code & 255)])
    }

    @Test @LoopActor func anUnmaskedClientIsRefusedByTheServer() async throws {
        let server = try TestServer { _ in }
        let connection = try await Connection.connect(to: [server.address], deadline: .seconds(20))
        let raw = RecordingHandler()
        connection.handler = raw
        connection.write(
            Array(
                "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    .utf8) + Array("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".utf8) + [0x81, 1, 0x41])
        #expect(await until { server.log.closures.count == 1 && raw.isClosed })
        #expect(server.log.closures.first?.code == 1002)
        #expect(server.log.messages.isEmpty)
    }

    @Test @LoopActor func aBareEndIsAnUncleanClosure() async throws {
        let pair = try await SocketPair()
        pair.server.socket?.abort()
        #expect(await until { pair.log.closures.count == 1 })
        #expect(pair.log.closures.first?.code == 1006)
    }

    @Test @LoopActor func aPeerThatDoesNotAnswerTheCloseIsCutAtTheDeadline() async throws {
        let server = try TestServer { _ in }
        server.rawAnswer = []
        let client = try await WebSocket.connect(
            url: server.url, limits: WebSocketLimits(closeDeadline: .milliseconds(20)), deadline: .seconds(20))
        let log = SocketLog(client)
        client.close()
        #expect(await until { log.closures.count == 1 && server.rawLog.isClosed })
        #expect(log.closures == [WebSocketClosure(code: 1006, reason: "no close frame in time", wasClean: false)])
    }

    @Test @LoopActor func outputOverItsLimitEndsTheConnection() async throws {
        let pair = try await SocketPair(limits: WebSocketLimits(maximumPendingOutput: 100_000))
        var sent = 0
        while pair.client.isOpen, sent < 2000 {
            pair.client.send(binary: [UInt8](repeating: 0, count: 50_000))
            #expect(pair.client.pendingOutput <= 100_000)
            sent += 1
        }
        #expect(sent < 2000)
        #expect(await until { pair.log.closures.count == 1 })
        #expect(pair.log.closures.first?.code == 1006)
        pair.close()
    }

    @Test(arguments: [200, 302, 401, 429, 503]) @LoopActor func anotherStatusIsTold(status: Int) async throws {
        let server = try TestServer { _ in }
        server.refusal = "HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n"
        await #expect(throws: WebSocketError.refused(status: status)) {
            try await WebSocket.connect(url: server.url, deadline: .seconds(20))
        }
    }

    @Test @LoopActor func aServerThatNeverAnswersIsGivenUpAtTheDeadlineOrByCancelling() async throws {
        let server = try TestServer { _ in }
        server.refusal = ""
        let url = server.url
        await #expect(throws: WebSocketError.timedOut) {
            try await WebSocket.connect(url: url, deadline: .milliseconds(50))
        }
        let before = server.accepted
        let task = spawn { try await WebSocket.connect(url: url, deadline: .seconds(3600)) }
        #expect(await until { server.accepted > before })
        task.cancel()
        await #expect(throws: WebSocketError.cancelled) { try await task.value }
    }

    @Test @LoopActor func anUntrustedServerIsUnreachableAndSeesNoRequest() async throws {
        let server = try TestServer(certificate: TestCertificates.unknownAuthority) { _ in }
        let error = await #expect(throws: WebSocketError.self) {
            try await WebSocket.connect(
                url: server.url, tls: TLSClientContext(caFile: TestCertificates.authority), deadline: .seconds(20))
        }
        guard case .unreachable(.certificate) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(server.head.isEmpty)
    }
}
