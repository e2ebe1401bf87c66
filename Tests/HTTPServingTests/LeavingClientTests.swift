import Bytes
import Clocks
import EventLoops
import HTTPServing
import HTTPWire
import TestSupport
import Testing

@Suite struct LeavingClientTests {
    init() { LoopRunner.start() }

    @Test(arguments: [false, true])
    @LoopActor func aPendingHandlerIsCancelledWhenItsClientLeaves(byReset: Bool) async throws {
        var wasCancelled = false
        let service = try TestService { _ in
            .pending {
                do {
                    try await sleep(for: .seconds(60))
                } catch {
                    wasCancelled = true
                }
                return .text("too late")
            }
        }
        let client = try await service.client()
        client.get("/")
        #expect(await until { service.requests.count == 1 })
        if byReset { client.connection.setUserTimeout(.seconds(1)) }
        client.close()
        #expect(await until { wasCancelled && service.records.map(\.outcome) == [.clientGone] })
        #expect(service.records.first?.status == nil && service.server.connectionCount == 0)
        await service.stop()
    }

    @Test @LoopActor func bytesBehindAPendingRequestDoNotHideThatItsClientLeft() async throws {
        var wasCancelled = false
        let service = try TestService { _ in
            .pending {
                do { try await sleep(for: .seconds(60)) } catch { wasCancelled = true }
                return .text("")
            }
        }
        let client = try await service.client()
        client.get("/1")
        client.get("/2")
        #expect(await until { service.requests.count == 1 })
        client.close()
        #expect(await until { wasCancelled })
        #expect(service.requests.count == 1)
        await service.stop()
    }

    @Test @LoopActor func whatAClientSendsBehindAPendingRequestIsBounded() async throws {
        let gate = Completion<Void>()
        let service = try TestService(adjust: { $0.pipelinedBytes = 8 << 10 }) { request in
            request.head.target.text != "/wait"
                ? .ready(.text(""))
                : .pending {
                    _ = try? await gate.value()
                    return .text("waited")
                }
        }
        let client = try await service.client()
        client.get("/wait")
        #expect(await until { service.requests.count == 1 })
        // The server stops reading, so most of it stays on this side.
        client.send(String(repeating: "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 400_000))
        var last = 0
        var changedAt = Instant.now()
        let hasStopped = await until {
            let pending = client.connection.pendingOutput
            if pending != last { changedAt = Instant.now() }
            last = pending
            return Instant.now() - changedAt > .milliseconds(500)
        }
        #expect(hasStopped && last > 4 << 20, "\(last) bytes were not taken")
        gate.resolve(())
        #expect(try await client.answer().body == "waited")
        #expect(await until { service.requests.count > 1000 })
        client.close()
        await service.stop()
    }

    @Test @LoopActor func aClientThatDoesNotReadIsServedNoFurtherAndCutInTheEnd() async throws {
        let body = [UInt8](repeating: 65, count: 100_000)
        let service = try TestService(adjust: {
            $0.deadlines.write = .milliseconds(400)
            $0.outputBytes = 256 << 10
        }) { _ in .ready(HTTPResponse(body: body)) }
        let client = try await service.client()
        client.connection.pauseReading()
        client.send(String(repeating: "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 2000))
        #expect(await until { service.server.connectionCount == 1 })
        #expect(await until { service.server.connectionCount == 0 })
        #expect(service.requests.count < 200, "\(service.requests.count) bodies of 100 kB were made")
        client.close()
        await service.stop()
    }

    @Test @LoopActor func aClientThatReadsSlowlyGetsEverything() async throws {
        let body = [UInt8](repeating: 65, count: 800_000)
        let service = try TestService(adjust: {
            $0.outputBytes = 128 << 10
            $0.deadlines.idle = .milliseconds(80)
        }) { _ in .ready(HTTPResponse(body: body)) }
        let client = try await service.client()
        client.connection.pauseReading()
        let request = "GET /x HTTP/1.1\r\nHost: localhost\r\n"
        client.send(String(repeating: "\(request)\r\n", count: 7) + "\(request)Connection: close\r\n\r\n")
        let feeder = LoopTimer { client.connection.resumeReading() }
        client.handler.onReceive = { connection, _ in connection.pauseReading() }
        feeder.schedule(every: .milliseconds(1))
        #expect(await until { client.handler.isClosed })
        feeder.cancel()
        #expect(service.requests.count == 8)
        #expect(client.handler.received.count > 8 * body.count)
        await service.stop()
    }

    @Test @LoopActor func aClientThatEndsItsSideStillGetsWhatIsOnItsWay() async throws {
        let body = [UInt8](repeating: 66, count: 2_000_000)
        let service = try TestService { _ in .ready(HTTPResponse(body: body)) }
        let client = try HalfClosingClient(port: service.port)
        // More than the kernel takes at once, so that the end of the client's side is seen before it is all sent.
        client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 10))
        client.endSending()
        #expect(await client.receiveAll() > 10 * body.count)
        #expect(service.requests.count == 10 && service.records.count == 10)
        await service.stop()
    }

    @Test @LoopActor func aClientThatEndsItsSideBeforeItsAnswerIsReadyIsGone() async throws {
        var wasCancelled = false
        let service = try TestService { _ in
            .pending {
                do { try await sleep(for: .seconds(60)) } catch { wasCancelled = true }
                return .text("")
            }
        }
        let client = try HalfClosingClient(port: service.port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.endSending()
        #expect(await client.receiveAll() == 0)
        #expect(await until { wasCancelled && service.server.connectionCount == 0 })
        await service.stop()
    }

    @Test @LoopActor func anAnswerAfterTheDeadlineIsReplacedAndTheHandlerCancelled() async throws {
        var wasCancelled = false
        let service = try TestService(adjust: { $0.deadlines.answer = .milliseconds(50) }) { request in
            guard request.head.target.text == "/slow" else { return .ready(.text("quick")) }
            return .pending {
                do { try await sleep(for: .seconds(60)) } catch { wasCancelled = true }
                return .text("too late")
            }
        }
        let client = try await service.client()
        client.get("/slow")
        let answer = try await client.answer()
        #expect(answer.status == 504)
        #expect(try answer.problem()["code"]?.stringValue == "answer_timeout")
        client.get("/quick")
        #expect(try await client.answer().body == "quick")
        #expect(await until { wasCancelled })
        client.close()
        await service.stop()
    }

    @Test @LoopActor func anAnswerThatIsTooLateIsNotTakenForTheNextOne() async throws {
        let first = Completion<Void>()
        let second = Completion<Void>()
        let service = try TestService(adjust: { $0.deadlines.answer = .milliseconds(500) }) { request in
            let isFirst = request.head.target.text == "/first"
            return .pending {
                // Not heeding the cancellation.
                await spawn { _ = try? await (isFirst ? first : second).value() }.value
                if isFirst { second.resolve(()) }
                return .text(isFirst ? "late" : "right")
            }
        }
        let client = try await service.client()
        client.get("/first", "X-Request-Id: same\r\n")
        #expect(try await client.answer().status == 504)
        client.get("/second", "X-Request-Id: same\r\n")
        #expect(await until { service.requests.count == 2 })
        first.resolve(())
        #expect(try await client.answer().body == "right")
        client.close()
        await service.stop()
    }
}
