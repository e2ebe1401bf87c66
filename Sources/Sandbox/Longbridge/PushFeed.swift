internal import Clocks
internal import LongbridgeWire
internal import Protobuf

/// Makes push packets: one sequence, and per security what the last push said, so that the next names changes only.
struct PushFeed {
    private var sequence: Int64 = 1_600_000_000_000_000
    private var last: [String: (quote: Longbridge.Quote.PushQuote, count: Int)] = [:]

    typealias Quote = Longbridge.Quote

    /// The packets after new trades: type, bytes, sequence.
    mutating func packets(_ listing: SimulatedListing, newTrades: Int) -> [(
        type: Int32, bytes: [UInt8], sequence: Int64
    )] {
        var packets: [(Int32, [UInt8], Int64)] = []
        let fresh = listing.newest(newTrades)
        var quote = self.quote(listing)
        quote.currentVolume = fresh.reduce(0) { $0 + $1.quantity }
        quote.currentTurnover = QuoteAnswers.price(fresh.reduce(0) { $0 + $1.quantity * $1.price })
        packets.append((1, bytes(.pushQuote, changes(quote).encoded()), quote.sequence))
        guard !listing.security.isIndex else { return packets }
        let depth = self.depth(listing)
        packets.append((2, bytes(.pushDepth, depth.encoded()), depth.sequence))
        if listing.security.isHongKong {
            let brokers = self.brokers(listing)
            packets.append((3, bytes(.pushBrokers, brokers.encoded()), brokers.sequence))
        }
        var trades = Quote.PushTrade()
        trades.symbol = listing.security.symbol
        trades.sequence = next()
        trades.trade = fresh.map(QuoteAnswers.trade)
        packets.append((4, bytes(.pushTrades, trades.encoded()), trades.sequence))
        return packets
    }

    /// The present state of a security, as a first push: never trades.
    mutating func complete(_ listing: SimulatedListing, types: Set<Int32>) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        if types.contains(1) { packets.append(bytes(.pushQuote, quote(listing).encoded())) }
        guard !listing.security.isIndex else { return packets }
        if types.contains(2) { packets.append(bytes(.pushDepth, depth(listing).encoded())) }
        if types.contains(3), listing.security.isHongKong {
            packets.append(bytes(.pushBrokers, brokers(listing).encoded()))
        }
        return packets
    }

    private mutating func next() -> Int64 {
        sequence += 1
        return sequence
    }

    private func bytes(_ command: QuoteCommand, _ body: [UInt8]) -> [UInt8] {
        (try? LongbridgePacket(.push, command: command.rawValue, body: body).encoded()) ?? []
    }

    private mutating func quote(_ listing: SimulatedListing) -> Quote.PushQuote {
        var push = Quote.PushQuote()
        push.symbol = listing.security.symbol
        push.sequence = next()
        push.lastDone = QuoteAnswers.price(listing.last)
        push.open = QuoteAnswers.price(listing.today.open)
        push.high = QuoteAnswers.price(listing.today.high)
        push.low = QuoteAnswers.price(listing.today.low)
        push.timestamp = listing.lastTime.seconds
        push.volume = listing.today.volume
        push.turnover = QuoteAnswers.price(listing.today.turnover)
        return push
    }

    /// Members equal to the last push's are left out; every twentieth push is complete.
    private mutating func changes(_ quote: Quote.PushQuote) -> Quote.PushQuote {
        let before = last[quote.symbol]
        let count = (before?.count ?? 0) + 1
        last[quote.symbol] = (quote, count)
        guard let before = before?.quote, !count.isMultiple(of: 20) else { return quote }
        var push = quote
        if push.open == before.open { push.open = "" }
        if push.high == before.high { push.high = "" }
        if push.low == before.low { push.low = "" }
        return push
    }

    private mutating func depth(_ listing: SimulatedListing) -> Quote.PushDepth {
        var push = Quote.PushDepth()
        push.symbol = listing.security.symbol
        push.sequence = next()
        let book = listing.book()
        push.ask = QuoteAnswers.rows(book.asks, listing)
        push.bid = QuoteAnswers.rows(book.bids, listing)
        return push
    }

    private mutating func brokers(_ listing: SimulatedListing) -> Quote.PushBrokers {
        var push = Quote.PushBrokers()
        push.symbol = listing.security.symbol
        push.sequence = next()
        push.askBrokers = QuoteAnswers.queue(listing.brokers(1))
        push.bidBrokers = QuoteAnswers.queue(listing.brokers(2))
        return push
    }
}
