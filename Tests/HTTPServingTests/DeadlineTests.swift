import Bytes
import Clocks
import EventLoops
import HTTPServing
import HTTPWire
import TestSupport
import Testing

@Suite struct DeadlineTests {
    init() { LoopRunner.start() }

    /// Long enough that a busy machine does not spend it before the first byte is sent.
    private static let short = Duration.milliseconds(600)

    @Test(arguments: [
        "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: ",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "\r\n",
    ])
    @LoopActor func aRequestThatStopsIsAnswered408(start: String) async throws {
        let service = try TestService(adjust: {
            $0.deadlines.header = DeadlineTests.short
            $0.deadlines.body = DeadlineTests.short
        }) { _ in .ready(.text("")) }
        let begun = Instant.now()
        let client = try await service.client()
        client.send(start)
        let answer = try await client.answer()
        #expect(answer.status == 408)
        #expect(try answer.problem()["code"]?.stringValue == "request_timeout")
        #expect(Instant.now() - begun >= DeadlineTests.short)
        _ = await client.rest()
        #expect(service.requests.isEmpty)
        await service.stop()
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\nX: ", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"])
    @LoopActor func tricklingDoesNotExtendADeadline(start: String) async throws {
        let service = try TestService(adjust: {
            $0.deadlines.header = DeadlineTests.short
            $0.deadlines.body = DeadlineTests.short
        }) { _ in .ready(.text("")) }
        let client = try await service.client()
        let begun = Instant.now()
        client.send(start)
        let drip = LoopTimer { client.connection.write([97]) }
        drip.schedule(every: .milliseconds(5))
        #expect(try await client.answer().status == 408)
        drip.cancel()
        #expect(Instant.now() - begun < .seconds(5))
        client.close()
        await service.stop()
    }

    @Test @LoopActor func aSilentConnectionIsClosedWithoutAWord() async throws {
        let service = try TestService(adjust: { $0.deadlines.header = DeadlineTests.short }) { _ in .ready(.text("")) }
        let client = try await service.client()
        #expect(await client.rest() == "")
        await service.stop()
    }

    @Test @LoopActor func anIdleConnectionIsClosedAndABusyOneIsNot() async throws {
        let service = try TestService(adjust: {
            $0.deadlines.idle = DeadlineTests.short
            $0.deadlines.header = .seconds(20)
        }) { _ in .ready(.text("x")) }
        let idle = try await service.client()
        let busy = try await service.client()
        idle.get("/")
        _ = try await idle.answer()
        var isOver = false
        for _ in 0..<5000 where !isOver {
            busy.get("/")
            #expect(try await busy.answer().body == "x")
            isOver = idle.handler.isClosed
            try await sleep(for: .milliseconds(2))
        }
        #expect(isOver && idle.text == "" && !busy.handler.isClosed)
        busy.close()
        await service.stop()
    }

    @Test @LoopActor func aSecondRequestHasAHeaderDeadlineOfItsOwn() async throws {
        let service = try TestService(adjust: { $0.deadlines.header = DeadlineTests.short }) { _ in .ready(.text("x")) }
        let client = try await service.client()
        client.get("/")
        #expect(try await client.answer().status == 200)
        client.send("GET / HT")
        #expect(try await client.answer().status == 408)
        client.close()
        await service.stop()
    }

    @Test @LoopActor func aStreamHasNoDeadline() async throws {
        var stream: HTTPStream?
        let service = try TestService(adjust: {
            $0.deadlines.idle = .milliseconds(40)
            $0.deadlines.write = .milliseconds(40)
            $0.deadlines.answer = .milliseconds(40)
        }) { _ in
            .stream([:]) {
                stream = $0
                $0.write(Array("begun".utf8))
            }
        }
        let client = try await service.client()
        client.get("/")
        #expect(await until { client.text.contains("begun") })
        try await sleep(for: .milliseconds(200))
        #expect(stream?.isOpen == true && !client.handler.isClosed)
        // Neither has one that waits for its reader.
        client.connection.pauseReading()
        #expect(
            await until {
                stream?.write([UInt8](repeating: 97, count: 16 << 10))
                return (stream?.pendingOutput ?? 0) > 0
            })
        try await sleep(for: .milliseconds(200))
        #expect(stream?.isOpen == true && service.server.connectionCount == 1)
        client.close()
        await service.stop()
    }
}
