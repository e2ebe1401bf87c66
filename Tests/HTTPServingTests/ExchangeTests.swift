import Clocks
import EventLoops
import HTTPServing
import HTTPWire
import TestSupport
import Testing

@Suite struct ExchangeTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func aConnectionCarriesManyRequests() async throws {
        let service = try TestService()
        let client = try await service.client()
        for index in 0..<3 {
            client.get("/\(index)")
            let answer = try await client.answer()
            #expect(answer.status == 200 && answer.body == "you asked for /\(index)")
            #expect(answer.head.fields["Date"]?.hasSuffix("GMT") == true)
            #expect(answer.head.fields["Connection"] == nil)
        }
        #expect(service.server.connectionCount == 1)
        client.close()
        await service.stop()
    }

    @Test @LoopActor func pipelinedRequestsAreAnsweredInOrderWhateverTheirSpeed() async throws {
        let service = try TestService { request in
            let text = request.head.target.text
            guard text.hasPrefix("/slow") else { return .ready(.text(text)) }
            return .pending {
                try? await sleep(for: .milliseconds(text.hasSuffix("1") ? 30 : 1))
                return .text(text)
            }
        }
        let client = try await service.client()
        let targets = ["/a", "/slow1", "/b", "/slow2", "/c", "/d"]
        client.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
        for target in targets { #expect(try await client.answer().body == target) }
        client.close()
        await service.stop()
    }

    @Test @LoopActor func tenThousandPipelinedRequestsAreAllAnsweredInOrder() async throws {
        let service = try TestService { .ready(.text($0.head.target.text)) }
        let client = try await service.client()
        client.send((0..<10_000).map { "GET /\($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
        client.get("/last", "Connection: close\r\n")
        let text = await client.rest()
        let bodies = text.split(separator: "\r\n\r\n").dropFirst().map { $0.prefix { $0 != "H" } }
        #expect(service.requests.count == 10_001)
        #expect(bodies.prefix(10_000).elementsEqual((0..<10_000).map { "/\($0)" }, by: { $0 == $1 }))
        await service.stop()
    }

    @Test @LoopActor func aRequestInPiecesIsOneRequest() async throws {
        let service = try TestService { .ready(.text("\($0.body.count)")) }
        let client = try await service.client()
        let request =
            "POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        for byte in request.utf8 {
            client.connection.write([byte])
            // Two turns of the loop: the byte is read before the next is sent.
            try await sleep(for: .zero)
        }
        #expect(try await client.answer().body == "5")
        #expect(service.requests.map(\.body) == [Array("abcde".utf8)])
        client.close()
        await service.stop()
    }

    @Test @LoopActor func headHasTheLengthButNotTheBody() async throws {
        let service = try TestService()
        let client = try await service.client()
        client.get("/x", method: "HEAD")
        let answer = try await client.answer(hasBody: false)
        #expect(answer.head.fields["Content-Length"] == "\("you asked for /x".utf8.count)")
        client.get("/y")
        #expect(try await client.answer().body == "you asked for /y")
        client.close()
        await service.stop()
    }

    @Test @LoopActor func statusesWithoutBodySendNone() async throws {
        let service = try TestService { _ in .ready(HTTPResponse(status: 204, body: Array("no".utf8))) }
        let text = try await service.talk("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 204 No Content\r\n") && text.hasSuffix("\r\n\r\n"))
        #expect(!text.contains("Content-Length"))
        await service.stop()
    }

    @Test @LoopActor func closeIsHonoured() async throws {
        let service = try TestService()
        let text = try await service.talk("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\n")
        #expect(text.contains("Connection: close\r\n") && text.hasSuffix("you asked for /"))
        #expect(service.requests.count == 1)
        await service.stop()
    }

    @Test @LoopActor func olderClientsCloseUnlessTheyAskNotTo() async throws {
        let service = try TestService()
        #expect(try await service.talk("GET / HTTP/1.0\r\n\r\n").contains("Connection: close\r\n"))
        let client = try await service.client()
        client.get("/", "Connection: keep-alive\r\n", version: "1.0")
        #expect(try await client.answer().head.fields["Connection"] == "keep-alive")
        client.get("/again", version: "1.0")
        #expect(await client.rest().hasSuffix("you asked for /again"))
        await service.stop()
    }

    @Test @LoopActor func aClientThatWaitsIsToldToGoOn() async throws {
        let service = try TestService { .ready(.text(String(decoding: $0.body, as: UTF8.self))) }
        let client = try await service.client()
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        #expect(try await client.answer().status == 100)
        client.send("body")
        #expect(try await client.answer().body == "body")
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nsent")
        #expect(try await client.answer().body == "sent")
        client.close()
        await service.stop()
    }

    @Test @LoopActor func requestIDsAreTakenWhenValidAndMadeOtherwise() async throws {
        let service = try TestService()
        let client = try await service.client()
        client.get("/", "X-Request-Id: Order-7.a_b\r\n")
        #expect(try await client.answer().head.fields["X-Request-Id"] == "Order-7.a_b")
        for bad in ["", "a b", "a\"", String(repeating: "a", count: 129), "ä"] {
            client.get("/", "X-Request-Id: \(bad)\r\n")
            let made = try #require(try await client.answer().head.fields["X-Request-Id"])
            #expect(made != bad && RequestID(made) != nil)
        }
        let made = Set(service.requests.dropFirst().map(\.id))
        #expect(made.count == 5)
        client.close()
        await service.stop()
    }

    @Test @LoopActor func aLargeBodyArrivesWholeAndIsNotCopiedWhole() async throws {
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let service = try TestService { _ in .ready(HTTPResponse(body: body)) }
        let client = try await service.client()
        client.connection.pauseReading()
        client.get("/")
        client.get("/", "Connection: close\r\n")
        #expect(await until { !service.requests.isEmpty })
        client.connection.resumeReading()
        #expect(await until { client.handler.isClosed })
        let isWhole = Array(client.handler.received.suffix(body.count)) == body
        #expect(isWhole && service.requests.count == 2)
        await service.stop()
    }

    @Test @LoopActor func recordsTellWhatHappenedAndNothingMore() async throws {
        let service = try TestService { _ in
            .ready(HTTPResponse(body: Array("12345".utf8), routeTemplate: "/v1/x/{id}", keyName: "desk"))
        }
        let client = try await service.client()
        client.send("POST /v1/x/7?secret=1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: r1\r\nContent-Length: 3\r\n\r\nabc")
        _ = try await client.answer()
        client.send("nonsense\r\n\r\n")
        _ = await client.rest()
        let first = try #require(service.records.first)
        #expect(first.method == .post && first.status == 200 && first.routeTemplate == "/v1/x/{id}")
        #expect(first.requestBytes == 3 && first.responseBytes == 5 && first.keyName == "desk")
        #expect(first.requestID.text == "r1" && first.outcome == .answered && first.duration >= .zero)
        #expect(service.records.map(\.status) == [200, 400] && service.records.last?.method == nil)
        await service.stop()
    }

    @Test @LoopActor func anUpgradeHandsOverTheConnectionAndWhatCameBehind() async throws {
        let echo = RecordingHandler { $0.write($1) }
        var leftover: [UInt8] = []
        let service = try TestService { _ in
            .upgrade(["Connection": "Upgrade", "Upgrade": "echo"]) { connection, bytes in
                leftover = bytes
                connection.handler = echo
            }
        }
        let client = try await service.client()
        client.get("/", "Connection: Upgrade\r\nUpgrade: echo\r\n")
        let answer = try await client.answer()
        #expect(answer.status == 101 && answer.head.fields["Connection"] == "Upgrade")
        client.send("ping")
        #expect(await until { client.text == "ping" })
        #expect(service.server.connectionCount == 0 && service.records.map(\.outcome) == [.upgraded])
        client.close()
        let eager = try await service.client()
        eager.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nearly")
        #expect(try await eager.answer().status == 101)
        #expect(leftover == Array("early".utf8))
        eager.close()
        await service.stop()
    }
}
