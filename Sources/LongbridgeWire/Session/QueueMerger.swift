/// Merges broker-queue pushes row by row: a pushed row replaces the one of the same position with its whole list of seats,
/// others stay. A push of more than one row that starts at position 1 is the whole side.
///
/// - Source: the vendor's client merges so; that a whole side may be shorter than before is our own conclusion, as for depth.
public struct QueueMerger: Sendable {
    /// Buy side, best first.
    public private(set) var bids: [Longbridge.Quote.Brokers] = []
    /// Sell side, best first.
    public private(set) var asks: [Longbridge.Quote.Brokers] = []
    /// The last push's number; 0 before the first.
    public var sequence: Int64 { rule.last }
    private var rule = SequenceRule()

    /// The most rows of a side, and the most seats of a row.
    public static let maximumRows = 100

    /// An empty queue.
    public init() {}

    /// Replaces the queue by one that was pulled.
    public mutating func replace(bids: [Longbridge.Quote.Brokers], asks: [Longbridge.Quote.Brokers]) {
        self.bids = QueueMerger.merged([], bids)
        self.asks = QueueMerger.merged([], asks)
    }

    /// Takes a push; `false` if it is late or repeated.
    public mutating func merge(_ push: Longbridge.Quote.PushBrokers) -> Bool {
        guard rule.takes(push.sequence) else { return false }
        bids = QueueMerger.merged(bids, push.bidBrokers)
        asks = QueueMerger.merged(asks, push.askBrokers)
        return true
    }

    private static func merged(
        _ rows: [Longbridge.Quote.Brokers], _ changes: [Longbridge.Quote.Brokers]
    ) -> [Longbridge.Quote.Brokers] {
        var byPosition = Dictionary(rows.map { ($0.position, $0) }) { _, newer in newer }
        for row in changes {
            var row = row
            row.brokerIds = Array(row.brokerIds.prefix(maximumRows))
            byPosition[row.position] = row
        }
        if changes.count > 1, changes.contains(where: { $0.position == 1 }), let end = changes.map(\.position).max() {
            byPosition = byPosition.filter { $0.key <= end }
        }
        return Array(
            byPosition.values.filter { $0.position > 0 }.sorted { $0.position < $1.position }.prefix(maximumRows))
    }
}
