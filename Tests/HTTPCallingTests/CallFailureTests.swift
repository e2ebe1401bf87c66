import Clocks
import Compression
import EventLoops
import HTTPCalling
import TestSupport
import Testing

/// What is told of a call that got no answer: above all whether anything of it can have left.
@Suite(.serialized) struct CallFailureTests {
    init() { LoopRunner.start() }

    @LoopActor
    private func failure(_ call: HTTPCall, _ caller: HTTPCaller = HTTPCaller()) async -> HTTPCallError? {
        do throws(HTTPCallError) {
            _ = try await caller.call(call)
            return nil
        } catch {
            return error
        }
    }

    private func isNotSent(_ error: HTTPCallError?, _ text: String = "") -> Bool {
        guard case .notSent(let reason) = error else { return false }
        return text.isEmpty || reason.contains(text)
    }

    private func isFailed(_ error: HTTPCallError?) -> Bool {
        if case .failed = error { true } else { false }
    }

    private static func caller(connectDeadline: Duration = .seconds(10)) async -> HTTPCaller {
        var configuration = HTTPCaller.Configuration()
        configuration.certificateAuthorities = TestCertificates.authority
        configuration.connectDeadline = connectDeadline
        return await HTTPCaller(configuration: configuration)
    }

    // MARK: Nothing left

    @Test @LoopActor func aRefusedConnectionSentNothing() async throws {
        let server = try ScriptedServer { _ in .stay }
        let url = server.url
        server.close()
        #expect(isNotSent(await failure(HTTPCall(method: "POST", url: url, body: [1]))))
    }

    @Test(arguments: [
        HTTPCall(url: "ftp://127.0.0.1/"), HTTPCall(url: "file:///etc/passwd"), HTTPCall(url: ""),
        HTTPCall(url: "127.0.0.1/"), HTTPCall(url: "http://"), HTTPCall(url: "http://user:secret@127.0.0.1/"),
        HTTPCall(url: "http://127.0.0.1/#f"), HTTPCall(url: "http://127.0.0.1/a b"),
        HTTPCall(url: "http://127.0.0.1/\r\nX: y"), HTTPCall(url: "http://127.0.0.1/中"),
        HTTPCall(method: "", url: "http://127.0.0.1/"), HTTPCall(method: "GET /x", url: "http://127.0.0.1/"),
        HTTPCall(url: "http://127.0.0.1/", fields: [("A", "secret\r\nB: c")]),
        HTTPCall(url: "http://127.0.0.1/", fields: [("A", "secret\u{0}")]),
        HTTPCall(url: "http://127.0.0.1/", fields: [("A:", "secret")]),
        HTTPCall(url: "http://127.0.0.1/", fields: [("", "secret")]),
        HTTPCall(url: "http://127.0.0.1/", fields: [("content-Length", "0")]),
        HTTPCall(url: "http://127.0.0.1/", fields: [("Transfer-Encoding", "chunked")]),
    ])
    @LoopActor func whatCannotBeSentIsRefusedBeforeAnyConnection(call: HTTPCall) async {
        let error = await failure(call)
        #expect(isNotSent(error))
        #expect(!"\(String(describing: error))".contains("secret"))
    }

    @Test(arguments: [
        (TestCertificates.expired, "expired"), (TestCertificates.wrongName, "127.0.0.1"),
        (TestCertificates.unknownAuthority, "unable to get local issuer"), (TestCertificates.selfSigned, "self-signed"),
    ])
    @LoopActor func aBadCertificateIsRefusedBeforeTheServerSeesARequest(certificate: String, reason: String)
        async throws
    {
        let server = try ScriptedServer(certificate: certificate) { _ in .answer(ok("")) }
        defer { server.close() }
        let error = await failure(HTTPCall(url: server.url), await Self.caller())
        #expect(isNotSent(error, reason), "\(String(describing: error))")
        #expect(await until { server.closed == server.accepted })
        #expect(server.requests.isEmpty)
    }

    @Test @LoopActor func aGoodCertificateIsNeededFromAKnownAuthority() async throws {
        let server = try ScriptedServer(certificate: TestCertificates.server) { _ in .answer(ok("yes")) }
        defer { server.close() }
        let caller = await Self.caller()
        for host in ["127.0.0.1", "localhost"] {
            let result = try await caller.call(HTTPCall(url: "https://\(host):\(server.port)/"))
            #expect(result.body == Array("yes".utf8))
        }
        let before = server.requests.count
        #expect(isNotSent(await failure(HTTPCall(url: server.url))))
        #expect(server.requests.count == before)
    }

    @Test @LoopActor func plainTextWhereTLSIsExpectedSentNothing() async throws {
        let server = try ScriptedServer(greeting: "HTTP/1.1 400 Bad Request\r\n\r\n") { _ in .stay }
        defer { server.close() }
        let error = await failure(HTTPCall(url: "https://127.0.0.1:\(server.port)/"), await Self.caller())
        #expect(isNotSent(error, "wrong version number"), "\(String(describing: error))")
        #expect(server.requests.isEmpty)
    }

