internal import Bytes
internal import Clocks

/// When pushes of one security left, by the monotonic clock: to measure how long they take to arrive elsewhere.
struct PushTrace: Sendable {
    /// The security that is watched; `nil` for none.
    private(set) var symbol: String?
    private var rows: [(sequence: Int64, kind: StaticString, nanoseconds: Int64)] = []

    /// Rows kept; later ones are not noted.
    private static let bound = 100_000

    mutating func begin(_ symbol: String?) {
        self.symbol = symbol
        rows = []
    }

    mutating func note(_ packet: PushFeed.Packet) {
        guard packet.symbol == symbol, rows.count < PushTrace.bound else { return }
        let kinds: [StaticString] = ["quote", "depth", "brokers", "trade"]
        guard kinds.indices.contains(Int(packet.type) - 1) else { return }
        rows.append((packet.sequence, kinds[Int(packet.type) - 1], Instant.now().nanoseconds))
    }

    func write(to json: inout JSONWriter) {
        json.key("pushes")
        json.beginArray()
        for row in rows {
            json.beginObject()
            json.key("sequence")
            json.int(row.sequence)
            json.key("kind")
            json.string("\(row.kind)")
            json.key("nanoseconds")
            json.int(row.nanoseconds)
            json.endObject()
        }
        json.endArray()
    }
}
