import BrokerModel
import Bytes
import Clocks
import Cryptography
import EventLoops
import OpenDWire
import Protobuf
import TestSupport
import Testing

@testable import OpenDBroker

/// A link against a gateway that a test scripts.
@LoopActor
struct LinkBench {
    let gateway: ScriptedGateway
    let link: OpenDLink

    init(_ prepare: (ScriptedGateway, inout OpenDAccountSettings) throws -> Void = { _, _ in }) throws {
        gateway = try ScriptedGateway()
        var settings = OpenDAccountSettings(
            alias: "f", environment: .live, host: "127.0.0.1", port: gateway.port)
        settings.backoff = SessionBackoff(
            initial: .milliseconds(1), maximum: .milliseconds(20), connectionLimit: .milliseconds(20))
        try prepare(gateway, &settings)
        link = OpenDLink(settings, limits: OpenDLimits())
    }

    func begin() async {
        link.start()
        #expect(await until { link.session != nil })
    }

    func end() {
        link.stop()
        gateway.stop()
    }
}

@Suite struct OpenDLinkTests {
    init() { LoopRunner.start() }

    private static let security = { () -> OpenD.QotGetBasicQot.C2S in
        var request = OpenD.QotGetBasicQot.C2S()
        var security = OpenD.QotCommon.Security()
        security.market = 1
        security.code = "00700"
        request.securityList = [security]
        return request
    }()

    @LoopActor @Test func theHandshakeIsAsTheReferenceSays() async throws {
        let bench = try LinkBench()
        defer { bench.end() }
        await bench.begin()
        let hello = try #require(bench.gateway.requests(OpenD.InitConnect.C2S.self).first)
        #expect(hello.recvNotify == true)
        #expect(hello.packetEncAlgo == -1)
        #expect(hello.pushProtoFmt == 0)
        #expect(bench.gateway.requests.map(\.protocolID).prefix(2) == [1001, 1002])
        #expect(bench.link.session?.connection == 7_000_000_000)
        #expect(bench.link.session?.user == 888)
        #expect(bench.link.state == .ready)
        #expect(bench.link.reason == nil)
    }

    @LoopActor @Test(arguments: BodyCipher.Algorithm.allCases)
    func everyCipherCarriesCallsAndPushes(algorithm: BodyCipher.Algorithm) async throws {
        let bench = try LinkBench { gateway, settings in
            gateway.key = try TestKeys.key(TestKeys.gateway)
            settings.key = gateway.key
            settings.algorithm = algorithm
        }
        defer { bench.end() }
        var pushes: [OpenD.QotUpdateBasicQot.S2C] = []
        bench.link.onPush(OpenD.QotUpdateBasicQot.S2C.self) { pushes.append($0) }
        bench.gateway.answer(OpenD.QotGetBasicQot.C2S.self) { _ in OpenDReply(payload: OpenD.QotGetBasicQot.S2C()) }
        await bench.begin()
        _ = try await bench.link.call(Self.security, wait: .zero)
        bench.gateway.push(OpenD.QotUpdateBasicQot.S2C())
        #expect(await until { pushes.count == 1 })
    }

    @LoopActor @Test func aKeyThatIsNotTheGatewaysHoldsTheLink() async throws {
        let bench = try LinkBench { gateway, settings in
            gateway.key = try TestKeys.key(TestKeys.gateway)
            // A gateway drops what it cannot decrypt; this one answers all the same, as with a key of its own.
            settings.key = try TestKeys.key(TestKeys.other)
        }
        defer { bench.end() }
        bench.link.start()
        // The scripted gateway closes: the link backs off, and says what may be wrong.
        #expect(await until { bench.link.machine.attempts >= 2 })
        #expect(bench.link.reason?.contains("RSA key") == true)
        #expect(bench.link.session == nil)
    }

    @LoopActor @Test func anAnswerThatDoesNotDecipherHoldsTheLinkAfterAFewAttempts() async throws {
        let bench = try LinkBench { _, settings in settings.key = try TestKeys.key(TestKeys.other) }
        defer { bench.end() }
        bench.gateway.unreadable = { packet, peer in
            // A gateway without a key: it would read the request by no means, and answers in plain.
            let reply = OpenDReply<OpenD.InitConnect.S2C>(result: -1, message: "no").encoded()
            peer.send(packet.header.protocolID, serial: packet.header.serial, reply)
        }
        bench.link.start()
        #expect(await until { bench.link.state == .held })
        #expect(bench.gateway.peers.count == 3)
        #expect(bench.link.reason?.contains("RSA key") == true)
        #expect(bench.link.needsUser)
        #expect(bench.link.reconnect())
        #expect(await until { bench.gateway.peers.count > 3 })
    }

