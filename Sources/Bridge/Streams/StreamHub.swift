internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPWire
internal import Storage

/// Takes what the brokers push, encodes it once, and hands it to every stream that asked for it.
@LoopActor
final class StreamHub {
    struct TopicState {
        var readers: [String: StreamReader] = [:]
        var ring: EventRing
        /// Why the broker does not give it.
        var refusal: BrokerFailure?
        /// When the last reader left; upstream is told a little later.
        var idleSince: Instant?
    }

    /// Who asked what, byte for byte.
    struct Question: Hashable {
        var holder: String
        var target: String
    }

    let epoch: String
    var lastNumber: UInt64 = 0
    let brokers: [any Broker]
    let watch: [String: [Symbol]]
    let limits: LimitsConfiguration
    let metrics: Metrics
    var topics: [StreamTopic: TopicState] = [:]
    var readers: [String: StreamReader] = [:]
    var encodedQuotes: [String: [Symbol: (body: [UInt8], at: WallTime, asOf: WallTime?)]] = [:]
    /// Whole answers from memory by what was asked, until the next push.
    var answers: [Question: HTTPResponse] = [:]
    var log: Log?
    /// The accounts' orders, and where their journal stands.
    var ledgers: [String: OrderLedger] = [:]
    var database: Database?
    var journal: (forgotten: Int64, last: Int64) = (0, 0)
    var journalGrown = Completion<Void>()
    lazy var sweepTimer = LoopTimer { [weak self] in self?.sweep() }
    var sinceHeartbeat = 0

    /// Comments go out this often on idle streams, in seconds.
    static let heartbeatSeconds = 15
    /// Topics nobody reads stay subscribed this long, for readers that come back.
    static let grace = Duration.seconds(5)

    init(
        brokers: [any Broker], watch: [String: [Symbol]], limits: LimitsConfiguration, metrics: Metrics
    ) {
        self.brokers = brokers
        self.watch = watch
        self.limits = limits
        self.metrics = metrics
        epoch = Hex.encode(SecureRandom.bytes(4))
    }

    /// Output that may wait for one reader, in bytes.
    var queueBytes: Int { limits.streamQueueBytes }
    var streamCount: Int { readers.count }
    var topicCount: Int { topics.values.count { !$0.readers.isEmpty } }

    /// Takes the accounts that have orders, before ``start(log:)``.
    func attach(_ ledgers: [String: OrderLedger], _ database: Database) async throws(StorageError) {
        self.ledgers = ledgers
        self.database = database
        journal = try await database.read { connection throws(StorageError) in
            (try OrderStore.forgottenJournalNumber(connection), try OrderStore.lastJournalNumber(connection))
        }
        for ledger in ledgers.values { ledger.onEvent = { [weak self] in self?.publish($0) } }
    }

    /// The journal has lost its oldest entries.
    func forgetTrimmed() async throws(StorageError) {
        guard let database else { return }
        journal.forgotten = try await database.read { connection throws(StorageError) in
            try OrderStore.forgottenJournalNumber(connection)
        }
    }

    /// No position given before means anything: all readers are sent away, and find a gap when they come again.
    func beginAnew() async throws(StorageError) {
        try await forgetTrimmed()
        journal.last = max(journal.last, journal.forgotten)
        for reader in readers.values { reader.bye("restart") }
    }

    func start(log: Log) {
        self.log = log
        for broker in brokers {
            let alias = broker.account.alias
            broker.onEvent = { [weak self] event in self?.received(event, from: alias) }
        }
        tellBrokers()
        sweepTimer.schedule(every: .seconds(1))
    }

    func stop() {
        sweepTimer.cancel()
        for reader in readers.values { reader.bye("restart") }
    }

    /// Ends the streams of keys that no longer hold.
    func revoke(_ isRevoked: (KeyHolder) -> Bool) {
        for reader in readers.values where isRevoked(reader.holder) { reader.bye("revoked") }
    }

    // MARK: Upstream

    func tellBrokers() {
        // What was live may not be any longer: nothing encoded from it may outlive the subscription.
        encodedQuotes = [:]
        answers = [:]
        for broker in brokers {
            let alias = broker.account.alias
            var wanted = Set(
                topics.compactMap { topic, _ -> MarketTopic? in
                    if case .market(alias, let market) = topic { market } else { nil }
                })
            for symbol in watch[alias] ?? [] { wanted.insert(MarketTopic(.quote, symbol)) }
            broker.setWanted(wanted)
            broker.setWantedCandles(
                Set(
                    topics.keys.compactMap { topic in
                        if case .candle(alias, let candle) = topic { candle } else { nil }
                    }))
        }
    }

    func sweep() {
        let now = Instant.now()
        let idle = topics.filter { $0.value.idleSince.map { now - $0 >= StreamHub.grace } ?? false }
        for topic in idle.keys { topics[topic] = nil }
        if !idle.isEmpty { tellBrokers() }
        let wall = WallTime.now()
        for reader in readers.values where reader.expires.map({ $0 <= wall }) ?? false {
            reader.bye("expired")
        }
        sinceHeartbeat += 1
        if sinceHeartbeat >= StreamHub.heartbeatSeconds {
            sinceHeartbeat = 0
            for reader in readers.values { reader.heartbeat() }
        }
    }

    /// Topics of an account, and how many streams read each.
    func subscriptions(of alias: String) -> [(topic: String, readers: Int)] {
        topics.compactMap { topic, state in
            switch topic {
            case .market(alias, _), .candle(alias, _): (topic.text, state.readers.count)
            case .market, .candle, .session, .orders, .executions: nil
            }
        }.sorted { $0.0 < $1.0 }
    }
}
