internal import HTTPWire

/// One event, encoded once for all who read it.
struct StreamEvent: Sendable {
    let number: UInt64
    let name: String
    /// Never absent in practice: an event has bytes.
    let sse: HTTPChunk?
    let json: [UInt8]
    /// Where it stands in the journal; `nil` for what is not kept there.
    var journal: Int64?
    /// The same without an id, for when it is sent behind newer ones: the reader's position must not go back.
    var late: HTTPChunk? {
        sse.flatMap { chunk in
            let bytes = chunk.bare
            guard bytes.starts(with: Array("id:".utf8)), let end = bytes.firstIndex(of: 0x0A) else { return chunk }
            return HTTPChunk(Array(bytes[(end + 1)...]))
        }
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
