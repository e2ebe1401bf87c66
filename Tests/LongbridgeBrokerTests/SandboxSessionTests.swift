import BrokerModel
import Clocks
import EventLoops
import LongbridgeBroker
import Sandbox
import TestSupport
import Testing

/// The adapter against the simulated broker, over real sockets.
@Suite struct SandboxSessionTests {
    init() { LoopRunner.start() }

    @LoopActor
    private func withSandbox(
        feedPatience: Duration = .seconds(20), _ body: (LongbridgeSandbox, AdapterBench) async throws -> Void
    ) async throws {
        let sandbox = LongbridgeSandbox(seed: 7, credentials: .random(), tickInterval: .milliseconds(10))
        try sandbox.start(on: #require(SocketAddress(host: "127.0.0.1", port: 0)))
        let bench = AdapterBench(
            authority: sandbox.authority, credentials: sandbox.credentials, feedPatience: feedPatience)
        do {
            try await body(sandbox, bench)
        } catch {
            await bench.broker.stop()
            await sandbox.stop()
            throw error
        }
        await bench.broker.stop()
        await sandbox.stop()
    }

    @LoopActor @Test func everyReadIsAnswered() async throws {
        try await withSandbox { _, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            let unknown = try symbol("NOPE.US")
            let quotes = try await bench.broker.quotes([tencent, unknown, symbol("AAPL.US")], wait: .seconds(5))
            #expect(quotes.values[tencent]?.previousClose != nil)
            #expect(quotes.values.count == 2)
            #expect(quotes.failures[unknown]?.kind == .unknownSymbol)
            let instruments = try await bench.broker.instruments([tencent, unknown], wait: .seconds(5))
            #expect(instruments.values[tencent]?.lotSize == 100)
            #expect(instruments.failures.keys.map(\.text) == ["NOPE.US"])
            let book = try await bench.broker.depth(tencent, wait: .seconds(5))
            #expect(book.bids.first?.position == 1)
            let bid = try #require(book.bids.first?.price)
            let ask = try #require(book.asks.first?.price)
            #expect(bid < ask)
            #expect(try await bench.broker.trades(tencent, limit: 5, wait: .seconds(5)).count <= 5)
            let candles = try await bench.broker.candles(
                CandleRequest(symbol: tencent, interval: .oneDay, limit: 10), wait: .seconds(5))
            #expect(candles.count == 10)
            #expect(candles.map(\.isFinal) == Array(repeating: true, count: 9) + [false])
            #expect(candles.map(\.start) == candles.map(\.start).sorted())
            _ = try await bench.broker.intraday(tencent, sessions: .regular, wait: .seconds(5))
            await #expect {
                _ = try await bench.broker.depth(unknown, wait: .seconds(5))
            } throws: {
                ($0 as? BrokerFailure)?.kind == .unknownSymbol
            }
        }
    }

