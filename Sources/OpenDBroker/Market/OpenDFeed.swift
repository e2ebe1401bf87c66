internal import BrokerModel
internal import Clocks

/// The live figures of what is wanted; the gateway's pushes are whole, so that the newest is all there is to keep.
///
/// Bounded by what is wanted: nothing else is kept.
struct OpenDFeed {
    var quotes: [Symbol: Received<Quote>] = [:]
    var books: [Symbol: Received<OrderBook>] = [:]
    var queues: [Symbol: Received<BrokerQueue>] = [:]
    /// The highest sequence of the trades told, by security.
    var trades: [Symbol: Int64] = [:]
    private var candles: [CandleTopic: Received<Candle>] = [:]

    /// Everything may be stale: the link is gone. Which trades were told is remembered, so that none is told twice.
    mutating func forget() {
        quotes = [:]
        books = [:]
        queues = [:]
        candles = [:]
    }

    /// Drops what is no longer wanted.
    mutating func keep(only topics: Set<MarketTopic>, _ wantedCandles: Set<CandleTopic>) {
        quotes = quotes.filter { topics.contains(MarketTopic(.quote, $0.key)) }
        books = books.filter { topics.contains(MarketTopic(.depth, $0.key)) }
        queues = queues.filter { topics.contains(MarketTopic(.brokerQueue, $0.key)) }
        trades = trades.filter { topics.contains(MarketTopic(.trade, $0.key)) }
        candles = candles.filter { wantedCandles.contains($0.key) }
    }

    /// The newest candle.
    func candle(_ topic: CandleTopic) -> Received<Candle>? { candles[topic] }

    /// The candles that run, by topic.
    var running: [(topic: CandleTopic, candle: Candle)] {
        candles.filter { !$0.value.value.isFinal }.map { ($0.key, $0.value.value) }
    }

    /// Takes a candle; what is to be told: the one before as final where a new one begins, and this one. Those that are
    /// older than what was told, or equal to it, are not told.
    mutating func take(_ candle: Candle, _ topic: CandleTopic, at time: WallTime) -> (told: [Candle], isFirst: Bool) {
        guard let latest = candles[topic]?.value else {
            candles[topic] = Received(candle, at: time)
            return ([candle], true)
        }
        guard candle.start >= latest.start, candle != latest else { return ([], false) }
        candles[topic] = Received(candle, at: time)
        guard candle.start > latest.start, !latest.isFinal else { return ([candle], false) }
        var ended = latest
        ended.isFinal = true
        return ([ended, candle], false)
    }
}
