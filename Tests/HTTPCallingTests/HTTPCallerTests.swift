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

    @Test @LoopActor func whatNeverLeftIsToldFromWhatMayHave() async throws {
        let server = try ScriptedServer { _ in .cut }
        let caller = HTTPCaller()
        let url = server.url
        await #expect(throws: HTTPCallError.self) { try await caller.call(HTTPCall(url: url)) }
        do throws(HTTPCallError) { _ = try await caller.call(HTTPCall(url: url)) } catch {
            if case .failed = error {} else { Issue.record("\(error)") }
        }
        server.close()
        for dead in [url, "ftp://127.0.0.1/", "http://127.0.0.1:1/"] {
            do throws(HTTPCallError) { _ = try await caller.call(HTTPCall(url: dead)) } catch {
                if case .notSent = error {} else { Issue.record("\(dead) \(error)") }
            }
        }
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
}
