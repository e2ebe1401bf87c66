internal import Bytes
internal import Clocks
internal import LongbridgeWire
internal import Protobuf

/// The simulated market in the vendor's messages: what the quote socket's pulls are answered with.
struct QuoteAnswers {
    var market: MarketSimulation
    private var quota = HistoryQuota()

    typealias Quote = Longbridge.Quote

    /// Who asks, as far as it matters to the answer.
    struct Caller: Sendable {
        /// `en`, `zh-CN`, `zh-HK`
        var language = "en"
        /// Whether it asked for overnight quotes when it logged in.
        var seesOvernight = false
    }

    init(_ market: MarketSimulation) {
        self.market = market
    }

    /// Thousandths as the vendor writes prices.
    static func price(_ thousandths: Int64) -> String { DecimalText(units: thousandths, scale: 3).text }

    /// Reads a request body.
    static func read<M: Message>(_ body: [UInt8]) throws(BrokerRefusal) -> M {
        do throws(ProtobufError) { return try M.decode(body) } catch { throw .unreadable }
    }

    /// The body that answers a pull.
    mutating func answer(
        _ command: QuoteCommand, _ body: [UInt8], _ caller: Caller, _ limits: SandboxLimits, now: WallTime
    ) throws(BrokerRefusal) -> [UInt8] {
        switch command {
        case .userQuoteProfile: return try profile(QuoteAnswers.read(body), limits, now).encoded()
        case .marketTradePeriod: return tradePeriods().encoded()
        case .marketTradeDay: return try tradeDays(QuoteAnswers.read(body), now).encoded()
        case .securityStaticInfo: return try staticInfo(QuoteAnswers.read(body), now).encoded()
        case .participantBrokerIDs: return participants().encoded()
        case .securityQuote: return try quotes(QuoteAnswers.read(body), caller, now).encoded()
        case .depth: return try depth(QuoteAnswers.read(body), now).encoded()
        case .brokers: return try brokers(QuoteAnswers.read(body), now).encoded()
        case .trades: return try trades(QuoteAnswers.read(body), now).encoded()
        case .intraday: return try intraday(QuoteAnswers.read(body), now).encoded()
        case .candlesticks: return try candlesticks(QuoteAnswers.read(body), now).encoded()
        case .historyCandlesticks:
            let request: Quote.SecurityHistoryCandlestickRequest = try QuoteAnswers.read(body)
            let listing = try listing(request.symbol, now)
            guard quota.admits(request.symbol, limit: limits.historySymbols, now: now) else { throw .quotaUsedUp }
            return try history(request, listing, now).encoded()
        case .capitalFlowIntraday: return try capitalFlow(QuoteAnswers.read(body), now).encoded()
        case .capitalFlowDistribution: return try capitalDistribution(QuoteAnswers.read(body), now).encoded()
        case .calculatedIndexes: return try indexes(QuoteAnswers.read(body), now).encoded()
        case .optionQuote: return try optionQuotes(QuoteAnswers.read(body), now).encoded()
        case .optionChainDates: return try optionExpirations(QuoteAnswers.read(body), now).encoded()
        case .optionChainStrikes: return try optionStrikes(QuoteAnswers.read(body), now).encoded()
        case .warrantQuote: return try warrantQuotes(QuoteAnswers.read(body), now).encoded()
        case .warrantFilter: return try warrantList(QuoteAnswers.read(body), now).encoded()
        case .warrantIssuers: return warrantIssuers().encoded()
        case .subscription, .subscribe, .unsubscribe, .pushQuote, .pushDepth, .pushBrokers, .pushTrades:
            throw .unreadable
        }
    }

    /// Securities in one request.
    static let symbolLimit = 500
    /// Trades or bars in one request.
    static let rowLimit = 1000

    mutating func listing(_ symbol: String, _ now: WallTime) throws(BrokerRefusal) -> SimulatedListing {
        guard let listing = market.listing(symbol, at: now) else {
            throw QuoteAnswers.isDerivative(symbol, now) ? .noQuotes : .notFound
        }
        return listing
    }

