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
    private struct TopicState {
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
    private(set) var lastNumber: UInt64 = 0
    private let brokers: [any Broker]
    private let watch: [String: [Symbol]]
    private let limits: LimitsConfiguration
    private let metrics: Metrics
    private var topics: [StreamTopic: TopicState] = [:]
    private var readers: [String: StreamReader] = [:]
    private var encodedQuotes: [String: [Symbol: (body: [UInt8], at: WallTime, asOf: WallTime?)]] = [:]
    /// Whole answers from memory by what was asked, until the next push.
    private var answers: [Question: HTTPResponse] = [:]
    private var log: Log?
    /// The accounts' orders, and where their journal stands.
    private var ledgers: [String: OrderLedger] = [:]
    private var database: Database?
    private var journal: (forgotten: Int64, last: Int64) = (0, 0)
    private var journalGrown = Completion<Void>()
    private lazy var sweepTimer = LoopTimer { [weak self] in self?.sweep() }
    private var sinceHeartbeat = 0

    /// Comments go out this often on idle streams, in seconds.
    static let heartbeatSeconds = 15
    /// Topics nobody reads stay subscribed this long, for readers that come back.
    private static let grace = Duration.seconds(5)

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
        for reader in readers.values { reader.bye("restart", resume: position) }
    }

    /// Ends the streams of keys that no longer hold.
    func revoke(_ isRevoked: (KeyHolder) -> Bool) {
        for reader in readers.values where isRevoked(reader.holder) { reader.bye("revoked", resume: nil) }
    }

    /// The id of the newest event.
    var position: String { EventPosition(epoch: epoch, number: lastNumber, journal: journal.last).text }

    // MARK: Readers

    /// Whether one more stream, of so many topics, may be opened by this key.
    func hasRoom(for holder: KeyHolder, topics: Int, _ caps: InboundLimits.StreamCaps) -> Bool {
        let held = held(by: holder.name)
        return readers.count < limits.streams && held.streams < caps.streams && held.topics + topics <= caps.topics
    }

    /// What the streams of a key are now.
    func held(by name: String) -> (streams: Int, topics: Int) {
        readers.values.reduce((0, 0)) { held, reader in
            reader.holder.name == name ? (held.0 + 1, held.1 + reader.topics.count) : held
        }
    }

    /// Begins a stream: hello, then what was missed or a snapshot, then everything new. Nothing can fall between, as
    /// all of it happens in one turn of the loop.
    func open(_ reader: StreamReader, resuming: EventPosition?, requestedID: String?, wantsSnapshot: Bool) {
        readers[reader.id] = reader
        metrics.streamsOpened += 1
        reader.onEnd = { [weak self, weak reader] in
            if let reader { self?.closed(reader) }
        }
        reader.sendControl(ServerSentEvent.retry(milliseconds: Int.random(in: 1000...3000)))
        let replay = replay(resuming, reader.topics)
        let journaled = reader.topics.filter(\.isJournaled)
        let isJournalWhole = resuming.map { (journal.forgotten...journal.last).contains($0.journal) } ?? false
        let isLossless = replay.isLossless && (journaled.isEmpty || isJournalWhole)
        sendHello(
            reader, requestedID: requestedID, replayFrom: isLossless ? resuming?.text : nil,
            isLossless: requestedID == nil || isLossless)
        for event in replay.events { reader.send(event) }
        for topic in reader.topics.sorted(by: { $0.text < $1.text }) {
            let isMissed = topic.isJournaled ? !isJournalWhole : replay.missed.contains(topic)
            if requestedID != nil, isMissed {
                reader.send(gapEvent(topic.text, StreamGap(from: nil, to: .now(), reason: "not_kept")))
            }
            if resuming == nil || isMissed, let refusal = topics[topic]?.refusal {
                reader.send(event("subscription", StreamHub.refusalData(topic, refusal), number: lastNumber))
            }
            if wantsSnapshot, resuming == nil || isMissed {
                for snapshot in snapshots(topic) { reader.send(snapshot) }
            }
            topics[topic, default: TopicState(ring: EventRing(after: lastNumber))].readers[reader.id] = reader
            topics[topic]?.idleSince = nil
        }
        if let resuming, isJournalWhole, !journaled.isEmpty { replayJournal(to: reader, after: resuming.journal) }
        tellBrokers()
    }

    /// Gives a reader what the journal has after `number`. Everything new waits until that is done, so that nothing is
    /// missed and nothing comes twice.
    private func replayJournal(to reader: StreamReader, after number: Int64) {
        guard let database else { return }
        reader.hold()
        let accounts = Array(ledgers.keys)
        spawn { [weak self, weak reader] in
            var position = number
            while let self, let reader, !reader.isEnded {
                // A long absence is given back as fast as the client takes it; one that takes nothing is ended by the
                // server's deadline for writes.
                while reader.isBackedUp, !reader.isEnded {
                    do throws(CancellationError) { try await sleep(for: .milliseconds(5)) } catch { return }
                }
                let after = position
                let page: [JournalEntry]
                do throws(StorageError) {
                    page = try await database.read { connection throws(StorageError) in
                        try OrderStore.journal(after: after, accounts: accounts, limit: 500, on: connection)
                    }
                } catch {
                    return reader.bye("restart", resume: nil)
                }
                for entry in page {
                    position = entry.number
                    guard let topic = StreamTopic(entry), reader.topics.contains(topic) else { continue }
                    reader.sendHeldBack(event(entry))
                }
                if page.count < 500 { return reader.release(after: position) }
            }
        }
    }

    private func closed(_ reader: StreamReader) {
        guard readers.removeValue(forKey: reader.id) != nil else { return }
        metrics.eventsMerged += reader.merged
        for topic in reader.topics {
            topics[topic]?.readers[reader.id] = nil
            if topics[topic]?.readers.isEmpty == true { topics[topic]?.idleSince = .now() }
        }
    }

    private func replay(
        _ position: EventPosition?, _ all: Set<StreamTopic>
    ) -> (events: [StreamEvent], missed: Set<StreamTopic>, isLossless: Bool) {
        let wanted = all.filter { !$0.isJournaled }
        guard !wanted.isEmpty else { return ([], [], true) }
        guard let position, position.epoch == epoch, position.number <= lastNumber else { return ([], wanted, false) }
        var events: [StreamEvent] = []
        var missed: Set<StreamTopic> = []
        for topic in wanted {
            if let later = topics[topic]?.ring.after(position.number) {
                events += later
            } else {
                missed.insert(topic)
            }
        }
        return (events.sorted { $0.number < $1.number }, missed, missed.isEmpty)
    }

    private func sendHello(_ reader: StreamReader, requestedID: String?, replayFrom: String?, isLossless: Bool) {
        var json = JSONWriter()
        json.beginObject()
        json.key("stream_id")
        json.string(reader.id)
        json.key("requested_id")
        json.string(requestedID)
        json.key("replay_from")
        json.string(replayFrom)
        json.key("lossless")
        json.bool(isLossless)
        json.key("server_time")
        json.time(.now())
        json.key("heartbeat_s")
        json.int(StreamHub.heartbeatSeconds)
        json.endObject()
        reader.send(event("hello", json.bytes, number: lastNumber))
    }

    // MARK: Upstream

    private func tellBrokers() {
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

    private func sweep() {
        let now = Instant.now()
        let idle = topics.filter { $0.value.idleSince.map { now - $0 >= StreamHub.grace } ?? false }
        for topic in idle.keys { topics[topic] = nil }
        if !idle.isEmpty { tellBrokers() }
        let wall = WallTime.now()
        for reader in readers.values where reader.expires.map({ $0 <= wall }) ?? false {
            reader.bye("expired", resume: nil)
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

    private func received(_ event: BrokerEvent, from alias: String) {
        if !answers.isEmpty { answers.removeAll(keepingCapacity: true) }
        switch event {
        case .quote(let quote, let at, let isSnapshot):
            encodedQuotes[alias]?[quote.symbol] = nil
            publish(.market(account: alias, MarketTopic(.quote, quote.symbol)), "quote") {
                data(alias, at, isSnapshot: isSnapshot) { $0.members(of: quote) }
            }
        case .depth(let book, let at, let isSnapshot):
            publish(.market(account: alias, MarketTopic(.depth, book.symbol)), "depth") {
                data(alias, at, isSnapshot: isSnapshot) { $0.members(of: book) }
            }
        case .brokerQueue(let queue, let at, let isSnapshot):
            publish(.market(account: alias, MarketTopic(.brokerQueue, queue.symbol)), "broker_queue") {
                data(alias, at, isSnapshot: isSnapshot) { $0.members(of: queue) }
            }
        case .trades(let symbol, let trades, let at):
            for trade in trades {
                publish(.market(account: alias, MarketTopic(.trade, symbol)), "trade") {
                    data(alias, at, isSnapshot: false) { json in
                        json.key("symbol")
                        json.string(symbol.text)
                        json.members(of: trade)
                    }
                }
            }
        case .candle(let topic, let candle, let at, let isSnapshot):
            publish(.candle(account: alias, topic), "candle") {
                data(alias, at, isSnapshot: isSnapshot) { $0.members(of: candle, topic) }
            }
        case .candleGap(let topic, let gap):
            let topic = StreamTopic.candle(account: alias, topic)
            publish(topic, "gap") { StreamHub.gapData(topic.text, gap) }
        case .candleRefused(let topic, let failure): refused(.candle(account: alias, topic), failure)
        case .link(let status): linkChanged(status, alias)
        case .authorization(let status, let remaining): authorizationChanged(status, remaining, alias)
        case .gap(let missed, let gap):
            encodedQuotes[alias] = [:]
            for topic in missed {
                let topic = StreamTopic.market(account: alias, topic)
                publish(topic, "gap") { StreamHub.gapData(topic.text, gap) }
            }
        case .refused(let topic, let failure): refused(.market(account: alias, topic), failure)
        }
    }

    /// Remembered while anybody wants the topic: who comes later is told too, as the broker is not asked again.
    private func refused(_ topic: StreamTopic, _ failure: BrokerFailure) {
        guard topics[topic] != nil else { return }
        topics[topic]?.refusal = failure
        publish(topic, "subscription") { StreamHub.refusalData(topic, failure) }
    }

    private static func refusalData(_ topic: StreamTopic, _ failure: BrokerFailure) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("refused")
        json.beginArray()
        json.beginObject()
        json.key("topic")
        json.string(topic.text)
        json.key("problem")
        Problem(failure).write(to: &json, requestID: nil)
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// `auth` events stand in the account's session topic.
    private func authorizationChanged(_ status: AuthorizationStatus, _ remaining: Duration?, _ alias: String) {
        let isBad = remaining != nil || status.state == .authorizationRequired || status.isUnsaved
        let (state, reason) = (LogField.state(status.state.rawValue), LogField.reason(status.lastError ?? "-"))
        if isBad {
            log?.warning("auth.changed", .account(alias), state, reason)
        } else {
            log?.info("auth.changed", .account(alias), state, reason)
        }
        publish(.session(account: alias), "auth") {
            var json = JSONWriter()
            json.beginObject()
            json.key("account")
            json.string(alias)
            json.members(of: status)
            json.key("expires_within_s")
            json.int(remaining?.secondsRoundedUp)
            json.endObject()
            return json.bytes
        }
    }

    /// Trading of an account was halted, or goes on.
    func tellOfHalt(_ alias: String, _ data: [UInt8]) { publish(.session(account: alias), "kill_switch") { data } }

    private func linkChanged(_ status: LinkStatus, _ alias: String) {
        if status.state != .ready { encodedQuotes[alias] = [:] }
        log?.info(
            "session.changed", .account(alias), .link(status.name.rawValue), .state(status.state.rawValue),
            .reason(status.reason ?? "-"), .attempt(status.attempts))
        publish(.session(account: alias), "session") {
            var json = JSONWriter()
            json.beginObject()
            json.key("account")
            json.string(alias)
            json.members(of: status, now: .now())
            json.endObject()
            return json.bytes
        }
    }

    // MARK: Events

    private func publish(_ topic: StreamTopic, _ name: String, _ data: () -> [UInt8]) {
        guard topics[topic] != nil else { return }
        if name != "subscription", topics[topic]?.refusal != nil { topics[topic]?.refusal = nil }
        lastNumber += 1
        let event = event(name, data(), number: lastNumber)
        topics[topic]?.ring.append(event)
        guard let readers = topics[topic]?.readers.values else { return }
        for reader in readers { reader.deliver(event, topic: topic) }
        metrics.eventsDelivered += readers.count
    }

    /// The newest entry of the journal.
    var lastJournalNumber: Int64 { journal.last }

    /// Returns when the journal has grown beyond `number`, or at `deadline`.
    func waitForJournal(after number: Int64, until deadline: Instant) async {
        guard journal.last <= number else { return }
        let grown = journalGrown
        let limit = LoopTimer { grown.resolve(()) }
        limit.schedule(after: max(.zero, deadline - .now()))
        try? await grown.value()
        limit.cancel()
        if journalGrown === grown { journalGrown = Completion() }
    }

    /// Tells of an entry that has just been committed.
    private func publish(_ entry: JournalEntry) {
        journal.last = max(journal.last, entry.number)
        journalGrown.resolve(())
        journalGrown = Completion()
        guard let topic = StreamTopic(entry), let readers = topics[topic]?.readers.values, !readers.isEmpty else {
            return
        }
        let event = event(entry)
        for reader in readers { reader.deliver(event, topic: topic) }
        metrics.eventsDelivered += readers.count
    }

    /// An entry of the journal as an event. Its id stands where the run stands now.
    private func event(_ entry: JournalEntry) -> StreamEvent {
        var event = event(entry.event, Array(entry.body.utf8), number: lastNumber, journal: entry.number)
        event.journal = entry.number
        return event
    }

    private func event(_ name: String, _ data: [UInt8], number: UInt64, journal: Int64? = nil) -> StreamEvent {
        let position = EventPosition(epoch: epoch, number: number, journal: journal ?? self.journal.last)
        let event = ServerSentEvent(
            id: ServerSentEvent.ID(position.text), name: ServerSentEvent.Name(name), data: data)
        return StreamEvent(
            number: number, name: name, sse: HTTPChunk(event.encoded()), json: StreamHub.line(position, name, data))
    }

    /// The same event as one line of JSON.
    private static func line(_ position: EventPosition, _ name: String, _ data: [UInt8]) -> [UInt8] {
        var json = JSONWriter(capacity: data.count + 64)
        json.beginObject()
        json.key("id")
        json.string(position.text)
        json.key("event")
        json.string(name)
        json.key("data")
        json.raw(data)
        json.endObject()
        return json.bytes
    }

    private func gapEvent(_ topic: String, _ gap: StreamGap) -> StreamEvent {
        event("gap", StreamHub.gapData(topic, gap), number: lastNumber)
    }

    private static func gapData(_ topic: String, _ gap: StreamGap) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("topic")
        json.string(topic)
        json.key("from")
        json.time(gap.from)
        json.key("to")
        json.time(gap.to)
        json.key("reason")
        json.string(gap.reason)
        json.endObject()
        return json.bytes
    }

    private func data(
        _ alias: String, _ at: WallTime, isSnapshot: Bool, _ members: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.beginObject()
        members(&json)
        json.key("account")
        json.string(alias)
        json.key("received_at")
        json.time(at)
        if isSnapshot {
            json.key("snapshot")
            json.bool(true)
        }
        json.endObject()
        return json.bytes
    }

    /// What a topic begins with.
    private func snapshots(_ topic: StreamTopic) -> [StreamEvent] {
        if case .session(let alias) = topic { return sessionSnapshots(alias) }
        guard case .orders(let alias) = topic else { return snapshot(topic).map { [$0] } ?? [] }
        return ledgers[alias]?.openOrders.map { order in
            var json = JSONWriter(capacity: 1024)
            json.beginObject()
            json.members(of: order, ledgers[alias]?.account ?? OrderAccount(environment: "", broker: ""))
            json.key("origin")
            json.null()
            json.key("snapshot")
            json.bool(true)
            json.endObject()
            return event("order", json.bytes, number: lastNumber)
        } ?? []
    }

    /// Each link's state.
    private func sessionSnapshots(_ alias: String) -> [StreamEvent] {
        let links = brokers.first { $0.account.alias == alias }?.links ?? []
        return links.map { link in
            var json = JSONWriter()
            json.beginObject()
            json.key("account")
            json.string(alias)
            json.members(of: link, now: .now())
            json.key("snapshot")
            json.bool(true)
            json.endObject()
            return event("session", json.bytes, number: lastNumber)
        }
    }

    /// The present state of a topic, if it is live already; otherwise the broker's first push is the snapshot.
    private func snapshot(_ topic: StreamTopic) -> StreamEvent? {
        switch topic {
        case .market(let alias, let market):
            guard let broker = brokers.first(where: { $0.account.alias == alias }) else { return nil }
            switch market.kind {
            case .quote:
                guard let live = broker.liveQuote(market.symbol) else { return nil }
                return event(
                    "quote", data(alias, live.at, isSnapshot: true) { $0.members(of: live.value) }, number: lastNumber)
            case .depth:
                guard let live = broker.liveDepth(market.symbol) else { return nil }
                return event(
                    "depth", data(alias, live.at, isSnapshot: true) { $0.members(of: live.value) }, number: lastNumber)
            case .brokerQueue:
                guard let live = broker.liveBrokerQueue(market.symbol) else { return nil }
                return event(
                    "broker_queue", data(alias, live.at, isSnapshot: true) { $0.members(of: live.value) },
                    number: lastNumber)
            case .trade: return nil
            }
        case .candle(let alias, let candle):
            guard let live = brokers.first(where: { $0.account.alias == alias })?.liveCandle(candle) else { return nil }
            return event(
                "candle", data(alias, live.at, isSnapshot: true) { $0.members(of: live.value, candle) },
                number: lastNumber)
        case .session, .orders, .executions: return nil
        }
    }

    // MARK: Quotes from memory

    /// The answer given to the same question since the last push of any broker.
    func answer(_ question: Question) -> HTTPResponse? { answers[question] }

    /// Rights have changed.
    func forgetAnswers() { answers = [:] }

    /// Keeps an answer until the next push; at most 1024.
    func keep(_ response: HTTPResponse, for question: Question) {
        if answers.count >= 1024 { answers.removeAll(keepingCapacity: true) }
        answers[question] = response
    }

    /// The whole answer to a read of securities that are all live; `nil` if any is not. Each quote is encoded once for
    /// all readers, until the next push.
    func liveQuotes(_ broker: any Broker, _ symbols: [Symbol]) -> [UInt8]? {
        let alias = broker.account.alias
        var json = JSONWriter(capacity: 640 * symbols.count + 256)
        var oldest: WallTime?
        var asOf: WallTime?
        json.beginObject()
        json.key("data")
        json.beginArray()
        for symbol in symbols {
            if let known = encodedQuotes[alias]?[symbol] {
                json.raw(known.body)
                oldest = min(oldest ?? known.at, known.at)
                asOf = known.asOf.map { min(asOf ?? $0, $0) } ?? asOf
                continue
            }
            guard let live = broker.liveQuote(symbol) else { return nil }
            var quote = JSONWriter(capacity: 640)
            quote.beginObject()
            quote.members(of: live.value)
            quote.endObject()
            encodedQuotes[alias, default: [:]][symbol] = (quote.bytes, live.at, live.value.timestamp)
            json.raw(quote.bytes)
            oldest = min(oldest ?? live.at, live.at)
            asOf = live.value.timestamp.map { min(asOf ?? $0, $0) } ?? asOf
        }
        guard let oldest else { return nil }
        json.endArray()
        json.key("next_cursor")
        json.null()
        json.key("errors")
        json.beginArray()
        json.endArray()
        json.meta(broker, asOf: asOf, at: oldest, source: "push")
        json.endObject()
        return json.bytes
    }
}
