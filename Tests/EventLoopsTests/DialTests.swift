import Clocks
@testable import EventLoops
import Glibc
import TestSupport
import Testing

@Suite struct DialTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func aNameIsResolvedAndTheNextAddressTriedWhenOneRefuses() async throws {
        let listener = try Listener(address: loopback()) { $0.abort() }
        let byName = try await Connection.connect(
            host: "localhost", port: listener.address.port, deadline: .seconds(20))
        #expect(byName.peer == listener.address)
        byName.abort()
        let refusing = try closedPort()
        let second = try await Connection.connect(to: [refusing, listener.address], deadline: .seconds(20))
        #expect(second.peer == listener.address)
        second.abort()
    }

    @Test @LoopActor func aRefusedPortSaysSo() async throws {
        let refusing = try closedPort()
        let error = await failure { try await Connection.connect(to: [refusing], deadline: .seconds(20)) }
        #expect(error == .system(operation: "connect \(refusing)", code: ECONNREFUSED))
    }

    @Test(arguments: ["", "no such name", "name.invalid"])
    @LoopActor func aNameWithoutAddressIsUnresolvedAndTheLoopGoesOn(name: String) async throws {
        var ticks = 0
        let ticker = LoopTimer { ticks += 1 }
        ticker.schedule(every: .milliseconds(1))
        let error = await failure { try await Connection.connect(host: name, port: 80, deadline: .seconds(20)) }
        guard case .unresolved(let host, let reason) = error else {
            Issue.record("failed as \(String(describing: error))")
            return
        }
        #expect(host == name && !reason.isEmpty)
        ticker.cancel()
    }

    @Test @LoopActor func anAddressThatNeverAnswersIsGivenUpAtTheDeadline() async throws {
        let hole = try BlackHole()
        let start = Instant.now()
        let error = await failure { try await Connection.connect(to: [hole.address], deadline: .milliseconds(50)) }
        #expect(error == .timedOut)
        #expect(Instant.now() - start < .seconds(10))
    }

    @Test @LoopActor func anAddressThatSwallowsEverythingLeavesTimeForTheOneBehindIt() async throws {
        let hole = try BlackHole()
        let listener = try Listener(address: loopback()) { $0.abort() }
        let connection = try await Connection.connect(to: [hole.address, listener.address], deadline: .seconds(6))
        #expect(connection.peer == listener.address)
        connection.abort()
    }

    @Test @LoopActor func eachAddressHasItsShareOfTheTimeAndNoneAll() {
        func share(_ seconds: Int64, _ addresses: Int) -> Duration {
            Connection.longest(left: .seconds(seconds), addresses: addresses)
        }
        #expect(share(10, 1) == .seconds(10) && share(3600, 1) == .seconds(10))
        #expect(share(10, 2) == .seconds(5) && share(3600, 2) == .seconds(10))
        #expect(share(10, 8) == .milliseconds(2500) && share(2, 8) == .seconds(1))
    }

    @Test func theFamiliesTakeTurnsSoThatOneThatLeadsNowhereIsNotTriedAlone() throws {
        func addresses(_ hosts: [String]) throws -> [SocketAddress] {
            try hosts.map { try #require(SocketAddress(host: $0, port: 443)) }
        }
        let given = try addresses(["2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1"])
        let turned = try addresses(["2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3"])
        #expect(SocketAddress.alternating(given) == turned)
        #expect(SocketAddress.alternating([]).isEmpty)
        #expect(SocketAddress.alternating(Array(given.prefix(2))) == Array(given.prefix(2)))
    }

    @Test @LoopActor func cancellingEndsADialAtOnce() async throws {
        let hole = try BlackHole()
        let address = hole.address
        let task = spawn { try await Connection.connect(to: [address], deadline: .seconds(3600)) }
        try await sleep(for: .milliseconds(5))
        task.cancel()
        await #expect(throws: SocketError.cancelled) { try await task.value }
    }

    @Test @LoopActor func aStalledHandshakeEndsAtTheDeadlineOrByCancelling() async throws {
        let silent = RecordingHandler()
        let listener = try Listener(address: loopback()) { $0.handler = silent }
        let port = listener.address.port
        let tls = try TLSClientContext(caFile: TestCertificates.authority)
        let error = await failure {
            try await Connection.connect(host: "127.0.0.1", port: port, tls: tls, deadline: .milliseconds(50))
        }
        #expect(error == .timedOut)
        let task = spawn {
            try await Connection.connect(host: "127.0.0.1", port: port, tls: tls, deadline: .seconds(3600))
        }
        try await sleep(for: .milliseconds(5))
        task.cancel()
        await #expect(throws: SocketError.cancelled) { try await task.value }
    }
}

/// What connecting failed with; nil, and a recorded issue, when it did not fail.
@LoopActor
func failure(_ connect: () async throws -> Connection) async -> SocketError? {
    do {
        let connection = try await connect()
        connection.abort()
        Issue.record("the connection was made")
    } catch let error as SocketError {
        return error
    } catch {
        Issue.record("failed as \(error)")
    }
    return nil
}

/// A port that refuses, since its listener is closed. Its address is not the one all other tests take ports of.
@LoopActor
private func closedPort() throws -> SocketAddress {
    let listener = try Listener(address: #require(SocketAddress(host: "127.0.0.2", port: 0))) { _ in }
    defer { listener.close() }
    return listener.address
}

/// A port whose connections are never completed: its backlog is full.
private final class BlackHole: Sendable {
    let address: SocketAddress
    private let descriptors: [Int32]

    init() throws {
        var descriptors = [socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)]
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptors[0], $0, length)
                listen(descriptors[0], 0)
                getsockname(descriptors[0], $0, &length)
                for _ in 0..<8 {
                    let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
                    connect(filler, $0, length)
                    descriptors.append(filler)
                }
            }
        }
        self.descriptors = descriptors
        address = try #require(SocketAddress(host: "127.0.0.1", port: Int(UInt16(bigEndian: name.sin_port))))
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
