/// Merges depth pushes into a book, row by row.
///
/// Rows are known by their position: a pushed row replaces the one of the same position, others stay. A push of more
/// than one row that starts at position 1 is the whole side, so what lies behind its last row is gone; and a row
/// without price and quantity is gone, since there is no other way to say so.
///
/// - Source: the vendor's client merges so; that a whole side may be shorter than before is our own conclusion.
public struct DepthMerger: Sendable {
    /// Buy side, best first.
    public private(set) var bids: [Longbridge.Quote.Depth] = []
    /// Sell side, best first.
    public private(set) var asks: [Longbridge.Quote.Depth] = []
    /// The last push's number; 0 before the first.
    public var sequence: Int64 { rule.last }
    private var rule = SequenceRule()

    /// The most rows of a side.
    public static let maximumRows = 100

    /// An empty book.
    public init() {}

    /// Replaces the book by one that was pulled.
    public mutating func replace(bids: [Longbridge.Quote.Depth], asks: [Longbridge.Quote.Depth]) {
        self.bids = DepthMerger.merged([:], bids)
        self.asks = DepthMerger.merged([:], asks)
    }

    /// Takes a push; `false` if it is late or repeated.
    public mutating func merge(_ push: Longbridge.Quote.PushDepth) -> Bool {
        guard rule.takes(push.sequence) else { return false }
        bids = DepthMerger.merged(DepthMerger.byPosition(bids), push.bid)
        asks = DepthMerger.merged(DepthMerger.byPosition(asks), push.ask)
        return true
    }

    private static func byPosition(_ rows: [Longbridge.Quote.Depth]) -> [Int32: Longbridge.Quote.Depth] {
        Dictionary(rows.map { ($0.position, $0) }) { _, newer in newer }
    }

    private static func merged(
        _ rows: [Int32: Longbridge.Quote.Depth], _ changes: [Longbridge.Quote.Depth]
    ) -> [Longbridge.Quote.Depth] {
        var rows = rows
        for row in changes { rows[row.position] = row }
        if changes.count > 1, changes.contains(where: { $0.position == 1 }), let end = changes.map(\.position).max() {
            rows = rows.filter { $0.key <= end }
        }
        return Array(
            rows.values.filter { $0.position > 0 && !($0.price.isEmpty && $0.volume == 0) }
                .sorted { $0.position < $1.position }.prefix(maximumRows))
    }
}