    /// A listing that has a book and trades.
    mutating func tradable(_ symbol: String, _ now: WallTime) throws(BrokerRefusal) -> SimulatedListing {
        let listing = try listing(symbol, now)
        guard !listing.security.isIndex else { throw .noQuotes }
        return listing
    }

    // MARK: Quotes, books, queues

    private mutating func quotes(
        _ request: Quote.MultiSecurityRequest, _ caller: Caller, _ now: WallTime
    ) throws(BrokerRefusal) -> Quote.SecurityQuoteResponse {
        guard request.symbol.count <= QuoteAnswers.symbolLimit else { throw .tooMany }
        var response = Quote.SecurityQuoteResponse()
        for symbol in request.symbol {
            guard let listing = market.listing(symbol, at: now), let record = listing.regular else {
                if let quote = try derivativeQuote(symbol, now) { response.secuQuote.append(quote) }
                continue
            }
            var quote = Quote.SecurityQuote()
            quote.symbol = symbol
            quote.lastDone = QuoteAnswers.price(record.last)
            quote.prevClose = QuoteAnswers.price(record.previousClose)
            quote.open = QuoteAnswers.price(record.bar.open)
            quote.high = QuoteAnswers.price(record.bar.high)
            quote.low = QuoteAnswers.price(record.bar.low)
            quote.timestamp = record.lastTime.seconds
            quote.volume = record.bar.volume / listing.security.market.sharesPerVolume
            quote.turnover = QuoteAnswers.price(record.bar.turnover)
            quote.preMarketQuote = QuoteAnswers.extended(listing.records[.preMarket])
            quote.postMarketQuote = QuoteAnswers.extended(listing.records[.postMarket])
            if caller.seesOvernight { quote.overNightQuote = QuoteAnswers.extended(listing.records[.overnight]) }
            response.secuQuote.append(quote)
        }
        return response
    }

    private static func extended(_ record: SessionRecord?) -> Quote.PrePostQuote? {
        guard let record else { return nil }
        var quote = Quote.PrePostQuote()
        quote.lastDone = price(record.last)
        quote.timestamp = record.lastTime.seconds
        quote.volume = record.bar.volume
        quote.turnover = price(record.bar.turnover)
        quote.high = price(record.bar.high)
        quote.low = price(record.bar.low)
        quote.prevClose = price(record.previousClose)
        return quote
    }

    /// Rows of one side; the United States tell no number of orders.
    static func rows(_ rows: [SimulatedBook.Row], _ security: SimulatedSecurity) -> [Quote.Depth] {
        rows.enumerated().map { index, row in
            var depth = Quote.Depth()
            depth.position = Int32(index + 1)
            depth.price = price(row.price)
            depth.volume = row.quantity / security.market.sharesPerVolume
            depth.orderNum = security.market == .unitedStates ? 0 : row.orders
            return depth
        }
    }

    private mutating func depth(_ request: Quote.SecurityRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.SecurityDepthResponse
    {
        let listing = try tradable(request.symbol, now)
        var response = Quote.SecurityDepthResponse()
        response.symbol = request.symbol
        let book = listing.book
        response.ask = QuoteAnswers.rows(book.asks, listing.security)
        response.bid = QuoteAnswers.rows(book.bids, listing.security)
        return response
    }

    /// The queue of each row of one side.
    static func queue(_ rows: [SimulatedBook.Row], _ symbol: String) -> [Quote.Brokers] {
        SimulatedBook.queue(rows, symbol).enumerated().map { index, ids in
            var row = Quote.Brokers()
            row.position = Int32(index + 1)
            row.brokerIds = ids
            return row
        }
    }

    private mutating func brokers(_ request: Quote.SecurityRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.SecurityBrokersResponse
    {
        let listing = try tradable(request.symbol, now)
        guard listing.security.market == .hongKong else { throw .noQuotes }
        var response = Quote.SecurityBrokersResponse()
        response.symbol = request.symbol
        let book = listing.book
        response.askBrokers = QuoteAnswers.queue(book.asks, request.symbol)
        response.bidBrokers = QuoteAnswers.queue(book.bids, request.symbol)
        return response
    }
}
