import Clocks
import EventLoops
import HTTPServing
import HTTPWire
import TestSupport
import Testing

@Suite struct StoppingTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func idleConnectionsCloseAtOnceAndNoneIsAccepted() async throws {
        let service = try TestService()
        let fresh = try await service.client()
        let used = try await service.client()
        used.get("/")
        _ = try await used.answer()
        #expect(await until { service.server.connectionCount == 2 })
        let address = try #require(service.server.addresses.first)
        await service.server.drain(deadline: .seconds(20))
        #expect(service.server.connectionCount == 0 && service.server.addresses.isEmpty)
        #expect(await fresh.rest() == "")
        #expect(await used.rest() == "")
        await #expect(throws: SocketError.self) {
            try await Connection.connect(to: [address], deadline: .seconds(20)).abort()
        }
    }

    @Test @LoopActor func whatIsInProgressIsAnsweredAndThenClosed() async throws {
        let gate = Completion<Void>()
        let service = try TestService { request in
            guard request.head.target.text == "/wait" else { return .ready(.text("late but whole")) }
            return .pending {
                _ = try? await gate.value()
                return .text("waited")
            }
        }
        let waiting = try await service.client()
        let sending = try await service.client()
        waiting.get("/wait")
        waiting.get("/never")
        sending.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        #expect(await until { service.requests.count == 1 && service.server.connectionCount == 2 })
        let draining = spawn { await service.server.drain(deadline: .seconds(20)) }
        #expect(await until { service.server.addresses.isEmpty })
        sending.send("cd")
        let late = await sending.rest()
        #expect(late.contains("Connection: close\r\n") && late.hasSuffix("late but whole"))
        gate.resolve(())
        let waited = await waiting.rest()
        #expect(waited.contains("Connection: close\r\n") && waited.hasSuffix("waited"))
        await draining.value
        #expect(service.requests.count == 2 && service.server.connectionCount == 0)
    }

    @Test @LoopActor func streamsAreToldAndMaySayGoodbye() async throws {
        let service = try TestService { request in
            .stream([:]) { stream in
                stream.write(Array("begun".utf8))
                guard request.head.target.text == "/polite" else { return }
                stream.onServerStopping = {
                    stream.write(Array("bye".utf8))
                    stream.finish()
                }
            }
        }
        let polite = try await service.client()
        let plain = try await service.client()
        polite.get("/polite")
        plain.get("/plain")
        #expect(await until { polite.text.contains("begun") && plain.text.contains("begun") })
        await service.server.drain(deadline: .seconds(20))
        #expect(await polite.rest().hasSuffix("begun\r\n3\r\nbye\r\n0\r\n\r\n"))
        #expect(await plain.rest().hasSuffix("begun\r\n0\r\n\r\n"))
    }

    @Test @LoopActor func whatOutlivesTheDeadlineIsCut() async throws {
        var wasCancelled = false
        let service = try TestService { _ in
            .pending {
                do { try await sleep(for: .seconds(60)) } catch { wasCancelled = true }
                return .text("")
            }
        }
        let client = try await service.client()
        client.get("/")
        #expect(await until { service.requests.count == 1 })
        let begun = Instant.now()
        await service.server.drain(deadline: .milliseconds(50))
        #expect(Instant.now() - begun < .seconds(10) && service.server.connectionCount == 0)
        #expect(await client.rest() == "")
        #expect(await until { wasCancelled })
    }
}
