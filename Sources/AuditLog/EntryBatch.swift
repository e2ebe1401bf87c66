/// Entries in their order on the way to the disk.
///
/// Most of them are the reads of a busy client, which nobody waits for. These lie here as text, one behind another: an
/// object for each, made on one thread and freed on another, costs more than all that is written of it.
struct EntryBatch: Sendable {
    /// One entry, as far as it is known.
    enum Item: Sendable {
        /// Its text between its number and its place in the chain, which ends there in the batch's bytes; of plain demand.
        case text(end: Int)
        /// What the text is still to be made of.
        case record(AuditEntry)
    }

    private(set) var items: [Item] = []
    private var bytes: [UInt8] = []
    /// How many of the items are records.
    private(set) var recordCount = 0

    /// No entries.
    init() {}

    /// Entries of which nothing is text yet.
    init(_ entries: [AuditEntry]) {
        for entry in entries { append(entry) }
    }

    var count: Int { items.count }
    var isEmpty: Bool { items.isEmpty }

    /// Those that are records, in order.
    var records: some Sequence<AuditEntry> {
        items.lazy.compactMap { if case .record(let entry) = $0 { entry } else { nil } }
    }

    mutating func append(_ entry: AuditEntry) {
        items.append(.record(entry))
        recordCount += 1
    }

    /// An entry of plain demand, whose text ``EntryEncoder`` made.
    mutating func append(text: ArraySlice<UInt8>) {
        bytes.append(contentsOf: text)
        items.append(.text(end: bytes.count))
    }

    mutating func append(contentsOf other: EntryBatch) {
        let start = bytes.count
        bytes.append(contentsOf: other.bytes)
        items.reserveCapacity(items.count + other.items.count)
        for item in other.items {
            switch item {
            case .text(let end): items.append(.text(end: start + end))
            case .record: items.append(item)
            }
        }
        recordCount += other.recordCount
    }

    /// Goes through all of them in order.
    func forEach(text: (ArraySlice<UInt8>) -> Void, record: (AuditEntry) -> Void) {
        var start = 0
        for item in items {
            switch item {
            case .text(let end):
                text(bytes[start..<end])
                start = end
            case .record(let entry): record(entry)
            }
        }
    }

    /// Without the records that ask for this.
    func without(_ demand: AuditEntry.Demand) -> EntryBatch {
        var rest = EntryBatch()
        forEach {
            rest.append(text: $0)
        } record: {
            if $0.demand != demand { rest.append($0) }
        }
        return rest
    }

    /// Empties it. The room is kept for as many again, unless that were few.
    mutating func removeAll() {
        let isBusy = items.count >= 256
        items.removeAll(keepingCapacity: isBusy)
        bytes.removeAll(keepingCapacity: isBusy)
        recordCount = 0
    }
}
