internal import BrokerModel
internal import Clocks
internal import LongbridgeWire

/// The live figures of the subscribed securities: records merged with the pushes that followed.
///
/// Bounded by what is wanted: nothing else is kept.
struct MarketFeed {
    /// A change to a quote.
    struct QuoteUpdate {
        var quote: Received<Quote>
        /// Whether the record must be pulled anew: the trading day changed.
        var needsRecord: Bool
    }

    private struct LiveQuote {
        var symbol: Symbol
        var merger: QuoteMerger
        var latest: Received<Quote>
    }

    private struct LiveBook {
        var merger: DepthMerger
        var latest: Received<OrderBook>
    }

    private struct LiveQueue {
        var merger: QueueMerger
        var latest: Received<BrokerQueue>
    }

    private var quotes: [String: LiveQuote] = [:]
    private var queues: [String: LiveQueue] = [:]
    private var books: [String: LiveBook] = [:]
    private var trades: [String: SequenceRule] = [:]

    /// Everything may be stale: the link is gone.
    mutating func forget() {
        quotes = [:]
        books = [:]
        queues = [:]
        trades = [:]
    }

    /// Drops what is no longer wanted.
    mutating func keep(only topics: Set<MarketTopic>) {
        func isKept(_ kind: MarketTopicKind, _ text: String) -> Bool {
            Symbol(text).map { topics.contains(MarketTopic(kind, $0)) } ?? false
        }
        quotes = quotes.filter { isKept(.quote, $0.key) }
        books = books.filter { isKept(.depth, $0.key) }
        queues = queues.filter { isKept(.brokerQueue, $0.key) }
        trades = trades.filter { isKept(.trade, $0.key) }
    }

    /// Takes the complete record of a security, before its first push or anew.
    mutating func take(_ record: Longbridge.Quote.SecurityQuote, symbol: Symbol, at time: WallTime) -> Received<Quote> {
        var merger = quotes[record.symbol]?.merger ?? QuoteMerger(record, zone: symbol.market.timeZone)
        merger.replace(record)
        let latest = Received(Quote(record, symbol: symbol, session: merger.session), at: time)
        quotes[record.symbol] = LiveQuote(symbol: symbol, merger: merger, latest: latest)
        return latest
    }

    /// Merges a push; `nil` if the record has not come yet, or the push changes nothing.
    mutating func merge(_ push: Longbridge.Quote.PushQuote, at time: WallTime) -> QuoteUpdate? {
        guard var entry = quotes[push.symbol] else { return nil }
        let outcome = entry.merger.merge(push)
        guard outcome != .ignored else { return nil }
        entry.latest = Received(
            Quote(entry.merger.quote, symbol: entry.symbol, session: entry.merger.session), at: time)
        quotes[push.symbol] = entry
        return QuoteUpdate(quote: entry.latest, needsRecord: outcome == .mergedOnNewDay)
    }

    /// Merges a push of depth; `nil` if it is late or repeated.
    mutating func merge(
        _ push: Longbridge.Quote.PushDepth, symbol: Symbol, at time: WallTime
    ) -> (book: Received<OrderBook>, isFirst: Bool)? {
        let isFirst = books[push.symbol] == nil
        var merger = books[push.symbol]?.merger ?? DepthMerger()
        guard merger.merge(push) else { return nil }
        let latest = Received(OrderBook(merger, symbol: symbol), at: time)
        books[push.symbol] = LiveBook(merger: merger, latest: latest)
        return (latest, isFirst)
    }

    /// Merges a push of the broker queue; `nil` if it is late or repeated.
    mutating func merge(
        _ push: Longbridge.Quote.PushBrokers, symbol: Symbol, names: [Int: String], at time: WallTime
    ) -> (queue: Received<BrokerQueue>, isFirst: Bool)? {
        let isFirst = queues[push.symbol] == nil
        var merger = queues[push.symbol]?.merger ?? QueueMerger()
        guard merger.merge(push) else { return nil }
        let latest = Received(BrokerQueue(merger, symbol: symbol, names: names), at: time)
        queues[push.symbol] = LiveQueue(merger: merger, latest: latest)
        return (latest, isFirst)
    }

    /// Whether a push of trades is neither late nor repeated.
    mutating func takes(_ push: Longbridge.Quote.PushTrade) -> Bool {
        trades[push.symbol, default: SequenceRule()].takes(push.sequence)
    }

    func quote(_ symbol: Symbol) -> Received<Quote>? { quotes[symbol.wire]?.latest }

    func book(_ symbol: Symbol) -> Received<OrderBook>? { books[symbol.wire]?.latest }

    func queue(_ symbol: Symbol) -> Received<BrokerQueue>? { queues[symbol.wire]?.latest }
}
