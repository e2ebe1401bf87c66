/// Merges partial quote pushes into the last complete record of a security.
///
/// Rule of the vendor's client: an empty price and a zero volume or turnover mean "unchanged"; time, status and session
/// are always taken. A push marked as revised after the close is not merged.
/// - Source: Longbridge OpenAPI, "Push Real-time Quotes": only changed members are filled.
public struct QuoteMerger: Sendable {
    /// The merged record.
    public private(set) var quote: Longbridge.Quote.SecurityQuote
    /// The session of the day the last push was about; `nil` before the first.
    public private(set) var session: Longbridge.Quote.TradeSession?
    private var sequence: Int64 = 0

    /// Starts with a record that was pulled.
    public init(_ quote: Longbridge.Quote.SecurityQuote) {
        self.quote = quote
    }

    /// Takes a push; `false` if it changes nothing: older than the last one, or not live.
    public mutating func merge(_ push: Longbridge.Quote.PushQuote) -> Bool {
        guard push.tag == .normal, push.sequence == 0 || push.sequence > sequence else { return false }
        sequence = push.sequence
        if !push.lastDone.isEmpty { quote.lastDone = push.lastDone }
        if !push.open.isEmpty { quote.open = push.open }
        if !push.high.isEmpty { quote.high = push.high }
        if !push.low.isEmpty { quote.low = push.low }
        if push.volume != 0 { quote.volume = push.volume }
        if !push.turnover.isEmpty { quote.turnover = push.turnover }
        quote.timestamp = push.timestamp
        quote.tradeStatus = push.tradeStatus
        session = push.tradeSession
        return true
    }
}

/// Merges depth pushes into a book, row by row.
///
/// Rows are known by their position. A push of more than one row that starts at position 1 is taken as the whole side;
/// a row without price and quantity is gone.
public struct DepthMerger: Sendable {
    /// Buy side, best first.
    public private(set) var bids: [Longbridge.Quote.Depth] = []
    /// Sell side, best first.
    public private(set) var asks: [Longbridge.Quote.Depth] = []
    /// The last push's number; 0 before the first.
    public private(set) var sequence: Int64 = 0

    /// The most rows of a side.
    public static let maximumRows = 100

    /// An empty book.
    public init() {}

    /// Replaces the book by one that was pulled.
    public mutating func replace(bids: [Longbridge.Quote.Depth], asks: [Longbridge.Quote.Depth]) {
        self.bids = DepthMerger.clean(bids)
        self.asks = DepthMerger.clean(asks)
    }

    /// Takes a push; `false` if it is older than the last one.
    public mutating func merge(_ push: Longbridge.Quote.PushDepth) -> Bool {
        guard push.sequence == 0 || push.sequence > sequence else { return false }
        sequence = push.sequence
        bids = DepthMerger.merged(bids, push.bid)
        asks = DepthMerger.merged(asks, push.ask)
        return true
    }

    private static func merged(
        _ rows: [Longbridge.Quote.Depth], _ changes: [Longbridge.Quote.Depth]
    ) -> [Longbridge.Quote.Depth] {
        if changes.count > 1, changes.first?.position == 1 { return clean(changes) }
        var byPosition: [Int32: Longbridge.Quote.Depth] = [:]
        for row in rows + changes { byPosition[row.position] = row }
        return clean(Array(byPosition.values))
    }

    private static func clean(_ rows: [Longbridge.Quote.Depth]) -> [Longbridge.Quote.Depth] {
        Array(
            rows.filter { $0.position > 0 && !($0.price.isEmpty && $0.volume == 0) }
                .sorted { $0.position < $1.position }.prefix(maximumRows))
    }
}
