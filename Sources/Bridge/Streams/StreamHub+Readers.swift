internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPWire
internal import Storage

/// Streams that come and go, and what each begins with.
extension StreamHub {
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
    ///
    /// The connection may break in the middle of that, and the reader come again with the last id it got. So no event
    /// has an id beyond what the reader was given by then: the hello repeats the reader's own position, and of gaps and
    /// their snapshots only the last moves it.
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
        // The journal's part is behind all this; until it comes, the reader has no more of it than before.
        let reached = EventPosition(
            epoch: epoch, number: lastNumber,
            journal: resuming.flatMap { journaled.isEmpty || !isJournalWhole ? nil : $0.journal } ?? journal.last)
        sendHello(
            reader, at: requestedID == nil ? reached : resuming, requestedID: requestedID,
            replayFrom: isLossless ? resuming?.text : nil, isLossless: requestedID == nil || isLossless)
        for event in replay.events {
            guard isLossless, !journaled.isEmpty else {
                reader.send(isLossless ? event : event.moved(to: nil))
                continue
            }
            reader.send(event.moved(to: event.position?.with(journal: reached.journal)))
        }
        // The hello, or an event just sent, may have been the last one asked for: who has left is entered nowhere.
        guard !reader.isEnded else { return }
        var beginning: [StreamEvent] = []
        for topic in reader.topics.sorted(by: { $0.text < $1.text }) {
            topics[topic, default: TopicState(ring: EventRing(after: lastNumber))].readers[reader.id] = reader
            topics[topic]?.idleSince = nil
            let isMissed = topic.isJournaled ? !isJournalWhole : replay.missed.contains(topic)
            guard resuming == nil || isMissed else { continue }
            if requestedID != nil, isMissed {
                beginning.append(gapEvent(topic.text, StreamGap(from: nil, to: .now(), reason: "not_kept")))
            }
            if let refusal = topics[topic]?.refusal {
                beginning.append(event("subscription", StreamHub.refusalData(topic, refusal), number: lastNumber))
            }
            if wantsSnapshot { beginning += snapshots(topic) }
        }
        for (index, event) in beginning.enumerated() {
            let isLast = index == beginning.count - 1
            reader.send(requestedID == nil ? event : event.moved(to: isLast ? reached : nil))
        }
        if let resuming, isJournalWhole, !journaled.isEmpty { replayJournal(to: reader, after: resuming.journal) }
        tellBrokers()
    }

    /// Gives a reader what the journal has after `number`. Everything new waits until that is done, so that nothing is
    /// missed and nothing comes twice.
    func replayJournal(to reader: StreamReader, after number: Int64) {
        guard let database else { return }
        reader.hold()
        // What is new in this run waits too: whoever has only entries has no more of it than now.
        let opened = lastNumber
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
                    return reader.bye("restart")
                }
                for entry in page {
                    position = entry.number
                    guard let topic = StreamTopic(entry), reader.topics.contains(topic) else { continue }
                    reader.sendHeldBack(event(entry, number: opened))
                }
                if page.count < 500 { return reader.release(after: position) }
            }
        }
    }

    func closed(_ reader: StreamReader) {
        guard readers.removeValue(forKey: reader.id) != nil else { return }
        metrics.eventsMerged += reader.merged
        for topic in reader.topics {
            topics[topic]?.readers[reader.id] = nil
            if topics[topic]?.readers.isEmpty == true { topics[topic]?.idleSince = .now() }
        }
    }

    func replay(
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

    private func sendHello(
        _ reader: StreamReader, at position: EventPosition?, requestedID: String?, replayFrom: String?, isLossless: Bool
    ) {
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
        reader.send(StreamEvent("hello", json.bytes, at: position))
    }

    /// What a topic begins with.
    func snapshots(_ topic: StreamTopic) -> [StreamEvent] {
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
    func sessionSnapshots(_ alias: String) -> [StreamEvent] {
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
    func snapshot(_ topic: StreamTopic) -> StreamEvent? {
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
}
