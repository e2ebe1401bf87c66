import EventLoops
import HTTPServing
import HTTPWire
import TestSupport
import Testing

@Suite struct CapacityTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func aboveTheMaximumClientsWaitUntilOneLeaves() async throws {
        let service = try TestService(adjust: { $0.maximumConnections = 2 }) { _ in .ready(.text("served")) }
        let first = try await service.client()
        let second = try await service.client()
        for client in [first, second] {
            client.get("/")
            #expect(try await client.answer().status == 200)
        }
        // The kernel accepts it for us; nobody looks at it yet.
        let third = try await service.client()
        third.get("/")
        try await sleep(for: .milliseconds(50))
        #expect(third.text == "" && !third.handler.isClosed && service.server.connectionCount == 2)
        first.close()
        #expect(try await third.answer().body == "served")
        second.close()
        third.close()
        await service.stop()
    }

    @Test @LoopActor func oneAddressCannotTakeAllConnections() async throws {
        let service = try TestService(adjust: { $0.maximumConnectionsPerAddress = 2 }) { _ in .ready(.text("served")) }
        let first = try await service.client()
        let second = try await service.client()
        #expect(await until { service.server.connectionCount == 2 })
        let third = try await service.client()
        #expect(await third.rest() == "")
        first.close()
        #expect(await until { service.server.connectionCount == 1 })
        let fourth = try await service.client()
        fourth.get("/")
        #expect(try await fourth.answer().status == 200)
        second.close()
        fourth.close()
        await service.stop()
    }

    @Test @LoopActor func hundredsOfIdleAndSlowConnectionsDoNotKeepOthersWaiting() async throws {
        let service = try TestService { _ in .ready(.text("served")) }
        var held: [TestClient] = []
        for index in 0..<300 {
            let client = try await service.client()
            if index % 3 == 0 { client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ") }
            held.append(client)
        }
        for _ in 0..<20 {
            for client in held.enumerated().filter({ $0.offset % 3 == 0 }) { client.element.send("a") }
            let client = try await service.client()
            client.get("/")
            #expect(try await client.answer().body == "served")
            client.close()
        }
        for client in held { client.close() }
        await service.stop()
    }

    @Test @LoopActor func anAddressInUseIsReported() async throws {
        let service = try TestService()
        let address = try #require(service.server.addresses.first)
        let error = #expect(throws: SocketError.self) {
            try TestService(adjust: { $0.addresses = [address] }) { _ in .ready(.text("")) }
        }
        guard case .system = error else {
            Issue.record("failed as \(String(describing: error))")
            return
        }
        await service.stop()
    }
}
