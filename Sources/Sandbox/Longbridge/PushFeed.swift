internal import Clocks
internal import LongbridgeWire
internal import Protobuf

/// Makes push packets, each encoded once for all who want it. It keeps what the last quote of each security said, so that
/// the next names changes only.
struct PushFeed: Sendable {
    /// One packet and who wants it.
    struct Packet: Sendable {
        let symbol: String
        /// The vendor's number of the subscription: 1 quote, 2 depth, 3 brokers, 4 trades.
        let type: Int32
        /// Packets of the overnight session go only to those who asked for them.
        let isOvernight: Bool
        let sequence: Int64
        let command: QuoteCommand
        let body: [UInt8]
    }

    private struct Said {
        var quote: Quote
        var session: SessionSpan.Key
        var pushes: Int
    }

    private typealias Quote = Longbridge.Quote.PushQuote
    private var sequence: Int64
    private var said: [String: Said] = [:]

    /// Of all quotes of a security, each of this number is complete.
    static let completeEvery = 20

    /// Sequences begin at `now` in microseconds, so that they grow over restarts as well.
    init(now: WallTime) {
        sequence = now.milliseconds * 1000
    }

    /// The packets after new trades in the current session.
    mutating func packets(_ listing: SimulatedListing, newTrades: Int) -> [Packet] {
        guard let record = listing.current else { return [] }
        let fresh = listing.newest(newTrades)
        var packets: [Packet] = []
        var quote = complete(listing, record)
        quote.currentVolume = fresh.reduce(0) { $0 + $1.quantity } / listing.security.market.sharesPerVolume
        quote.currentTurnover = QuoteAnswers.price(fresh.reduce(0) { $0 + $1.turnover })
        packets.append(packet(record, .pushQuote, 1, quote.symbol, quote.sequence, changes(quote, record).encoded()))
        guard !listing.security.isIndex else { return packets }
        packets += book(listing, record, types: [2, 3])
        var trades = Longbridge.Quote.PushTrade()
        trades.symbol = listing.security.symbol
        trades.sequence = next()
        trades.trade = fresh.map { QuoteAnswers.trade($0, listing.security.market) }
        packets.append(packet(record, .pushTrades, 4, trades.symbol, trades.sequence, trades.encoded()))
        return packets
    }

    /// The present state of a security, as a first push: never trades.
    mutating func present(_ listing: SimulatedListing, types: Set<Int32>) -> [Packet] {
        guard let record = listing.current else { return [] }
        var packets: [Packet] = []
        if types.contains(1) {
            let quote = complete(listing, record)
            packets.append(packet(record, .pushQuote, 1, quote.symbol, quote.sequence, quote.encoded()))
        }
        guard !listing.security.isIndex else { return packets }
        return packets + book(listing, record, types: types)
    }

    private func packet(
        _ record: SessionRecord, _ command: QuoteCommand, _ type: Int32, _ symbol: String, _ sequence: Int64,
        _ body: [UInt8]
    ) -> Packet {
        Packet(
            symbol: symbol, type: type, isOvernight: record.span.session == .overnight, sequence: sequence,
            command: command, body: body)
    }

    private mutating func next() -> Int64 {
        sequence += 1
        return sequence
    }

    private mutating func complete(_ listing: SimulatedListing, _ record: SessionRecord) -> Quote {
        var push = Quote()
        push.symbol = listing.security.symbol
        push.sequence = next()
        push.lastDone = QuoteAnswers.price(record.last)
        push.open = QuoteAnswers.price(record.bar.open)
        push.high = QuoteAnswers.price(record.bar.high)
        push.low = QuoteAnswers.price(record.bar.low)
        push.timestamp = record.lastTime.seconds
        push.volume = record.bar.volume / listing.security.market.sharesPerVolume
        push.turnover = QuoteAnswers.price(record.bar.turnover)
        push.tradeSession = Longbridge.Quote.TradeSession(rawValue: record.span.session.rawValue)
        return push
    }

    /// Without what the last push of this session said; the first of a session is complete.
    private mutating func changes(_ quote: Quote, _ record: SessionRecord) -> Quote {
        let before = said[quote.symbol]
        let pushes = (before?.pushes ?? 0) + 1
        said[quote.symbol] = Said(quote: quote, session: record.span.key, pushes: pushes)
        guard let before, before.session == record.span.key, !pushes.isMultiple(of: PushFeed.completeEvery) else {
            return quote
        }
        var push = quote
        if push.lastDone == before.quote.lastDone { push.lastDone = "" }
        if push.open == before.quote.open { push.open = "" }
        if push.high == before.quote.high { push.high = "" }
        if push.low == before.quote.low { push.low = "" }
        if push.volume == before.quote.volume { push.volume = 0 }
        if push.turnover == before.quote.turnover { push.turnover = "" }
        return push
    }

    /// The book whole, and in Hong Kong its queue.
    private mutating func book(_ listing: SimulatedListing, _ record: SessionRecord, types: Set<Int32>) -> [Packet] {
        let book = listing.book
        let symbol = listing.security.symbol
        var packets: [Packet] = []
        if types.contains(2) {
            var depth = Longbridge.Quote.PushDepth()
            depth.symbol = symbol
            depth.sequence = next()
            depth.ask = QuoteAnswers.rows(book.asks, listing.security)
            depth.bid = QuoteAnswers.rows(book.bids, listing.security)
            packets.append(packet(record, .pushDepth, 2, symbol, depth.sequence, depth.encoded()))
        }
        if types.contains(3), listing.security.market == .hongKong {
            var brokers = Longbridge.Quote.PushBrokers()
            brokers.symbol = symbol
            brokers.sequence = next()
            brokers.askBrokers = QuoteAnswers.queue(book.asks, symbol)
            brokers.bidBrokers = QuoteAnswers.queue(book.bids, symbol)
            packets.append(packet(record, .pushBrokers, 3, symbol, brokers.sequence, brokers.encoded()))
        }
        return packets
    }
}
