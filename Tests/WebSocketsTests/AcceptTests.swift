import EventLoops
import HTTPWire
import TestSupport
import Testing

@testable import WebSockets

@Suite struct AcceptTests {
    init() { LoopRunner.start() }

    private static let good: HTTPFields = [
        "Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    @Test func aRequestForAWebSocketIsAnsweredWithItsAccept() throws {
        let head = try #require(HTTPRequestHead(method: .get, target: "/v2?version=1", fields: AcceptTests.good))
        let fields = try #require(WebSocket.upgradeFields(for: head))
        #expect(fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(fields["upgrade"] == "websocket" && fields["connection"] == "Upgrade" && fields.count == 3)
    }

    @Test(
        arguments: [
            ("Upgrade", "h2c"), ("Upgrade", nil), ("Connection", "close"), ("Connection", nil),
            ("Sec-WebSocket-Version", "12"),
            ("Sec-WebSocket-Version", nil), ("Sec-WebSocket-Key", "short"), ("Sec-WebSocket-Key", nil),
        ] as [(String, String?)])
    func anythingElseIsNot(name: String, value: String?) throws {
        var fields = AcceptTests.good
        fields[try #require(HTTPFieldName(name))] = value
        let head = try #require(HTTPRequestHead(method: .get, target: "/", fields: fields))
        #expect(WebSocket.upgradeFields(for: head) == nil)
    }

    @Test func aSecondKeyOrAnotherMethodIsRefused() throws {
        var fields = AcceptTests.good
        fields.append("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        let twice = try #require(HTTPRequestHead(method: .get, target: "/", fields: fields))
        #expect(WebSocket.upgradeFields(for: twice) == nil)
        let post = try #require(HTTPRequestHead(method: .post, target: "/", fields: AcceptTests.good))
        #expect(WebSocket.upgradeFields(for: post) == nil)
    }

    @Test @LoopActor func aFrameThatCameWithTheRequestIsTheFirstMessage() async throws {
        let head = try #require(HTTPRequestHead(method: .get, target: "/v2?version=1", fields: AcceptTests.good))
        let log = SocketLog()
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        var accepted: WebSocket?
        let frames = FrameCodec()
        let listener = try Listener(address: address) { connection in
            let leftover = frames.encode(opcode: Opcode.text, Array("early".utf8), isMasked: true)
            let socket = WebSocket.accept(connection: connection, leftover: leftover, request: head)
            accepted = socket
            log.attach(socket)
        }
        let client = try await Connection.connect(to: [listener.address], deadline: .seconds(20))
        client.write(frames.encode(opcode: Opcode.text, Array("late".utf8), isMasked: true))
        #expect(await until { log.messages == [.text("early"), .text("late")] })
        #expect(accepted?.request == head)
        client.abort()
        #expect(await until { log.closures.count == 1 })
    }
}
