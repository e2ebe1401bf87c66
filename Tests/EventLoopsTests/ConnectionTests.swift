import EventLoops
import Glibc
import TestSupport
import Testing

@Suite struct ConnectionTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func bytesGoBothWays() async throws {
        let pair = try await ConnectionPair(server: RecordingHandler { $0.write($1) })
        pair.client.write(Array("hello".utf8))
        #expect(await until { pair.clientHandler.received == Array("hello".utf8) })
        #expect(pair.client.peer == pair.listener.address)
        #expect(pair.server.peer == pair.client.local)
        #expect(pair.client.peer.isLoopback && !pair.client.isTLS)
        pair.client.closeAfterFlush()
        #expect(await until { pair.clientHandler.closings == [.local] && pair.serverHandler.closings == [.peerEnd] })
    }

    @Test @LoopActor func moreThanTheKernelTakesArrivesWholeAndTheDrainIsTold() async throws {
        let pair = try await ConnectionPair()
        pair.server.pauseReading()
        let sent = patterned(8_000_000)
        pair.client.write(sent)
        #expect(pair.client.pendingOutput > 0)
        pair.client.write([1, 2, 3])
        pair.client.closeAfterFlush()
        pair.client.write([9])
        pair.server.resumeReading()
        #expect(await until { pair.serverHandler.isClosed })
        // Compared outside the macro, which would search a difference for minutes.
        let isWhole = pair.serverHandler.received == sent + [1, 2, 3]
        #expect(isWhole, "\(pair.serverHandler.received.count) of \(sent.count + 3) bytes")
        #expect(pair.clientHandler.closings == [.local])
    }

    @Test @LoopActor func theHandlerIsToldWhenWaitingOutputHasGone() async throws {
        let pair = try await ConnectionPair()
        pair.client.write([1])
        pair.server.pauseReading()
        pair.client.write([UInt8](repeating: 7, count: 8_000_000))
        pair.server.resumeReading()
        #expect(await until { pair.clientHandler.drains == 1 && pair.client.pendingOutput == 0 })
        pair.close()
    }

    @Test @LoopActor func outputOverItsLimitClosesTheConnection() async throws {
        let pair = try await ConnectionPair()
        pair.server.pauseReading()
        pair.client.setNotSentLowWater(16384)
        pair.client.pendingOutputLimit = 100_000
        var written = 0
        while pair.client.isOpen, written < 64 << 20 {
            pair.client.write([UInt8](repeating: 0, count: 10_000))
            written += 10_000
            #expect(pair.client.pendingOutput <= 100_000)
        }
        #expect(!pair.client.isOpen)
        #expect(!pair.clientHandler.isClosed, "never reported inside the call")
        #expect(await until { pair.clientHandler.isClosed })
        guard case .error(let reason) = pair.clientHandler.closings.first else {
            Issue.record("closed as \(pair.clientHandler.closings)")
            return
        }
        #expect(reason.contains("100000"))
        pair.close()
    }

    @Test @LoopActor func pausedReadingDeliversNothingAndResumingDeliversAll() async throws {
        let pair = try await ConnectionPair()
        pair.serverHandler.onReceive = { connection, _ in connection.pauseReading() }
        pair.client.write([UInt8](repeating: 1, count: 200_000))
        #expect(await until { !pair.serverHandler.received.isEmpty })
        let first = pair.serverHandler.received.count
        try await sleep(for: .milliseconds(5))
        #expect(pair.serverHandler.received.count == first)
        #expect(first < 200_000)
        pair.serverHandler.onReceive = nil
        pair.server.resumeReading()
        #expect(await until { pair.serverHandler.received.count == 200_000 })
        pair.close()
    }

    @Test @LoopActor func aHandlerMayKeepItsSideOpenAfterThePeersEnd() async throws {
        let peer = try await RawPeer()
        let handler = RecordingHandler()
        handler.staysOpenAfterPeerEnd = true
        peer.connection.handler = handler
        peer.send("request")
        shutdown(peer.descriptor, Int32(SHUT_WR))
        #expect(await until { handler.peerEnds == 1 })
        #expect(handler.received == Array("request".utf8) && !handler.isClosed)
        peer.connection.write(Array("answer".utf8))
        peer.connection.closeAfterFlush()
        #expect(await until { handler.closings == [.local] })
        #expect(await peer.receiveAll() == Array("answer".utf8))
        #expect(handler.peerEnds == 1)
    }

    @Test @LoopActor func bytesBeforeThePeersEndAreDeliveredEvenAfterAPause() async throws {
        let peer = try await RawPeer()
        let handler = RecordingHandler()
        peer.connection.handler = handler
        handler.onReceive = { connection, _ in connection.pauseReading() }
        peer.send("one")
        #expect(await until { handler.received == Array("one".utf8) })
        peer.send("two")
        peer.close()
        handler.onReceive = nil
        peer.connection.resumeReading()
        #expect(await until { handler.closings == [.peerEnd] })
        #expect(handler.received == Array("onetwo".utf8))
    }

    @Test @LoopActor func aResetWhileWritingIsReportedOnceAndNotFatal() async throws {
        let peer = try await RawPeer()
        let handler = RecordingHandler()
        peer.connection.handler = handler
        peer.connection.write([UInt8](repeating: 0, count: 4_000_000))
        peer.reset()
        for _ in 0..<100 {
            peer.connection.write([1, 2, 3])
            await Task.yield()
        }
        #expect(await until { handler.isClosed })
        guard case .error = handler.closings.first else {
            Issue.record("closed as \(handler.closings)")
            return
        }
        try await sleep(for: .milliseconds(2))
        #expect(handler.closings.count == 1)
    }

    @Test @LoopActor func whatAPeerSaidBeforeItResetUsIsStillRead() async throws {
        let peer = try await RawPeer()
        let handler = RecordingHandler()
        peer.connection.pauseReading()
        peer.connection.handler = handler
        peer.send("going away")
        peer.close()
        // The first write meets a closed socket and draws a reset, the next one fails.
        for _ in 0..<50 {
            peer.connection.write([0])
            await Task.yield()
        }
        peer.connection.resumeReading()
        #expect(await until { handler.isClosed })
        #expect(handler.closings.count == 1)
    }

    @Test @LoopActor func everyWayToCloseIsReportedExactlyOnce() async throws {
        let pair = try await ConnectionPair()
        pair.client.closeAfterFlush()
        pair.client.abort()
        pair.client.abort()
        pair.server.abort()
        #expect(pair.clientHandler.closings.isEmpty, "never reported inside the call")
        #expect(await until { pair.clientHandler.isClosed && pair.serverHandler.isClosed })
        try await sleep(for: .milliseconds(2))
        #expect(pair.clientHandler.closings == [.local] && pair.serverHandler.closings == [.local])
        #expect(pair.client.handler == nil)
    }

    @Test @LoopActor func closingFromInsideADeliveryIsSafe() async throws {
        let pair = try await ConnectionPair()
        var calls = 0
        pair.serverHandler.onReceive = { connection, _ in
            calls += 1
            connection.abort()
        }
        pair.client.write([UInt8](repeating: 1, count: 100_000))
        #expect(await until { pair.serverHandler.closings == [.local] && pair.clientHandler.isClosed })
        #expect(calls == 1)
    }

    @Test @LoopActor func lingeringLetsAnAnswerPassAPeerThatIsStillSending() async throws {
        let peer = try await RawPeer()
        let handler = RecordingHandler()
        handler.onReceive = { connection, _ in
            connection.write(Array("413".utf8))
            connection.closeAfterFlush(lingering: true)
        }
        peer.connection.handler = handler
        let chunk = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<50 {
            peer.send(chunk)
            await Task.yield()
        }
        shutdown(peer.descriptor, Int32(SHUT_WR))
        #expect(await until { handler.closings == [.local] })
        #expect(await peer.receiveAll() == Array("413".utf8))
        #expect(handler.received.count < 50 * 4096, "input after the close is discarded")
    }

    @Test @LoopActor func aPeerThatNeverReadsIsCutAtTheDeadline() async throws {
        let peer = try await RawPeer()
        let handler = RecordingHandler()
        peer.connection.handler = handler
        peer.connection.write([UInt8](repeating: 0, count: 16_000_000))
        peer.connection.closeAfterFlush(lingering: true, deadline: .milliseconds(20))
        #expect(await until { handler.closings == [.timeout] })
        peer.close()
    }

    @Test @LoopActor func anOpenConnectionLivesWithoutAnOwnerAndAClosedOneDoesNot() async throws {
        weak var weakly: Connection?
        let peer = try await RawPeer()
        do {
            weakly = peer.connection
            peer.forgetConnection()
        }
        #expect(weakly != nil)
        weakly?.handler = RecordingHandler()
        peer.close()
        #expect(await until { weakly == nil })
    }
}