    @LoopActor @Test func aGatewayThatIsNotLoggedInIsHeldAndKeptAlive() async throws {
        let bench = try LinkBench { gateway, _ in
            gateway.isLoggedIn = false
            gateway.program = 4
            gateway.interval = 2
        }
        defer { bench.end() }
        var news: [OpenDLinkNews] = []
        bench.link.observe { news.append($0) }
        bench.link.start()
        #expect(await until { bench.link.state == .held })
        #expect(bench.link.reason?.contains("phone verification") == true)
        await #expect(throws: OpenDCallFailure.self) { try await bench.link.call(Self.security, wait: .zero) }
        #expect(bench.gateway.requests.allSatisfy { $0.protocolID != 3004 })
        // It is asked again with each keep-alive.
        bench.gateway.isLoggedIn = true
        #expect(await until { bench.link.state == .ready })
        #expect(bench.gateway.peers.count == 1)
        #expect(news.count == 1)
    }

    @LoopActor @Test func aKickIsToldAndALoginServesAgainOnTheSameConnection() async throws {
        let bench = try LinkBench()
        defer { bench.end() }
        var news: [OpenDLinkNews] = []
        bench.link.observe { news.append($0) }
        await bench.begin()
        var notice = OpenD.Notify.S2C()
        notice.type = 1
        var event = OpenD.Notify.GtwEvent()
        event.eventType = 7
        notice.event = event
        bench.gateway.push(notice)
        #expect(await until { bench.link.state == .held })
        #expect(bench.link.reason?.contains("kicked") == true)
        var login = OpenD.Notify.S2C()
        login.type = 3
        var status = OpenD.Notify.ConnectStatus()
        status.qotLogined = true
        status.trdLogined = false
        login.connectStatus = status
        bench.gateway.push(login)
        #expect(await until { bench.link.state == .ready })
        #expect(bench.link.session?.isTradeReady == false)
        #expect(bench.link.reason?.contains("trade") == true)
        #expect(news.count == 3)
        #expect(news.dropFirst().first == .lost)
        #expect(bench.gateway.peers.count == 1)
    }

