internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPWire
internal import Storage

/// Events as every reader gets them, and the journal of those that are never lost.
extension StreamHub {
    func publish(_ topic: StreamTopic, _ name: String, _ data: () -> [UInt8]) {
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
    func publish(_ entry: JournalEntry) {
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
    func event(_ entry: JournalEntry) -> StreamEvent {
        var event = event(entry.event, Array(entry.body.utf8), number: lastNumber, journal: entry.number)
        event.journal = entry.number
        return event
    }

    func event(_ name: String, _ data: [UInt8], number: UInt64, journal: Int64? = nil) -> StreamEvent {
        let position = EventPosition(epoch: epoch, number: number, journal: journal ?? self.journal.last)
        let event = ServerSentEvent(
            id: ServerSentEvent.ID(position.text), name: ServerSentEvent.Name(name), data: data)
        return StreamEvent(
            number: number, name: name, sse: HTTPChunk(event.encoded()), json: StreamHub.line(position, name, data))
    }

    /// The same event as one line of JSON.
    static func line(_ position: EventPosition, _ name: String, _ data: [UInt8]) -> [UInt8] {
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

    func gapEvent(_ topic: String, _ gap: StreamGap) -> StreamEvent {
        event("gap", StreamHub.gapData(topic, gap), number: lastNumber)
    }

    static func gapData(_ topic: String, _ gap: StreamGap) -> [UInt8] {
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

    func data(
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
}
