import BrokerModel
import BrokerSessions
import Bytes
import Clocks
import EventLoops
import OpenDWire
import Protobuf
import TestSupport
import Testing

@testable import OpenDBroker

/// An account against a gateway that a test scripts.
@LoopActor
struct BrokerBench {
    let gateway: ScriptedGateway
    let broker: OpenDBroker
    /// What the gateway knows.
    let known = ["00700", "00005", "AAPL"]

    init() throws {
        let gateway = try ScriptedGateway()
        self.gateway = gateway
        var settings = OpenDAccountSettings(
            alias: "f", environment: .live, host: "127.0.0.1", port: gateway.port)
        settings.backoff = SessionBackoff(initial: .milliseconds(1), maximum: .milliseconds(20))
        broker = OpenDBroker(settings)
        let known = known
        gateway.answer(OpenD.QotGetSubInfo.C2S.self) { _ in
            var reply = OpenD.QotGetSubInfo.S2C()
            reply.remainQuota = 100
            return OpenDReply(payload: reply)
        }
        gateway.answer(OpenD.QotSub.C2S.self) { request in
            guard request.securityList.allSatisfy({ known.contains($0.code) }) else {
                return OpenDReply(result: -1, message: "unknown stock")
            }
            return OpenDReply(payload: OpenD.QotSub.S2C())
        }
        gateway.answer(OpenD.QotRegQotPush.C2S.self) { _ in OpenDReply(payload: OpenD.QotRegQotPush.S2C()) }
        gateway.answer(OpenD.QotGetSecuritySnapshot.C2S.self) { request in
            guard request.securityList.allSatisfy({ known.contains($0.code) }) else {
                return OpenDReply(result: -1, message: "unknown stock")
            }
            var reply = OpenD.QotGetSecuritySnapshot.S2C()
            reply.snapshotList = request.securityList.map { security in
                var snapshot = OpenD.QotGetSecuritySnapshot.Snapshot()
                snapshot.basic.security = security
                snapshot.basic.curPrice = 605.5
                return snapshot
            }
            return OpenDReply(payload: reply)
        }
        gateway.answer(OpenD.QotGetTicker.C2S.self) { request in
            var reply = OpenD.QotGetTicker.S2C()
            reply.security = request.security
            reply.tickerList = (1...3).map { BrokerBench.ticker(Int64($0)) }
            return OpenDReply(payload: reply)
        }
    }

    static func ticker(_ sequence: Int64) -> OpenD.QotCommon.Ticker {
        var ticker = OpenD.QotCommon.Ticker()
        ticker.sequence = sequence
        ticker.time = "2026-11-20 10:00:0\(sequence % 10)"
        ticker.price = 605.5
        ticker.volume = 100
        return ticker
    }

    func begin() async {
        broker.start()
        #expect(await until { broker.link.session != nil })
    }

    func end() async {
        await broker.stop()
        gateway.stop()
    }
}

@Suite struct OpenDBrokerTests {
    init() { LoopRunner.start() }

    private func symbol(_ text: String) throws -> Symbol { try #require(Symbol(text)) }

    @LoopActor private func with(_ body: @LoopActor (BrokerBench) async throws -> Void) async throws {
        let bench = try BrokerBench()
        do { try await body(bench) } catch {
            await bench.end()
            throw error
        }
        await bench.end()
    }

    @LoopActor @Test func tradesAreSubscribedOnceAndThenPulled() async throws {
        try await with { bench in
            await bench.begin()
            let symbol = try symbol("700.HK")
            let first = try await bench.broker.trades(symbol, limit: 5000, wait: .seconds(1))
            #expect(first.map(\.sequence) == [1, 2, 3])
            _ = try await bench.broker.trades(symbol, limit: 3, wait: .seconds(1))
            let subscriptions = bench.gateway.requests(OpenD.QotSub.C2S.self)
            #expect(subscriptions.count == 1)
            #expect(subscriptions.first?.subTypeList == [4])
            #expect(subscriptions.first?.isSubOrUnSub == true)
            #expect(subscriptions.first?.isRegOrUnRegPush == nil)
            #expect(bench.gateway.requests(OpenD.QotGetTicker.C2S.self).map(\.maxRetNum) == [1000, 3])
            #expect(bench.broker.links.first?.subscriptionsUsed == 1)
            #expect(bench.broker.links.first?.subscriptionLimit == 100)
        }
    }

    @LoopActor @Test func aSecurityTheGatewayDoesNotKnowIsSaidToBeUnknown() async throws {
        try await with { bench in
            await bench.begin()
            let unknown = try symbol("99999.HK")
            let failure = await #expect(throws: BrokerFailure.self) {
                try await bench.broker.trades(unknown, limit: 3, wait: .seconds(1))
            }
            #expect(failure?.kind == .unknownSymbol)
        }
    }