    @Test @LoopActor func aHandshakeThatNeverEndsIsCutAtTheConnectDeadline() async throws {
        let server = try ScriptedServer { _ in .stay }
        defer { server.close() }
        let error = await failure(
            HTTPCall(url: "https://127.0.0.1:\(server.port)/"), await Self.caller(connectDeadline: .milliseconds(100)))
        #expect(error == .timedOut(sent: false))
    }

    @Test @LoopActor func aNameWithoutAnAnswerHoldsNeitherTheLoopNorTheCall() async throws {
        let start = Instant.now()
        var turns = 0
        let timer = LoopTimer { turns += 1 }
        timer.schedule(every: .milliseconds(5))
        let error = await failure(HTTPCall(url: "http://nowhere.invalid/", deadline: .milliseconds(300)))
        #expect(error == .timedOut(sent: false) || isNotSent(error))
        #expect(Instant.now() - start < .seconds(10))
        if error == .timedOut(sent: false) { #expect(turns > 3) }
    }

    // MARK: It may have left

    @Test(arguments: ["GET", "POST"])
    @LoopActor func aConnectionLostAfterTheRequestFailsAsSent(method: String) async throws {
        let server = try ScriptedServer { _ in .cut }
        defer { server.close() }
        let body: [UInt8]? = method == "POST" ? [1] : nil
        #expect(isFailed(await failure(HTTPCall(method: method, url: server.url, body: body))))
        #expect(server.requests.count == 1)
    }

    @Test @LoopActor func aRequestThatMayNotBeRepeatedIsSentOnceOverADeadConnection() async throws {
        var count = 0
        let server = try ScriptedServer { _ in
            count += 1
            return count == 2 ? .cut : .answer(ok("\(count)"))
        }
        defer { server.close() }
        let caller = HTTPCaller()
        _ = try await caller.call(HTTPCall(url: server.url))
        let error = await failure(HTTPCall(method: "POST", url: server.url, body: Array("order".utf8)), caller)
        #expect(isFailed(error), "\(String(describing: error))")
        #expect(server.requests.count == 2)
        #expect(server.requests.count { $0.hasPrefix("POST") } == 1)
    }

    @Test @LoopActor func aQuestionIsRepeatedWhenItsConnectionWasDead() async throws {
        var count = 0
        let server = try ScriptedServer { _ in
            count += 1
            return count == 2 ? .cut : .answer(ok("\(count)"))
        }
        defer { server.close() }
        let caller = HTTPCaller()
        _ = try await caller.call(HTTPCall(url: server.url))
        #expect(try await caller.call(HTTPCall(url: server.url)).body == Array("3".utf8))
        #expect(server.accepted == 2)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha",
        "HTTP/1.1 200", "not http at all\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
    @LoopActor func aBrokenAnswerFailsAsSent(answer: String) async throws {
        let server = try ScriptedServer { _ in .answerAndClose(answer) }
        defer { server.close() }
        let error = await failure(HTTPCall(url: server.url))
        #expect(isFailed(error), "\(String(describing: error))")
    }

    @Test @LoopActor func aResetInTheBodyFailsAsSent() async throws {
        let server = try ScriptedServer { _ in .answerAndCut("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf") }
        defer { server.close() }
        #expect(isFailed(await failure(HTTPCall(url: server.url))))
    }

    // MARK: Bounds

    @Test @LoopActor func theLimitIsOnDecodedBytes() async throws {
        let packed = try Gzip.compress([UInt8](repeating: 0, count: 8 << 20))
        #expect(packed.count < 20_000)
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
        let server = try ScriptedServer { _ in .answerBytes(Array(head.utf8) + packed) }
        defer { server.close() }
        let caller = HTTPCaller()
        #expect(await failure(HTTPCall(url: server.url, maximumResponseBytes: 1 << 20), caller) == .tooLarge)
        let whole = try await caller.call(HTTPCall(url: server.url, maximumResponseBytes: 8 << 20))
        #expect(whole.body.count == 8 << 20)
    }

    @Test @LoopActor func aDeclaredLengthOverTheLimitIsRefusedAtTheHead() async throws {
        let server = try ScriptedServer { _ in .answer("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n") }
        defer { server.close() }
        #expect(await failure(HTTPCall(url: server.url, maximumResponseBytes: 1000)) == .tooLarge)
    }

    @Test @LoopActor func anEndlessBodyOrHeadIsCut() async throws {
        let chunk = "400\r\n" + String(repeating: "x", count: 1024) + "\r\n"
        let bodies = try ScriptedServer { _ in
            .answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 200))
        }
        defer { bodies.close() }
        #expect(await failure(HTTPCall(url: bodies.url, maximumResponseBytes: 100_000)) == .tooLarge)
        let field = "A: " + String(repeating: "x", count: 1000) + "\r\n"
        let heads = try ScriptedServer { _ in .answer("HTTP/1.1 200 OK\r\n" + String(repeating: field, count: 100)) }
        defer { heads.close() }
        #expect(await failure(HTTPCall(url: heads.url)) == .tooLarge)
    }
}
