import Clocks
import EventLoops
import Glibc
import TestSupport
import Testing

@Suite struct ListenerTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func aFreePortIsBoundAndASecondListenerIsRefusedIt() async throws {
        let listener = try Listener(address: loopback()) { _ in }
        #expect(listener.address.port > 0)
        let error = #expect(throws: SocketError.self) { try Listener(address: listener.address) { _ in } }
        #expect(error == .system(operation: "bind \(listener.address)", code: EADDRINUSE))
    }

    @Test @LoopActor func aPausedListenerAcceptsOnlyAfterItResumes() async throws {
        var accepted = 0
        let listener = try Listener(address: loopback()) { connection in
            accepted += 1
            connection.abort()
        }
        listener.pause()
        let waiting = try await Connection.connect(to: [listener.address], deadline: .seconds(20))
        try await sleep(for: .milliseconds(5))
        #expect(accepted == 0)
        listener.resume()
        #expect(await until { accepted == 1 })
        waiting.abort()
    }

    @Test @LoopActor func withoutDescriptorsItBacksOffAndRecoversByItself() async throws {
        var acceptedAt: Instant?
        var failedAt: Instant?
        var failures: [SocketError] = []
        let listener = try Listener(address: loopback()) { connection in
            acceptedAt = Instant.now()
            connection.abort()
        }
        let ceiling = listener.descriptorCeiling
        listener.onAcceptFailure = { error in
            failures.append(error)
            failedAt = Instant.now()
            listener.descriptorCeiling = ceiling
        }
        listener.descriptorCeiling = 0
        let shed = RecordingHandler()
        let first = try await Connection.connect(to: [listener.address], deadline: .seconds(20))
        first.handler = shed
        #expect(await until { failures.count == 1 && shed.isClosed })
        #expect(failures == [.system(operation: "accept", code: EMFILE)])
        let second = try await Connection.connect(to: [listener.address], deadline: .seconds(20))
        listener.resume()
        #expect(await until { acceptedAt != nil })
        #expect(try #require(acceptedAt) - #require(failedAt) >= .milliseconds(250), "no spinning")
        #expect(failures.count == 1)
        listener.onAcceptFailure = nil
        second.abort()
    }

    @Test @LoopActor func aClosedListenerRefuses() async throws {
        // Another loopback address than all other tests use: none of them can be given its port meanwhile.
        let listener = try Listener(address: #require(SocketAddress(host: "127.0.0.2", port: 0))) { _ in }
        listener.close()
        listener.close()
        let address = listener.address
        let error = await failure { try await Connection.connect(to: [address], deadline: .seconds(20)) }
        #expect(error == .system(operation: "connect \(address)", code: ECONNREFUSED))
    }

    @Test @LoopActor func aBurstOfConnectionsIsAcceptedWhole() async throws {
        var accepted: [Connection] = []
        let listener = try Listener(address: loopback()) { accepted.append($0) }
        let address = listener.address
        let dials = (0..<150).map { _ in
            spawn { try await Connection.connect(to: [address], deadline: .seconds(20)) }
        }
        for dial in dials { try await dial.value.abort() }
        #expect(await until { accepted.count == 150 })
        for connection in accepted { connection.abort() }
    }
}
