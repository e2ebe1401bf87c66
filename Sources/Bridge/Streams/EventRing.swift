internal import Bytes
internal import HTTPWire

/// One event, encoded once for all who read it.
struct StreamEvent: Sendable {
    /// Where a reader stands who has it; `nil` for one that moves no reader.
    let position: EventPosition?
    let name: String
    /// Never absent in practice: an event has bytes.
    let sse: HTTPChunk?
    /// One line of JSON, without its end.
    let json: [UInt8]
    /// Where its data begins in ``json``; it ends before the last byte.
    private let dataStart: Int
    /// Where it stands in the journal; `nil` for what is not kept there.
    var journal: Int64?

    /// An event, encoded.
    init(_ name: String, _ data: [UInt8], at position: EventPosition?, journal: Int64? = nil) {
        self.position = position
        self.name = name
        self.journal = journal
        let id = position.flatMap { ServerSentEvent.ID($0.text) }
        sse = HTTPChunk(ServerSentEvent(id: id, name: ServerSentEvent.Name(name), data: data).encoded())
        var json = JSONWriter(capacity: data.count + 64)
        json.beginObject()
        json.key("id")
        json.string(position?.text)
        json.key("event")
        json.string(name)
        json.key("data")
        json.raw(data)
        json.endObject()
        self.json = json.bytes
        dataStart = json.bytes.count - 1 - data.count
    }

    /// Its number in this run; 0 for an event that moves no reader.
    var number: UInt64 { position?.number ?? 0 }

    /// The same for a reader who stands elsewhere when it comes, or, with `nil`, whom it must not move: because newer
    /// events went before it, or older ones are still to come.
    func moved(to position: EventPosition?) -> StreamEvent {
        StreamEvent(name, Array(json[dataStart..<json.count - 1]), at: position, journal: journal)
    }
}

/// The newest events of a topic, for readers that come back.
struct EventRing: Sendable {
    private(set) var events: [StreamEvent] = []
    /// Events up to this number are gone.
    private(set) var forgotten: UInt64

    /// The most events kept of a topic.
    static let bound = 128

    /// A ring that begins after `number`.
    init(after number: UInt64) {
        forgotten = number
    }

    mutating func append(_ event: StreamEvent) {
        events.append(event)
        guard events.count >= EventRing.bound * 2 else { return }
        forgotten = events[EventRing.bound - 1].number
        events.removeFirst(EventRing.bound)
    }

    /// Everything after `number`; `nil` if some of it is gone.
    func after(_ number: UInt64) -> ArraySlice<StreamEvent>? {
        guard number >= forgotten else { return nil }
        let start = events.firstIndex { $0.number > number } ?? events.endIndex
        return events[start...]
    }
}