    @LoopActor @Test func subscriptionsBringASnapshotAndThenPushes() async throws {
        try await withSandbox { _, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            let unknown = try symbol("NOPE.HK")
            bench.broker.setWanted([
                MarketTopic(.quote, tencent), MarketTopic(.depth, tencent), MarketTopic(.trade, tencent),
                MarketTopic(.quote, unknown),
            ])
            #expect(
                await until {
                    bench.quotes.count >= 4 && bench.books.count >= 4 && bench.trades.count >= 3
                        && !bench.refused.isEmpty
                })
            #expect(bench.refused.map(\.topic) == [MarketTopic(.quote, unknown)])
            #expect(bench.refused.first?.failure.kind == .unknownSymbol)
            #expect(bench.quotes.map(\.isSnapshot).prefix(2) == [true, false])
            #expect(bench.quotes.allSatisfy { $0.quote.symbol == tencent && $0.quote.previousClose != nil })
            #expect(bench.quotes.allSatisfy { $0.quote.open != nil && $0.quote.high != nil && $0.quote.volume != nil })
            #expect(bench.books.map(\.isSnapshot).prefix(2) == [true, false])
            #expect(bench.broker.liveQuote(tencent)?.value == bench.quotes.last?.quote)
            #expect(bench.broker.liveDepth(tencent)?.value == bench.books.last?.book)
            #expect(bench.link.subscriptionsUsed == 1)
            #expect(bench.link.subscriptionLimit == 500)
            bench.broker.setWanted([])
            #expect(bench.broker.liveQuote(tencent) == nil)
            #expect(await until { bench.link.subscriptionsUsed == 0 })
        }
    }

    @LoopActor @Test func aFeedThatFallsMuteWhileTheMarketMovesIsSubscribedAnew() async throws {
        try await withSandbox(feedPatience: .milliseconds(100)) { sandbox, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            bench.broker.setWanted([MarketTopic(.quote, tencent)])
            #expect(await until { bench.quotes.count >= 3 })
            // A market at rest is asked about, and its feed is left alone.
            try await bench.control(sandbox, "freeze", #"{"frozen":true}"#)
            let asked = try await bench.calls(sandbox, "securityQuote")
            var more = asked
            let end = Instant.now() + .seconds(20)
            while more <= asked + 3, Instant.now() < end { more = try await bench.calls(sandbox, "securityQuote") }
            #expect(more > asked + 3)
            #expect(bench.link.losses == 0 && bench.isReady)
            try await bench.control(sandbox, "freeze", #"{"frozen":false}"#)
            try await bench.control(sandbox, "faults", #"{"mute":true}"#)
            #expect(await until { bench.link.losses == 1 })
            #expect(bench.reasons.last == "nothing was pushed while the market moved")
            try await bench.control(sandbox, "faults", #"{"mute":false}"#)
            let before = bench.quotes.count
            #expect(await until { bench.quotes.count > before + 2 })
            #expect(bench.gaps.map(\.topics) == [[MarketTopic(.quote, tencent)]])
        }
    }

    @LoopActor @Test func aBrokerQueueIsPushedWithNames() async throws {
        try await withSandbox { _, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            bench.broker.setWanted([MarketTopic(.brokerQueue, tencent)])
            #expect(await until { bench.queues.count >= 3 && bench.queues.last?.queue.bids.isEmpty == false })
            #expect(bench.queues.map(\.isSnapshot).prefix(2) == [true, false])
            #expect(await until { bench.queues.last?.queue.bids.first?.brokers.first?.name != nil })
            #expect(bench.broker.liveBrokerQueue(tencent)?.value == bench.queues.last?.queue)
            let pulled = try await bench.broker.brokerQueue(tencent, wait: .seconds(5))
            #expect(pulled.asks.first?.brokers.first?.name != nil)
        }
    }

    @LoopActor @Test func runningCandlesAgreeWithAPullAndComeBackAfterALoss() async throws {
        try await withSandbox { sandbox, bench in
            await bench.begin()
            let topics = try Set(
                ["700.HK@1m", "700.HK@1d", "HSI.HK@5m"].map { try #require(CandleTopic($0)) })
            let unknown = try #require(CandleTopic("NOPE.HK@1m"))
            bench.broker.setWantedCandles(topics.union([unknown]))
            #expect(await until { Set(bench.candles.map(\.topic)) == topics && bench.candles.count > 30 })
            #expect(await until { bench.candlesRefused.first?.topic == unknown })
            #expect(bench.quotes.isEmpty && bench.trades.isEmpty)
            for topic in topics { #expect(bench.candles.first { $0.topic == topic }?.isSnapshot == true) }
            try await bench.control(sandbox, "drop")
            #expect(await until { Set(bench.candleGaps) == topics })
            #expect(await until { topics.allSatisfy { bench.broker.liveCandle($0) != nil } })
            let before = bench.candles.count
            #expect(await until { bench.candles.count > before + 20 })
            try await bench.control(sandbox, "freeze")
            for topic in topics {
                let bars = try await bench.broker.candles(
                    CandleRequest(symbol: topic.symbol, interval: topic.interval, limit: 1), wait: .seconds(5))
                var live = try #require(bench.broker.liveCandle(topic)?.value)
                live.isFinal = bars.first?.isFinal ?? false
                #expect(live == bars.first)
            }
            bench.broker.setWantedCandles([])
            #expect(await until { bench.link.subscriptionsUsed == 0 })
        }
    }

    @LoopActor @Test func referenceDataIsAnswered() async throws {
        try await withSandbox { _, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            let first = try #require(CivilDate(compact: "20260105"))
            let last = try #require(CivilDate(compact: "20260109"))
            let week = try await bench.broker.candleHistory(
                CandleHistoryRequest(
                    symbol: tencent, interval: .oneDay, span: .days(from: first, through: last), limit: 100),
                wait: .seconds(5))
            #expect(week.candles.count == 5)
            #expect(week.usedQuota)
            #expect(week.quota?.limit == 100)
            let days = try await bench.broker.tradingDays(
                .hongKong, from: first, through: first.adding(days: 90), wait: .seconds(5))
            #expect(days.full.count > 55)
            #expect(days.full == days.full.sorted())
            let hours = try await bench.broker.marketHours(wait: .seconds(5))
            #expect(hours.count == 5)
            let values = try await bench.broker.indicators([tencent], [.last, .strike], wait: .seconds(5))
            #expect(values.values[tencent]?.values.count == 1)
            #expect(bench.broker.quotePermissions?.packages.isEmpty == false)
        }
    }

    @LoopActor @Test func aHundredLostSocketsAreAHundredReturns() async throws {
        try await withSandbox { sandbox, bench in
            await bench.begin()
            let topics = Set(
                try ["700.HK", "AAPL.US", "5.HK"].flatMap { text in
                    let symbol = try symbol(text)
                    return [MarketTopic(.quote, symbol), MarketTopic(.depth, symbol)]
                })
            bench.broker.setWanted(topics)
            let tencent = try symbol("700.HK")
            for round in 1...100 {
                #expect(await until { bench.snapshots(of: tencent) == round && bench.link.subscriptionsUsed == 3 })
                let books = bench.books.count { $0.isSnapshot }
                try await bench.control(sandbox, "drop")
                #expect(await until { bench.link.losses == round && bench.isReady })
                #expect(await until { bench.gaps.count == round && bench.books.count { $0.isSnapshot } > books })
                guard bench.gaps.count == round else { return }
            }
            #expect(bench.readinesses == 101)
            #expect(bench.gaps.allSatisfy { Set($0.topics) == topics && $0.gap.reason == "link_lost" })
            #expect(bench.gaps.allSatisfy { event in event.gap.from.map { $0 <= event.gap.to } ?? false })
            #expect(bench.refused.isEmpty)
            // One password, then a hundred returns with the session.
            #expect(try await bench.calls(sandbox, "/v1/socket/token") == 1)
        }
    }

    @LoopActor @Test(arguments: ["kind", "command", "body", "truncated", "bomb", "oversized"])
    func whatNoBrokerShouldSendCostsOneReconnection(_ kind: String) async throws {
        try await withSandbox { sandbox, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            bench.broker.setWanted([MarketTopic(.quote, tencent)])
            #expect(await until { bench.snapshots(of: tencent) == 1 })
            try await bench.control(sandbox, "garbage", #"{"kind":"\#(kind)"}"#)
            #expect(await until { bench.snapshots(of: tencent) == 2 })
            #expect(bench.link.losses == 1)
            #expect(bench.gaps.count == 1)
            #expect(bench.reasons.isEmpty == false)
            #expect(bench.link.reason == nil)
        }
    }

    @LoopActor @Test func refusedCredentialsHoldTheLinkUntilSomebodyActs() async throws {
        try await withSandbox { sandbox, bench in
            try await bench.control(sandbox, "logins", #"{"refused":true}"#)
            bench.broker.start()
            #expect(await until { bench.link.state == .held })
            #expect(bench.link.nextAttempt == nil)
            #expect(bench.link.reason?.contains("401004") == true)
            #expect(bench.broker.authorization.state == .authorizationRequired)
            #expect(try await bench.calls(sandbox, "/v1/socket/token") == 1)
            await #expect {
                _ = try await bench.broker.depth(symbol("700.HK"), wait: .seconds(5))
            } throws: {
                ($0 as? BrokerFailure)?.kind == .authorizationRequired
            }
            try await bench.control(sandbox, "logins", #"{"refused":false}"#)
            #expect(bench.broker.reconnect())
            #expect(!bench.broker.reconnect())
            #expect(await until { bench.isReady })
            #expect(bench.broker.authorization.state == .ready)
            #expect(try await bench.calls(sandbox, "/v1/socket/token") == 2)
        }
    }

    @LoopActor @Test func anExpiredSessionIsFollowedByANewLogin() async throws {
        try await withSandbox { sandbox, bench in
            await bench.begin()
            try await bench.control(sandbox, "expire")
            try await bench.control(sandbox, "drop")
            #expect(await until { bench.link.losses == 1 && bench.isReady })
            #expect(try await bench.calls(sandbox, "/v1/socket/token") == 2)
        }
    }

    @LoopActor @Test func aSessionTheBrokerEndsIsNotTriedAgain() async throws {
        try await withSandbox { sandbox, bench in
            await bench.begin()
            try await bench.control(sandbox, "close", #"{"code":5}"#)
            #expect(await until { bench.link.losses == 1 && bench.isReady })
            #expect(try await bench.calls(sandbox, "/v1/socket/token") == 2)
            #expect(bench.reasons.contains { $0.contains("as asked") })
        }
    }

    @LoopActor @Test func aTakeOverIsHeld() async throws {
        try await withSandbox { sandbox, bench in
            await bench.begin()
            try await bench.control(sandbox, "close", #"{"code":6}"#)
            #expect(await until { bench.link.state == .held })
            #expect(bench.link.nextAttempt == nil)
            #expect(bench.broker.authorization.state == .ready)
            #expect(bench.broker.reconnect())
            #expect(await until { bench.isReady })
        }
    }

    @LoopActor @Test func aConnectionLimitIsWaitedOutForAMinute() async throws {
        try await withSandbox { sandbox, bench in
            try await bench.control(sandbox, "limit", #"{"connections":0}"#)
            let before = WallTime.now()
            bench.broker.start()
            #expect(await until { bench.link.state == .backingOff })
            let next = try #require(bench.link.nextAttempt)
            #expect(next >= before + .seconds(59))
            #expect(bench.link.reason?.contains("limit") == true)
        }
    }

    @LoopActor @Test func aStoppedBrokerClosesPolitelyAndCanStartAgain() async throws {
        try await withSandbox { _, bench in
            await bench.begin()
            await bench.broker.stop()
            #expect(bench.link.state == .disconnected)
            await bench.begin()
        }
    }
}