    @LoopActor @Test func aPacketNumberIsThatOfTheSending() async throws {
        let bench = try LinkBench()
        defer { bench.end() }
        bench.gateway.answer(OpenD.TrdModifyOrder.C2S.self) { _ in OpenDReply(result: -1, message: "no such order") }
        await bench.begin()
        let failure = await #expect(throws: OpenDCallFailure.self) {
            try await bench.link.call(.account(5), wait: .zero, timeout: .seconds(5)) { number in
                var request = OpenD.TrdModifyOrder.C2S()
                request.packetID = number.message
                return request
            }
        }
        let packet = try #require(bench.gateway.requests.last)
        let request = try #require(bench.gateway.requests(OpenD.TrdModifyOrder.C2S.self).first)
        #expect(request.packetID.connID == 7_000_000_000)
        #expect(request.packetID.serialNo == packet.serial)
        guard case .refused(let refusal) = failure else { throw OpenDRefusal(result: 0) }
        #expect(refusal == OpenDRefusal(result: -1, message: "no such order"))
        #expect(refusal.isDefinite)
    }

    @LoopActor @Test func whetherARequestLeftIsTold() async throws {
        let bench = try LinkBench()
        defer { bench.end() }
        func fail(_ timeout: Duration) async -> OpenDCallFailure? {
            do throws(OpenDCallFailure) {
                _ = try await bench.link.call(Self.security, wait: .zero, timeout: timeout)
                return nil
            } catch { return error }
        }
        let early = await fail(.seconds(5))
        guard case .notSent(let failure) = early else { throw OpenDRefusal(result: 1) }
        #expect(failure.kind == .sessionNotReady(state: "disconnected"))

        bench.gateway.answers[3004] = { _, _ in nil }
        await bench.begin()
        let mute = await fail(.milliseconds(20))
        guard case .unanswered(let failure) = mute else { throw OpenDRefusal(result: 2) }
        #expect(failure.kind == .timedOut)

        bench.gateway.answers[3004] = { _, peer in
            peer.drop()
            return nil
        }
        let cut = await fail(.seconds(60))
        guard case .unanswered(let failure) = cut else { throw OpenDRefusal(result: 3) }
        #expect(failure.kind == .connectionLost)
        #expect(await until { bench.link.state == .ready })
    }

    @LoopActor @Test func aLateAnswerIsDroppedAndTheLinkStays() async throws {
        let bench = try LinkBench()
        defer { bench.end() }
        var late: OpenDPacket?
        bench.gateway.answers[3004] = { packet, _ in
            late = packet
            return nil
        }
        await bench.begin()
        _ = try? await bench.link.call(Self.security, wait: .zero, timeout: .milliseconds(5))
        let packet = try #require(late)
        bench.gateway.peers.last?.send(
            3004, serial: packet.serial, OpenDReply(payload: OpenD.QotGetBasicQot.S2C()).encoded())
        bench.gateway.answer(OpenD.QotGetBasicQot.C2S.self) { _ in OpenDReply(payload: OpenD.QotGetBasicQot.S2C()) }
        _ = try await bench.link.call(Self.security, wait: .zero)
        #expect(bench.gateway.peers.count == 1)
    }

    @LoopActor @Test func whatAConnectionCannotCarryEndsItAndANewOneComes() async throws {
        let bench = try LinkBench()
        defer { bench.end() }
        await bench.begin()
        let whole = try OpenDPacket(protocolID: 3005, serial: 0, body: [1, 2, 3]).encoded()
        var spoilt = whole
        spoilt[spoilt.count - 1] ^= 1
        var oversized = whole
        oversized.replaceSubrange(12..<16, with: [0xff, 0xff, 0xff, 0x7f])
        let nothingAsked = try OpenDPacket(
            protocolID: 3004, serial: 900, body: OpenDReply<OpenD.QotSub.S2C>(result: -1).encoded()
        ).encoded()
        bench.link.onPush(OpenD.QotUpdateBasicQot.S2C.self) { _ in }
        let cases: [([UInt8], String)] = [
            (spoilt, "digest"), (oversized, "too long"), (Array("HTTP/1.1 400 Bad Request\r\n".utf8), "flag"),
            (nothingAsked, "nobody made"), (whole, "could not be read"),
        ]
        for (index, (bytes, word)) in cases.enumerated() {
            var reason: String?
            bench.link.onStatus = { if bench.link.state == .backingOff { reason = bench.link.reason } }
            bench.gateway.peers.last?.write(bytes)
            #expect(await until { bench.link.session?.connection == 7_000_000_001 + UInt64(index) }, "\(word)")
            #expect(reason?.contains(word) == true, "\(reason ?? "none") for \(word)")
        }
        #expect(bench.link.machine.losses == cases.count)
    }

    @LoopActor @Test func aCutPacketIsWaitedFor() async throws {
        let bench = try LinkBench()
        defer { bench.end() }
        var pushes = 0
        bench.link.onPush(OpenD.QotUpdateBasicQot.S2C.self) { _ in pushes += 1 }
        await bench.begin()
        let body = OpenDReply(payload: OpenD.QotUpdateBasicQot.S2C()).encoded()
        let bytes = try OpenDPacket(protocolID: 3005, serial: 0, body: body).encoded()
        for byte in bytes { bench.gateway.peers.last?.write([byte]) }
        #expect(await until { pushes == 1 })
        #expect(bench.gateway.peers.count == 1)
    }

    @LoopActor @Test func pushesOfProtocolsToComeAreDropped() async throws {
        let bench = try LinkBench()
        defer { bench.end() }
        await bench.begin()
        bench.gateway.peers.last?.send(9_999, serial: 0, [8, 0])
        #expect(await until { bench.link.unknownPushes == 1 })
        #expect(bench.link.state == .ready)
    }

    @LoopActor @Test func randomBytesNeverStopTheLink() async throws {
        let bench = try LinkBench()
        defer { bench.end() }
        await bench.begin()
        var random = SplitMix64(seed: 4)
        for round in 0..<60 {
            let length = Int.random(in: 1...200, using: &random)
            var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            if round.isMultiple(of: 2) { bytes = [0x46, 0x54, UInt8(round), 0x0b, 0, 0, 0, 0] + bytes }
            bench.gateway.peers.last?.write(bytes)
            bench.gateway.peers.last?.drop()
            let before = bench.gateway.peers.count
            #expect(await until { bench.gateway.peers.count > before && bench.link.session != nil })
        }
    }

    @LoopActor @Test func aRefusedHandshakeIsNotRepeatedAtOnce() async throws {
        let bench = try LinkBench { _, settings in settings.backoff.connectionLimit = .seconds(3600) }
        defer { bench.end() }
        bench.gateway.answer(OpenD.InitConnect.C2S.self) { _ in OpenDReply(result: -1, message: "too many connections")
        }
        bench.link.start()
        #expect(await until { bench.link.state == .backingOff })
        #expect(bench.link.reason?.contains("too many connections") == true)
        #expect(bench.link.status.nextAttempt.map { $0 > WallTime.now() + .seconds(3000) } == true)
    }
}
