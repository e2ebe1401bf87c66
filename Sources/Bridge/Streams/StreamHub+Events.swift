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
        let event = event(entry, number: lastNumber)
        for reader in readers { reader.deliver(event, topic: topic) }
        metrics.eventsDelivered += readers.count
    }

    /// An entry of the journal as an event for readers who have everything of this run up to `number`.
    func event(_ entry: JournalEntry, number: UInt64) -> StreamEvent {
        let position = EventPosition(epoch: epoch, number: number, journal: entry.number)
        return StreamEvent(entry.event, Array(entry.body.utf8), at: position, journal: entry.number)
    }

    func event(_ name: String, _ data: [UInt8], number: UInt64) -> StreamEvent {
        StreamEvent(name, data, at: EventPosition(epoch: epoch, number: number, journal: journal.last))
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
