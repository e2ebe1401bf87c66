import BrokerModel
import Bytes
import Clocks
import Cryptography
import EventLoops
import HTTPServing
import HTTPWire
import LongbridgeBroker
import LongbridgeWire
import Protobuf
import TestSupport
import Testing
import WebSockets

/// The adapter against a broker that misbehaves on purpose.
@Suite struct ScriptedSessionTests {
    init() { LoopRunner.start() }

    private func kind(of failure: any Error) -> BrokerFailure.Kind? { (failure as? BrokerFailure)?.kind }

    @LoopActor @Test func theHandshakeIsTheVendors() async throws {
        try await withBroker(prefix: "/api") { upstream, bench in
            var head: HTTPRequestHead?
            let answer = upstream.token
            upstream.token = { request in
                head = request.head
                return answer(request)
            }
            await bench.begin()
            let upgrade = try #require(upstream.upgrades.first)
            #expect(upgrade.target.text == "/quote/v2?version=1&codec=1&platform=9")
            #expect(upgrade.fields["x-dc-region"] == "ap")
            #expect(upgrade.fields["accept-language"] == "zh-HK")
            let call = try #require(head)
            #expect(call.target.text == "/api/v1/socket/token")
            #expect(call.fields["authorization"] == "t")
            #expect(call.fields["x-api-key"] == "k")
            let timestamp = try #require(call.fields["x-timestamp"])
            let signature = try #require(call.fields["x-api-signature"].flatMap { RequestSignature(headerValue: $0) })
            #expect(
                signature.verifies(
                    SignableRequest(method: "GET", target: "/api/v1/socket/token"), token: Secret("t"), key: "k",
                    secret: Secret("s"), timestamp: timestamp))
            let login = try #require(upstream.requests.first)
            #expect(login.kind == .request(id: 1, timeoutMilliseconds: 5000))
            let request = try Longbridge.Control.AuthRequest.decode(login.body)
            #expect(request.token == "o_1")
            #expect(request.metadata == ["accept-language": "zh-HK", "need_over_night_quote": "true"])
            #expect(upstream.requests.map(\.command) == [2, 4])
        }
    }

    @LoopActor
    @Test(arguments: [
        "text", "unasked answer", "unknown request", "undecodable push", "close packet", "WebSocket close", "bare end",
    ])
    func eachWayToBreakALinkIsFollowedByAReturn(_ fault: String) async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            let socket = try #require(upstream.socket)
            switch fault {
            case "text": socket.sendText("hello")
            case "unasked answer":
                upstream.send(LongbridgePacket(.response(id: 999, status: 0), command: 11, body: []), on: socket)
            case "unknown request":
                upstream.send(
                    LongbridgePacket(.request(id: 1, timeoutMilliseconds: 0), command: 9, body: []), on: socket)
            case "undecodable push":
                upstream.send(LongbridgePacket(.push, command: 104, body: [0xFF, 0xFF]), on: socket)
            case "close packet": upstream.send(LongbridgePacket(.push, command: 0, body: [0xFF]), on: socket)
            case "WebSocket close": socket.close(code: 1001, reason: "bye")
            default: socket.abort()
            }
            #expect(await until { bench.link.losses == 1 && bench.isReady })
            #expect(bench.reasons.allSatisfy { !$0.isEmpty })
            #expect(bench.readinesses == 2)
            #expect(upstream.requests.count { $0.command == ControlCommand.reconnect } == 1)
        }
    }

    @LoopActor @Test func aHeartbeatRequestIsAnsweredWithTheSameBody() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            let socket = try #require(upstream.socket)
            upstream.send(
                LongbridgePacket(.request(id: 77, timeoutMilliseconds: 0), command: 1, body: [8, 1]), on: socket)
            #expect(await until { upstream.requests.contains { $0.command == 1 } })
            let answer = try #require(upstream.requests.first { $0.command == 1 })
            #expect(answer == LongbridgePacket(.response(id: 77, status: 0), command: 1, body: [8, 1]))
            #expect(bench.link.losses == 0)
        }
    }

    @LoopActor @Test func aSilentBrokerIsNoticedInTwoHeartbeats() async throws {
        try await withBroker(heartbeat: .milliseconds(40)) { upstream, bench in
            await bench.begin()
            upstream.fallSilent()
            #expect(await until { bench.link.losses >= 1 })
            #expect(bench.reasons.contains("the line went silent"))
            #expect(await until { bench.isReady })
        }
    }

    @LoopActor @Test func anIdleLineThatAnswersPingsIsKept() async throws {
        try await withBroker(heartbeat: .milliseconds(60)) { upstream, bench in
            await bench.begin()
            // A silent line is given up at its second ping. The loop of a test run may stall for longer than a
            // heartbeat, so it need not be the first connection that gets beyond.
            #expect(await until { upstream.mostPings >= 5 })
        }
    }

    @LoopActor @Test func aRefusedUpgradeIsTriedAgain() async throws {
        try await withBroker { upstream, bench in
            upstream.upgradeRefusal = 503
            bench.broker.start()
            #expect(await until { upstream.upgrades.count >= 3 })
            #expect(bench.reasons.contains { $0.contains("503") })
            upstream.upgradeRefusal = nil
            #expect(await until { bench.isReady })
            #expect(bench.link.attempts == 0)
        }
    }

    @LoopActor @Test func anHTTPAnswerThatIsNoEnvelopeIsTriedAgain() async throws {
        try await withBroker { upstream, bench in
            let good = upstream.token
            for body in [
                "<html>", "", "{}", #"{"code":0,"message":"x","data":null}"#, #"{"code":500000,"message":"x"}"#,
            ] {
                let before = upstream.passwords
                upstream.token = { _ in .text(body, status: 500) }
                _ = bench.broker.reconnect()
                bench.broker.start()
                #expect(await until { upstream.passwords >= before + 2 })
            }
            upstream.token = good
            #expect(await until { bench.isReady })
        }
    }

    @LoopActor @Test func passwordsRefusedAgainAndAgainHoldTheLink() async throws {
        try await withBroker { upstream, bench in
            upstream.script = { [weak upstream] packet, socket in
                guard packet.command == ControlCommand.auth else { return false }
                upstream?.refuse(packet, status: 5, code: 401, on: socket)
                return true
            }
            bench.broker.start()
            #expect(await until { bench.link.state == .held })
            #expect(upstream.upgrades.count == 3)
            #expect(bench.link.nextAttempt == nil)
        }
    }

    @LoopActor @Test func theConnectionLimitAtLoginKeepsTheSession() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            var limited = true
            upstream.script = { [weak upstream] packet, socket in
                guard packet.command == ControlCommand.reconnect, limited else { return false }
                upstream?.refuse(packet, status: 6, code: 403, on: socket)
                return true
            }
            upstream.socket?.abort()
            #expect(await until { bench.link.state == .backingOff && bench.link.attempts == 2 })
            let next = try #require(bench.link.nextAttempt)
            #expect(next > .now() + .seconds(55))
            limited = false
            #expect(bench.broker.reconnect())
            #expect(await until { bench.isReady })
            #expect(upstream.passwords == 1)
        }
    }

    @LoopActor @Test func callsInFlightFailWhenTheLinkBreaksAndLaterOnesWork() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            upstream.script = { packet, _ in packet.command == QuoteCommand.depth.rawValue }
            let calls = (0..<8).map { _ in
                spawn { () -> BrokerFailure.Kind? in
                    do throws(BrokerFailure) {
                        _ = try await bench.broker.depth(tencent, wait: .seconds(30))
                        return nil
                    } catch { return error.kind }
                }
            }
            #expect(await until { upstream.count(.depth) == 5 })
            upstream.socket?.abort()
            var kinds: [BrokerFailure.Kind?] = []
            for call in calls { kinds.append(await call.value) }
            #expect(kinds.count { $0 == .connectionLost } == 5)
            #expect(kinds.count { if case .sessionNotReady = $0 { true } else { false } } == 3)
            upstream.script = nil
            #expect(await until { bench.isReady })
            _ = try await bench.broker.depth(tencent, wait: .seconds(5))
        }
    }

    @LoopActor @Test func aCallerWhoLeavesFreesNothingAndALateAnswerHarmsNobody() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            var held: [LongbridgePacket] = []
            upstream.script = { packet, _ in
                guard packet.command == QuoteCommand.depth.rawValue else { return false }
                held.append(packet)
                return true
            }
            let call = spawn { try await bench.broker.depth(tencent, wait: .seconds(30)) }
            #expect(await until { held.count == 1 })
            call.cancel()
            let failure = await #expect(throws: BrokerFailure.self) { try await call.value }
            #expect(failure?.kind == .cancelled)
            let socket = try #require(upstream.socket)
            upstream.respond(try #require(held.first), [], on: socket)
            upstream.script = nil
            _ = try await bench.broker.trades(tencent, limit: 1, wait: .seconds(5))
            #expect(bench.link.losses == 0)
        }
    }

    @LoopActor @Test func aSessionTheBrokerForgetsWhileReadyIsLoggedInAnew() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            upstream.script = { [weak upstream] packet, socket in
                guard packet.command == QuoteCommand.depth.rawValue else { return false }
                upstream?.refuse(packet, status: 5, code: 401, on: socket)
                return true
            }
            let failure = await #expect(throws: BrokerFailure.self) {
                _ = try await bench.broker.depth(symbol("700.HK"), wait: .seconds(5))
            }
            #expect(failure?.kind == .sessionNotReady(state: "authenticating"))
            #expect(await until { bench.link.losses == 1 && bench.isReady })
            #expect(upstream.passwords == 2)
        }
    }

    @LoopActor @Test func anAnswerThatCannotBeReadIsABadAnswerAndDropsTheLink() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            upstream.script = { [weak upstream] packet, socket in
                guard packet.command == QuoteCommand.depth.rawValue else { return false }
                upstream?.respond(packet, [0xFF, 0xFF, 0xFF], on: socket)
                return true
            }
            let failure = await #expect(throws: BrokerFailure.self) {
                _ = try await bench.broker.depth(symbol("700.HK"), wait: .seconds(5))
            }
            #expect(failure?.kind == .badAnswer)
            #expect(await until { bench.link.losses == 1 && bench.isReady })
        }
    }

    @LoopActor @Test func aSubscriptionThatFailsForNowIsRepeated() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            upstream.script = { [weak upstream] packet, socket in
                guard packet.command == QuoteCommand.subscribe.rawValue, upstream?.count(.subscribe) == 1 else {
                    return false
                }
                upstream?.refuse(packet, status: 3, code: 301_606, on: socket)
                return true
            }
            let tencent = try symbol("700.HK")
            bench.broker.setWanted([MarketTopic(.quote, tencent)])
            #expect(await until { bench.snapshots(of: tencent) == 1 })
            #expect(upstream.count(.subscribe) == 2)
            #expect(bench.refused.isEmpty)
        }
    }

    @LoopActor @Test func aRefusedSubscriptionIsToldOnceWithItsReason() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            upstream.script = { [weak upstream] packet, socket in
                guard packet.command == QuoteCommand.subscribe.rawValue else { return false }
                upstream?.refuse(packet, status: 7, code: 301_605, on: socket)
                return true
            }
            let topics = Set(try ["1.HK", "2.HK", "3.HK"].map { MarketTopic(.depth, try symbol($0)) })
            bench.broker.setWanted(topics)
            #expect(await until { bench.refused.count >= 3 })
            #expect(Set(bench.refused.map(\.topic)) == topics)
            #expect(
                bench.refused.allSatisfy { $0.failure.kind == .quotaExceeded && $0.failure.upstream?.code == "301605" })
            bench.broker.setWanted(topics)
            _ = try await bench.broker.depth(symbol("1.HK"), wait: .seconds(5))
            #expect(bench.refused.count == 3)
        }
    }

    @LoopActor @Test func partialRepeatedAndLatePushesMakeCompleteQuotesOnce() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            bench.broker.setWanted([MarketTopic(.quote, tencent), MarketTopic(.trade, tencent)])
            #expect(await until { bench.snapshots(of: tencent) == 1 })
            var push = Longbridge.Quote.PushQuote()
            push.symbol = "700.HK"
            push.sequence = 5
            push.lastDone = "11"
            for sequence: Int64 in [5, 5, 4, 6] {
                push.sequence = sequence
                upstream.push(.pushQuote, push)
            }
            var trade = Longbridge.Quote.PushTrade()
            trade.symbol = "700.HK"
            var row = Longbridge.Quote.Trade()
            row.timestamp = 1_795_140_900
            trade.trade = [row]
            for sequence: Int64 in [1, 1, 2] {
                trade.sequence = sequence
                upstream.push(.pushTrades, trade)
            }
            var foreign = push
            foreign.symbol = "5.HK"
            foreign.sequence = 9
            upstream.push(.pushQuote, foreign)
            #expect(await until { bench.trades.count == 2 })
            #expect(bench.quotes.map(\.isSnapshot) == [true, false, false])
            #expect(bench.quotes.last?.quote.last?.text == "11")
            #expect(bench.quotes.last?.quote.previousClose?.text == "10.0")
            #expect(bench.link.losses == 0)
        }
    }

    @LoopActor @Test func aNewTradingDayFetchesThePreviousCloseAgain() async throws {
        try await withBroker { upstream, bench in
            upstream.script = { [weak upstream] packet, socket in
                guard packet.command == QuoteCommand.securityQuote.rawValue else { return false }
                var record = Longbridge.Quote.SecurityQuote()
                record.symbol = "700.HK"
                record.lastDone = "10.5"
                record.prevClose = upstream?.count(.securityQuote) == 1 ? "10" : "10.5"
                record.timestamp = upstream?.count(.securityQuote) == 1 ? 1_795_140_900 : 1_795_227_301
                var response = Longbridge.Quote.SecurityQuoteResponse()
                response.secuQuote = [record]
                upstream?.respond(packet, response.encoded(), on: socket)
                return true
            }
            await bench.begin()
            let tencent = try symbol("700.HK")
            bench.broker.setWanted([MarketTopic(.quote, tencent)])
            #expect(await until { bench.snapshots(of: tencent) == 1 })
            var push = Longbridge.Quote.PushQuote()
            push.symbol = "700.HK"
            push.sequence = 1
            push.lastDone = "11"
            push.timestamp = 1_795_227_300
            upstream.push(.pushQuote, push)
            #expect(await until { bench.snapshots(of: tencent) == 2 })
            #expect(bench.quotes.map { $0.quote.previousClose?.text } == ["10", nil, "10.5"])
        }
    }
}
