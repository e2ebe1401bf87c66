import Clocks
import EventLoops
import HTTPServing
import HTTPWire
import TestSupport
import Testing

@Suite struct StreamTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func aStreamIsOneChunkAWriteAndEnds() async throws {
        var stream: HTTPStream?
        var closings = 0
        let service = try TestService { _ in
            .stream(["Content-Type": "text/event-stream", "Cache-Control": "no-store"]) {
                stream = $0
                $0.routeTemplate = "/v1/stream"
                $0.keyName = "desk"
                $0.onClosed = { closings += 1 }
            }
        }
        let client = try await service.client()
        client.get("/v1/stream")
        #expect(await until { stream != nil })
        stream?.write(Array("hello".utf8))
        let shared = HTTPChunk([UInt8](repeating: 97, count: 20))
        if let shared { stream?.write(shared) }
        stream?.write([])
        stream?.finish()
        stream?.write(Array("ignored".utf8))
        let text = await client.rest()
        #expect(text.contains("Transfer-Encoding: chunked\r\n") && !text.contains("Content-Length"))
        #expect(text.hasSuffix("\r\n\r\n5\r\nhello\r\n14\r\naaaaaaaaaaaaaaaaaaaa\r\n0\r\n\r\n"))
        #expect(await until { closings == 1 })
        let record = try #require(service.records.first)
        #expect(service.records.count == 1 && record.isStream && record.outcome == .answered)
        #expect(record.responseBytes == 25 && record.routeTemplate == "/v1/stream" && record.keyName == "desk")
        #expect(stream?.isOpen == false)
        await service.stop()
    }

    @Test @LoopActor func olderClientsGetTheBytesAsTheyAreUntilTheClose() async throws {
        let service = try TestService { _ in
            .stream(["Content-Type": "text/event-stream"]) { stream in
                stream.write(Array("plain".utf8))
                if let chunk = HTTPChunk(Array("shared".utf8)) { stream.write(chunk) }
                stream.finish()
            }
        }
        let text = try await service.talk("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(text.hasSuffix("\r\n\r\nplainshared") && text.contains("Connection: close\r\n"))
        #expect(!text.contains("Transfer-Encoding"))
        await service.stop()
    }

    @Test @LoopActor func headOfAStreamStartsNothing() async throws {
        var starts = 0
        let service = try TestService { _ in .stream([:]) { _ in starts += 1 } }
        let client = try await service.client()
        client.get("/", method: "HEAD")
        #expect(try await client.answer(hasBody: false).status == 200)
        client.get("/", method: "HEAD")
        #expect(try await client.answer(hasBody: false).status == 200)
        #expect(starts == 0)
        client.close()
        await service.stop()
    }

    @Test @LoopActor func aReaderThatLeavesIsToldOnce() async throws {
        var closings = 0
        let service = try TestService { _ in
            .stream([:]) { stream in
                stream.onClosed = { closings += 1 }
                stream.write([1])
            }
        }
        let client = try await service.client()
        client.get("/")
        #expect(await until { client.text.contains("\r\n\r\n") })
        client.close()
        #expect(await until { closings == 1 })
        #expect(service.records.map(\.outcome) == [.clientGone])
        #expect(service.server.connectionCount == 0)
        await service.stop()
    }

    @Test @LoopActor func aReaderThatStopsIsSeenInTheQueueAndCutAtTheHardBound() async throws {
        var stream: HTTPStream?
        var drains = 0
        let service = try TestService(adjust: { $0.outputBytes = 64 << 10 }) { _ in
            .stream([:]) {
                stream = $0
                $0.onDrained = { drains += 1 }
            }
        }
        let client = try await service.client()
        client.get("/")
        #expect(await until { stream != nil && client.text.contains("\r\n\r\n") })
        client.connection.pauseReading()
        let chunk = [UInt8](repeating: 97, count: 16 << 10)
        // The kernel takes some and then no more; that shows at once.
        #expect(
            await until {
                stream?.write(chunk)
                return (stream?.pendingOutput ?? 0) > 64 << 10
            })
        client.connection.resumeReading()
        #expect(await until { drains > 0 && stream?.pendingOutput == 0 })
        client.connection.pauseReading()
        #expect(
            await until {
                stream?.write(chunk)
                return stream?.isOpen == false
            })
        #expect(await until { service.server.connectionCount == 0 })
        client.close()
        await service.stop()
    }

    @Test @LoopActor func whatAClientSendsDuringAStreamIsDroppedAndCapped() async throws {
        var stream: HTTPStream?
        let service = try TestService(adjust: { $0.bytesDuringStream = 10_000 }) { _ in .stream([:]) { stream = $0 } }
        let client = try await service.client()
        client.get("/")
        client.get("/again")
        #expect(await until { client.text.contains("\r\n\r\n") })
        client.connection.write([UInt8](repeating: 97, count: 5000))
        stream?.write(Array("still here".utf8))
        #expect(await until { client.text.contains("still here") })
        #expect(service.requests.count == 1)
        client.connection.write([UInt8](repeating: 97, count: 50_000))
        _ = await client.rest()
        #expect(stream?.isOpen == false)
        await service.stop()
    }

    @Test @LoopActor func anAbortedStreamHasNoLastChunk() async throws {
        let service = try TestService { _ in
            .stream([:]) { stream in
                stream.write(Array("half".utf8))
                stream.abort()
            }
        }
        let text = try await service.talk("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!text.hasSuffix("0\r\n\r\n"))
        await service.stop()
    }
}
