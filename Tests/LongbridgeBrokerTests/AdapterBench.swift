import BrokerModel
import Bytes
import Clocks
import Cryptography
import EventLoops
import HTTPCalling
import HTTPWire
import LongbridgeBroker
import LongbridgeWire
import Sandbox
import TestSupport
import Testing

/// An adapter under test, and everything it told.
@LoopActor
final class AdapterBench {
    let broker: LongbridgeBroker
    private let caller = HTTPCaller()

    private(set) var quotes: [(quote: Quote, isSnapshot: Bool)] = []
    private(set) var books: [(book: OrderBook, isSnapshot: Bool)] = []
    private(set) var queues: [(queue: BrokerQueue, isSnapshot: Bool)] = []
    private(set) var candles: [(topic: CandleTopic, candle: Candle, isSnapshot: Bool)] = []
    private(set) var candleGaps: [CandleTopic] = []
    private(set) var candlesRefused: [(topic: CandleTopic, failure: BrokerFailure)] = []
    private(set) var trades: [(symbol: Symbol, trades: [BrokerModel.Trade])] = []
    private(set) var links: [LinkStatus] = []
    private(set) var authorizations: [(status: AuthorizationStatus, remaining: Duration?)] = []
    private(set) var gaps: [(topics: [MarketTopic], gap: StreamGap)] = []
    private(set) var refused: [(topic: MarketTopic, failure: BrokerFailure)] = []

    /// Waits between attempts are short, except the one after a connection limit.
    init(
        authority: String,
        credentials: SandboxCredentials = SandboxCredentials(appKey: "k", appSecret: "s", accessToken: "t"),
        heartbeat: Duration = .seconds(30), feedPatience: Duration = .seconds(20), prefix: String = ""
    ) {
        var settings = LongbridgeAccountSettings(
            alias: "main", environment: .sandbox, httpURL: "http://\(authority)\(prefix)",
            quoteURL: "ws://\(authority)/quote/v2", appKey: credentials.appKey,
            appSecret: Secret(credentials.appSecret), accessToken: Secret(credentials.accessToken))
        settings.backoff = SessionBackoff(
            initial: .milliseconds(2), maximum: .milliseconds(20), stableAfter: .seconds(60))
        settings.heartbeat = heartbeat
        settings.feedPatience = feedPatience
        settings.language = "zh-HK"
        settings.wantsOvernight = true
        broker = LongbridgeBroker(settings, caller: caller)
        broker.onEvent = { [weak self] in self?.note($0) }
    }

    var link: LinkStatus { broker.links.first ?? LinkStatus(name: .quote, since: .now()) }
    var isReady: Bool { link.state == .ready }

    /// Starts and waits until the session is up.
    func begin() async {
        broker.start()
        #expect(await until { self.isReady })
    }

    /// How often the link has become ready.
    var readinesses: Int { links.count { $0.state == .ready } }

    /// Everything the link said about itself while it was not ready.
    var reasons: [String] { links.filter { $0.state != .ready }.compactMap(\.reason) }

    func snapshots(of symbol: Symbol) -> Int { quotes.count { $0.isSnapshot && $0.quote.symbol == symbol } }

    /// Calls the sandbox's control path.
    func control(_ sandbox: LongbridgeSandbox, _ action: String, _ body: String = "{}") async throws {
        let result = try await caller.call(
            HTTPCall(method: "POST", url: "\(sandbox.httpURL)/sandbox/\(action)", body: Array(body.utf8)))
        #expect(result.status == 200)
    }

    /// A number of the sandbox's counters.
    func calls(_ sandbox: LongbridgeSandbox, _ name: String) async throws -> Int64 {
        let result = try await caller.call(HTTPCall(url: "\(sandbox.httpURL)/sandbox/counters"))
        return try JSONValue.parse(result.body)["calls"]?[name]?.intValue ?? 0
    }

    private func note(_ event: BrokerEvent) {
        switch event {
        case .quote(let quote, _, let isSnapshot): quotes.append((quote, isSnapshot))
        case .depth(let book, _, let isSnapshot): books.append((book, isSnapshot))
        case .brokerQueue(let queue, _, let isSnapshot): queues.append((queue, isSnapshot))
        case .candle(let topic, let candle, _, let isSnapshot): candles.append((topic, candle, isSnapshot))
        case .candleGap(let topic, _): candleGaps.append(topic)
        case .candleRefused(let topic, let failure): candlesRefused.append((topic, failure))
        case .trades(let symbol, let new, _): trades.append((symbol, new))
        case .link(let status): links.append(status)
        case .authorization(let status, let remaining): authorizations.append((status, remaining))
        case .gap(let topics, let gap): gaps.append((topics, gap))
        case .refused(let topic, let failure): refused.append((topic, failure))
        }
    }
}

/// A canonical symbol a test is sure of.
func symbol(_ text: String) throws -> Symbol { try #require(Symbol(text)) }