    @LoopActor @Test func oneUnknownSecurityDoesNotSpoilTheOthersOfAList() async throws {
        try await with { bench in
            await bench.begin()
            let symbols = try ["700.HK", "99999.HK", "5.HK", "AAPL.US"].map(symbol)
            let results = try await bench.broker.quotes(symbols, wait: .seconds(1))
            #expect(results.values.count == 3)
            #expect(results.failures[symbols[1]]?.kind == .unknownSymbol)
            #expect(results.values[symbols[0]]?.last?.text == "605.5")
        }
    }

    @LoopActor @Test func whatIsWantedIsPushedAndSubscribedAnewAfterALoss() async throws {
        try await with { bench in
            let symbol = try symbol("700.HK")
            var snapshots: [Bool] = []
            var gaps: [[MarketTopic]] = []
            bench.broker.onEvent = { event in
                switch event {
                case .quote(_, _, let isSnapshot): snapshots.append(isSnapshot)
                case .gap(let topics, _): gaps.append(topics)
                default: break
                }
            }
            bench.broker.setWanted([MarketTopic(.quote, symbol)])
            await bench.begin()
            #expect(await until { bench.gateway.requests(OpenD.QotSub.C2S.self).count == 1 })
            let subscription = try #require(bench.gateway.requests(OpenD.QotSub.C2S.self).first)
            #expect(subscription.isRegOrUnRegPush == true)
            #expect(subscription.isFirstPush == true)
            var push = OpenD.QotUpdateBasicQot.S2C()
            var quote = OpenD.QotCommon.BasicQot()
            quote.security = symbol.security
            quote.curPrice = 605.5
            push.basicQotList = [quote]
            #expect(await until { bench.broker.ledger.used == 1 })
            bench.gateway.push(push)
            bench.gateway.push(push)
            #expect(await until { snapshots == [true, false] })
            #expect(bench.broker.liveQuote(symbol)?.value.last?.text == "605.5")

            bench.gateway.peers.last?.drop()
            #expect(await until { bench.gateway.requests(OpenD.QotSub.C2S.self).count == 2 })
            #expect(bench.broker.liveQuote(symbol) == nil)
            #expect(gaps == [[MarketTopic(.quote, symbol)]])
            bench.gateway.push(push)
            #expect(await until { snapshots == [true, false, true] })
        }
    }

    @LoopActor @Test func tradesOfTheUnitedStatesAreOfAllSessionsAndToldOnce() async throws {
        try await with { bench in
            let symbol = try symbol("AAPL.US")
            var told: [Int64?] = []
            bench.broker.onEvent = { if case .trades(_, let trades, _) = $0 { told += trades.map(\.sequence) } }
            bench.broker.setWanted([MarketTopic(.trade, symbol)])
            await bench.begin()
            #expect(await until { bench.broker.ledger.used == 1 })
            #expect(bench.gateway.requests(OpenD.QotSub.C2S.self).first?.session == 3)
            var push = OpenD.QotUpdateTicker.S2C()
            push.security = symbol.security
            push.tickerList = [BrokerBench.ticker(1), BrokerBench.ticker(2)]
            bench.gateway.push(push)
            // What the gateway repeats is not repeated.
            push.tickerList = [BrokerBench.ticker(2), BrokerBench.ticker(3)]
            bench.gateway.push(push)
            #expect(await until { told == [1, 2, 3] })
        }
    }

