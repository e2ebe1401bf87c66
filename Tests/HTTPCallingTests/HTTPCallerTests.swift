import EventLoops
import HTTPCalling
import TestSupport
import Testing

@Suite(.serialized) struct HTTPCallerTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func answersComeWithStatusFieldsAndBodyOverOneConnection() async throws {
        let server = try ScriptedServer { _ in .answer(ok("hello", "X-Trace-Id:  t1 \r\n")) }
        defer { server.close() }
        let caller = HTTPCaller()
        for _ in 0..<5 {
            let result = try await caller.call(HTTPCall(url: server.url + "/a?b=c%20d", fields: [("X-One", "1")]))
            #expect(result.status == 200)
            #expect(result.field("x-trace-id") == "t1")
            #expect(String(decoding: result.body, as: UTF8.self) == "hello")
        }
        #expect(server.accepted == 1)
        #expect(server.requests.first?.hasPrefix("GET /a?b=c%20d HTTP/1.1\r\n") == true)
        #expect(server.requests.first?.contains("\r\nX-One: 1\r\n") == true)
    }

    @Test @LoopActor func bodiesAreSentAsTheyAre() async throws {
        let server = try ScriptedServer { _ in .answer(ok("{}")) }
        defer { server.close() }
        _ = try await HTTPCaller().call(HTTPCall(method: "PUT", url: server.url + "/x", body: Array("{\"a\":1}".utf8)))
        #expect(server.requests.first?.hasPrefix("PUT /x HTTP/1.1") == true)
        #expect(server.requests.first?.hasSuffix("\r\n\r\n{\"a\":1}") == true)
        #expect(server.requests.first?.contains("Expect:") == false)
    }

    @Test @LoopActor func twoHundredCallsAtOnceAllEnd() async throws {
        let server = try ScriptedServer { _ in .answer(ok("x")) }
        defer { server.close() }
        let caller = HTTPCaller()
        let url = server.url
        let tasks = (0..<200).map { _ in spawn { try await caller.call(HTTPCall(url: url)).status } }
        for task in tasks { #expect(try await task.value == 200) }
        #expect(server.accepted <= 32)
    }

    @Test @LoopActor func redirectsAreNotFollowed() async throws {
        let server = try ScriptedServer { _ in
            .answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        }
        defer { server.close() }
        #expect(try await HTTPCaller().call(HTTPCall(url: server.url)).status == 302)
    }

    @Test @LoopActor func bodiesBeyondTheLimitAreRefusedWhileTheyCome() async throws {
        let server = try ScriptedServer { _ in .answer(ok(String(repeating: "x", count: 1001))) }
        defer { server.close() }
        let caller = HTTPCaller()
        let url = server.url
        await #expect(throws: HTTPCallError.tooLarge) {
            try await caller.call(HTTPCall(url: url, maximumResponseBytes: 1000))
        }
        #expect(try await caller.call(HTTPCall(url: url, maximumResponseBytes: 1001)).body.count == 1001)
    }

    @Test @LoopActor func silenceEndsAtTheDeadlineAndCountsAsSent() async throws {
        let server = try ScriptedServer { _ in .stay }
        defer { server.close() }
        let url = server.url
        await #expect(throws: HTTPCallError.timedOut(sent: true)) {
            try await HTTPCaller().call(HTTPCall(url: url, deadline: .milliseconds(200)))
        }
    }

    @Test @LoopActor func cancellingTheTaskEndsTheCall() async throws {
        let server = try ScriptedServer { _ in .stay }
        defer { server.close() }
        let caller = HTTPCaller()
        let url = server.url
        let task = spawn { try await caller.call(HTTPCall(url: url)) }
        #expect(await until { !server.requests.isEmpty })
        task.cancel()
        await #expect(throws: HTTPCallError.cancelled) { try await task.value }
    }

    @Test @LoopActor func aCancelledCallClosesItsConnection() async throws {
        let server = try ScriptedServer { _ in .stay }
        defer { server.close() }
        let caller = HTTPCaller()
        let url = server.url
        let task = spawn { try await caller.call(HTTPCall(url: url)) }
        #expect(await until { !server.requests.isEmpty })
        task.cancel()
        _ = try? await task.value
        #expect(await until { server.closed == 1 })
    }

    @Test @LoopActor func anEmptyBodyIsSentAsOneAndNoTypeIsMadeUp() async throws {
        let server = try ScriptedServer { _ in .answer(ok("{}")) }
        defer { server.close() }
        _ = try await HTTPCaller().call(HTTPCall(method: "POST", url: server.url, fields: [("X-Empty", "")], body: []))
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("POST / HTTP/1.1\r\n"))
        #expect(request.contains("\r\nContent-Length: 0\r\n"))
        #expect(request.contains("\r\nX-Empty:\r\n"))
        #expect(!request.lowercased().contains("content-type"))
    }

    @Test @LoopActor func pathsAreSentAsWritten() async throws {
        let server = try ScriptedServer { _ in .answer(ok("")) }
        defer { server.close() }
        let target = "/a/../b/./c%2Fd/?x=%E4%B8%AD&y=A+B%26C*-._~&y="
        _ = try await HTTPCaller().call(HTTPCall(url: server.url + target))
        #expect(server.requests.first?.hasPrefix("GET \(target) HTTP/1.1\r\n") == true)
    }

    @Test @LoopActor func aHeadAnswerHasNoBodyToWaitFor() async throws {
        let server = try ScriptedServer { _ in .answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") }
        defer { server.close() }
        let result = try await HTTPCaller().call(HTTPCall(method: "HEAD", url: server.url))
        #expect(result.field("Content-Length") == "5")
        #expect(result.body.isEmpty)
    }

    @Test @LoopActor func interimHeadsAndTrailersAreNoFieldsOfTheAnswer() async throws {
        let server = try ScriptedServer { _ in
            .answer(
                "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n"
                    + "2\r\nhi\r\n0\r\nA: forged\r\nT: u\r\n\r\n")
        }
        defer { server.close() }
        let result = try await HTTPCaller().call(HTTPCall(url: server.url))
        #expect(result.status == 200)
        #expect(result.fields.map(\.name) == ["transfer-encoding", "a"])
        #expect(result.field("a") == "b")
        #expect(result.body == Array("hi".utf8))
    }

    @Test @LoopActor func callsBeyondTheConcurrencyWaitInOrder() async throws {
        let server = try ScriptedServer { _ in .answer(ok("")) }
        defer { server.close() }
        var configuration = HTTPCaller.Configuration()
        configuration.concurrency = 1
        configuration.waiting = 9
        let caller = HTTPCaller(configuration: configuration)
        let url = server.url
        let tasks = (0..<20).map { index in spawn { try await caller.call(HTTPCall(url: "\(url)/\(index)")).status } }
        var answered = 0
        for task in tasks {
            do {
                answered += try await task.value == 200 ? 1 : 0
            } catch {
                #expect(error as? HTTPCallError == .notSent(reason: "too many calls are waiting"))
            }
        }
        #expect(answered == 10)
        #expect(server.requests.map { String($0.prefix(6)) } == (0..<10).map { "GET /\($0)" })
        #expect(server.accepted == 1)
    }

    @Test @LoopActor func waitingCountsAgainstTheDeadlineAndSendsNothing() async throws {
        let server = try ScriptedServer { _ in .stay }
        defer { server.close() }
        var configuration = HTTPCaller.Configuration()
        configuration.concurrency = 1
        let caller = HTTPCaller(configuration: configuration)
        let url = server.url
        let first = spawn { try await caller.call(HTTPCall(url: url)) }
        #expect(await until { server.requests.count == 1 })
        await #expect(throws: HTTPCallError.timedOut(sent: false)) {
            try await caller.call(HTTPCall(url: url, deadline: .milliseconds(50)))
        }
        first.cancel()
        _ = try? await first.value
        #expect(server.requests.count == 1)
    }

    @Test @LoopActor func callsAndAnswersPrintNoSecret() async throws {
        let server = try ScriptedServer { _ in .answer(ok("tok-3", "Set-Cookie: tok-4\r\n")) }
        defer { server.close() }
        let call = HTTPCall(
            method: "POST", url: server.url + "/?t=tok-0", fields: [("Authorization", "tok-1")],
            body: Array("tok-2".utf8))
        let result = try await HTTPCaller().call(call)
        var texts = ["\(call)", String(reflecting: call), "\(result)", String(reflecting: result)]
        dump(call, to: &texts[0])
        dump(result, to: &texts[2])
        for text in texts { #expect(!text.contains("tok-")) }
    }
}
