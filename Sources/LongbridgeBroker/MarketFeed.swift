internal import BrokerModel
internal import Clocks
internal import LongbridgeWire

/// The live figures of the subscribed securities: records merged with the pushes that followed.
///
/// Bounded by the subscription limit: only what is wanted is kept.
struct MarketFeed {
    private var quotes: [String: (symbol: Symbol, merger: QuoteMerger, latest: Received<Quote>)] = [:]
    private var books: [String: (symbol: Symbol, merger: DepthMerger, latest: Received<OrderBook>)] = [:]

    /// Everything may be stale: the link is gone.
    mutating func forget() {
        quotes = [:]
        books = [:]
    }

    /// Drops what is no longer wanted.
    mutating func keep(only topics: Set<MarketTopic>) {
        quotes = quotes.filter { topics.contains(MarketTopic(.quote, $0.value.symbol)) }
        books = books.filter { topics.contains(MarketTopic(.depth, $0.value.symbol)) }
    }

    /// Starts a security with its complete record.
    mutating func begin(_ record: Longbridge.Quote.SecurityQuote, symbol: Symbol, at time: WallTime) -> Received<Quote>
    {
        let latest = Received(Quote(record, symbol: symbol, session: nil), at: time)
        quotes[record.symbol] = (symbol, QuoteMerger(record), latest)
        return latest
    }

    /// Merges a push; `nil` if the security was not begun, or the push changes nothing.
    mutating func merge(_ push: Longbridge.Quote.PushQuote, at time: WallTime) -> Received<Quote>? {
        guard var entry = quotes[push.symbol], entry.merger.merge(push) else { return nil }
        entry.latest = Received(
            Quote(entry.merger.quote, symbol: entry.symbol, session: entry.merger.session), at: time)
        quotes[push.symbol] = entry
        return entry.latest
    }

    /// Merges a push of depth; `nil` if it is older than the last one.
    mutating func merge(
        _ push: Longbridge.Quote.PushDepth, symbol: Symbol, at time: WallTime
    ) -> (book: Received<OrderBook>, isFirst: Bool)? {
        let isFirst = books[push.symbol] == nil
        var merger = books[push.symbol]?.merger ?? DepthMerger()
        guard merger.merge(push) else { return nil }
        let latest = Received(OrderBook(merger, symbol: symbol), at: time)
        books[push.symbol] = (symbol, merger, latest)
        return (latest, isFirst)
    }

    func quote(_ symbol: Symbol) -> Received<Quote>? { quotes[symbol.text]?.latest }

    func book(_ symbol: Symbol) -> Received<OrderBook>? { books[symbol.text]?.latest }
}