    @LoopActor @Test func aCandleEndsWhenTheNextOneBegins() async throws {
        try await with { bench in
            let symbol = try symbol("700.HK")
            let topic = CandleTopic(symbol: symbol, interval: .oneMinute)
            var told: [(start: String, isFinal: Bool, isSnapshot: Bool)] = []
            var refused: [CandleTopic] = []
            bench.broker.onEvent = { event in
                switch event {
                case .candle(_, let candle, _, let isSnapshot):
                    told.append((candle.start.rfc3339, candle.isFinal, isSnapshot))
                case .candleRefused(let topic, _): refused.append(topic)
                default: break
                }
            }
            let none = CandleTopic(symbol: symbol, interval: .fortyFiveMinutes)
            bench.broker.setWantedCandles([topic, none])
            #expect(refused == [none])
            await bench.begin()
            #expect(await until { bench.broker.ledger.used == 1 })
            @LoopActor func push(_ time: String, _ close: Double) {
                var push = OpenD.QotUpdateKL.S2C()
                push.security = symbol.security
                push.klType = 1
                var bar = OpenD.QotCommon.KLine()
                bar.time = time
                bar.closePrice = close
                push.klList = [bar]
                bench.gateway.push(push)
            }
            push("2099-11-20 10:01:00", 1)
            push("2099-11-20 10:01:00", 2)
            push("2099-11-20 10:02:00", 3)
            #expect(await until { told.count == 4 })
            #expect(told.map(\.isFinal) == [false, false, true, false])
            #expect(told.map(\.isSnapshot) == [true, false, false, false])
            #expect(told.last?.start == "2099-11-20T02:01:00Z")
        }
    }

    @LoopActor @Test func rawCallsAreJSONByTheTableAndNeverOrdersOrSubscriptions() async throws {
        try await with { bench in
            await bench.begin()
            let raw = try #require(bench.broker.raw)
            func call(_ name: String, _ body: String) -> RawCall {
                RawCall(method: "POST", path: "/\(name)", query: "", body: Array(body.utf8))
            }
            let request = call(
                "Qot_GetSecuritySnapshot", #"{"securityList": [{"market": 1, "code": "00700"}]}"#)
            #expect(raw.permission(request) == .allowed)
            #expect(!raw.isWrite(request))
            let answer = try JSONValue.parse(try await raw.call(request, wait: .seconds(1)))
            #expect(
                answer["snapshotList"]?.arrayValue?.first?["basic"]?["curPrice"]?.numberText.flatMap { Double($0) }
                    == 605.5)
            #expect(raw.permission(call("Trd_PlaceOrder", "{}")) == .usesOrders)
            #expect(raw.permission(call("Qot_Sub", "{}")) == .notListed)
            #expect(raw.permission(call("Qot_UpdateKL", "{}")) == .notListed)
            #expect(raw.permission(call("Qot_Nonsense", "{}")) == .notListed)
            #expect(raw.isWrite(call("Qot_SetPriceReminder", "{}")))
            for (name, body) in [("Qot_GetTicker", "[1]"), ("Qot_GetTicker", #"{"nonsense": 1}"#)] {
                let failure = await #expect(throws: BrokerFailure.self) {
                    try await raw.call(call(name, body), wait: .seconds(1))
                }
                #expect(failure?.kind == .invalidRequest)
            }
            let unknown = await #expect(throws: BrokerFailure.self) {
                try await raw.call(
                    call("Qot_GetSecuritySnapshot", #"{"securityList": [{"market": 1, "code": "x"}]}"#),
                    wait: .seconds(1))
            }
            #expect(unknown?.upstream?.message == "unknown stock")
        }
    }

    @LoopActor @Test func aGatewayThatIsNotLoggedInNeedsItsUser() async throws {
        try await with { bench in
            bench.gateway.isLoggedIn = false
            bench.gateway.program = 4
            bench.broker.start()
            #expect(await until { bench.broker.links.first?.state == .held })
            #expect(bench.broker.authorization.state == .authorizationRequired)
            #expect(bench.broker.authorization.lastError?.contains("phone") == true)
            let symbol = try symbol("700.HK")
            let failure = await #expect(throws: BrokerFailure.self) {
                try await bench.broker.trades(symbol, limit: 1, wait: .seconds(1))
            }
            #expect(failure?.kind == .sessionNotReady(state: "held"))
        }
    }
}
