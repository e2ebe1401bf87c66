internal import Bytes
internal import Clocks
internal import LongbridgeWire
internal import Protobuf

/// The simulated market in the vendor's messages.
struct QuoteAnswers {
    /// A refusal: status byte, business code, text.
    struct Refusal: Error {
        var status: UInt8
        var code: UInt64
        var message: String

        static let notFound = Refusal(
            status: ResponseStatus.internalError, code: QuoteErrorCode.invalidRequest, message: "symbol not found")
        static let unreadable = Refusal(
            status: ResponseStatus.badRequest, code: QuoteErrorCode.invalidRequest, message: "invalid request")
        static let invalid = Refusal(
            status: ResponseStatus.internalError, code: QuoteErrorCode.invalidRequest, message: "invalid parameter")
        static let tooMany = Refusal(
            status: ResponseStatus.internalError, code: QuoteErrorCode.tooMany, message: "too many requested")
        static let noQuotes = Refusal(
            status: ResponseStatus.internalError, code: QuoteErrorCode.noQuotes, message: "no quotes")
    }

    typealias Quote = Longbridge.Quote

    /// Thousandths as the vendor writes prices.
    static func price(_ thousandths: Int64) -> String { DecimalText(units: thousandths, scale: 3).text }

    /// Reads a request body.
    static func read<M: Message>(_ body: [UInt8]) throws(Refusal) -> M {
        do throws(ProtobufError) { return try M.decode(body) } catch { throw .unreadable }
    }

    /// The answer's body to a pull.
    static func answer(_ command: QuoteCommand, _ body: [UInt8], _ market: MarketSimulation) throws(Refusal) -> [UInt8]
    {
        switch command {
        case .userQuoteProfile: return profile().encoded()
        case .securityQuote: return try quotes(read(body), market).encoded()
        case .securityStaticInfo: return try staticInfo(read(body)).encoded()
        case .depth: return try depth(read(body), market).encoded()
        case .brokers: return try brokers(read(body), market).encoded()
        case .participantBrokerIDs: return participants().encoded()
        case .trades: return try trades(read(body), market).encoded()
        case .intraday: return try intraday(read(body), market).encoded()
        case .candlesticks: return try candlesticks(read(body), market).encoded()
        case .historyCandlesticks: return try history(read(body), market).encoded()
        case .marketTradePeriod: return tradePeriods().encoded()
        case .marketTradeDay: return try tradeDays(read(body)).encoded()
        case .optionQuote, .warrantQuote, .optionChainDates, .optionChainStrikes, .warrantIssuers, .warrantFilter,
            .capitalFlowIntraday, .capitalFlowDistribution, .calculatedIndexes:
            throw .noQuotes
        case .subscription, .subscribe, .unsubscribe, .pushQuote, .pushDepth, .pushBrokers, .pushTrades:
            throw .unreadable
        }
    }

    private static func profile() -> Quote.UserQuoteProfileResponse {
        var profile = Quote.UserQuoteProfileResponse()
        profile.memberId = 1_000_001
        profile.quoteLevel = "sandbox"
        profile.subscribeLimit = 500
        profile.historyCandlestickLimit = 100
        for command in QuoteCommand.allCases where command.rawValue >= 5 && command.rawValue < 100 {
            var rule = Quote.RateLimit()
            rule.command = Quote.Command(rawValue: Int32(command.rawValue))
            rule.limit = 10
            rule.burst = 10
            profile.rateLimit.append(rule)
        }
        return profile
    }

    static func known(_ symbols: [String], _ market: MarketSimulation) throws(Refusal) -> [SimulatedListing] {
        guard symbols.count <= 500 else { throw .tooMany }
        return symbols.compactMap { market[$0] }
    }

    static func listing(_ symbol: String, _ market: MarketSimulation) throws(Refusal) -> SimulatedListing {
        guard let listing = market[symbol] else { throw .notFound }
        return listing
    }

    private static func quotes(
        _ request: Quote.MultiSecurityRequest, _ market: MarketSimulation
    ) throws(Refusal) -> Quote.SecurityQuoteResponse {
        var response = Quote.SecurityQuoteResponse()
        for listing in try known(request.symbol, market) {
            var quote = Quote.SecurityQuote()
            quote.symbol = listing.security.symbol
            quote.lastDone = price(listing.last)
            quote.prevClose = price(listing.previousClose)
            quote.open = price(listing.today.open)
            quote.high = price(listing.today.high)
            quote.low = price(listing.today.low)
            quote.timestamp = listing.lastTime.seconds
            quote.volume = listing.today.volume
            quote.turnover = price(listing.today.turnover)
            if listing.security.isUnitedStates, !listing.security.isIndex {
                quote.preMarketQuote = extended(listing, 985)
                quote.postMarketQuote = extended(listing, 1004)
            }
            response.secuQuote.append(quote)
        }
        return response
    }

    /// An extended session of the day before, invented around the previous close.
    private static func extended(_ listing: SimulatedListing, _ permille: Int64) -> Quote.PrePostQuote {
        var quote = Quote.PrePostQuote()
        let last = TickTable.rounded(listing.previousClose * permille / 1000, listing.security)
        quote.lastDone = price(last)
        quote.timestamp = listing.today.start.seconds
        quote.volume = 10_000
        quote.turnover = price(last * 10_000)
        quote.high = price(max(last, listing.previousClose))
        quote.low = price(min(last, listing.previousClose))
        quote.prevClose = price(listing.previousClose)
        return quote
    }

    private static func staticInfo(_ request: Quote.MultiSecurityRequest) throws(Refusal)
        -> Quote.SecurityStaticInfoResponse
    {
        guard request.symbol.count <= 500 else { throw .tooMany }
        var response = Quote.SecurityStaticInfoResponse()
        for symbol in request.symbol {
            guard let security = SimulatedSecurity.all.first(where: { $0.symbol == symbol }) else { continue }
            var info = Quote.StaticInfo()
            info.symbol = symbol
            info.nameEn = security.nameEnglish
            info.nameCn = security.nameSimplified
            info.nameHk = security.nameTraditional
            info.exchange = security.exchange
            info.currency = security.currency
            info.lotSize = Int32(clamping: security.lotSize)
            info.totalShares = security.millionShares * 1_000_000
            info.circulatingShares = info.totalShares
            info.hkShares = security.isHongKong ? info.totalShares : 0
            info.eps = security.isIndex ? "0" : price(security.price / 18)
            info.epsTtm = security.isIndex ? "0" : price(security.price / 17)
            info.bps = security.isIndex ? "0" : price(security.price / 4)
            info.dividendYield = security.isIndex ? "0" : "1.25"
            info.board = security.board
            response.secuStaticInfo.append(info)
        }
        return response
    }

    static func rows(_ rows: [SimulatedListing.Row], _ listing: SimulatedListing) -> [Quote.Depth] {
        rows.enumerated().map { index, row in
            var depth = Quote.Depth()
            depth.position = Int32(index + 1)
            depth.price = price(row.price)
            depth.volume = row.quantity
            depth.orderNum = listing.security.isUnitedStates ? 0 : row.orders
            return depth
        }
    }

    private static func depth(_ request: Quote.SecurityRequest, _ market: MarketSimulation) throws(Refusal)
        -> Quote.SecurityDepthResponse
    {
        let listing = try listing(request.symbol, market)
        guard !listing.security.isIndex else { throw .noQuotes }
        var response = Quote.SecurityDepthResponse()
        response.symbol = request.symbol
        let book = listing.book()
        response.ask = rows(book.asks, listing)
        response.bid = rows(book.bids, listing)
        return response
    }

    static func queue(_ seats: [[Int32]]) -> [Quote.Brokers] {
        seats.enumerated().map { index, ids in
            var row = Quote.Brokers()
            row.position = Int32(index + 1)
            row.brokerIds = ids
            return row
        }
    }

    private static func brokers(_ request: Quote.SecurityRequest, _ market: MarketSimulation) throws(Refusal)
        -> Quote.SecurityBrokersResponse
    {
        let listing = try listing(request.symbol, market)
        guard listing.security.isHongKong, !listing.security.isIndex else { throw .noQuotes }
        var response = Quote.SecurityBrokersResponse()
        response.symbol = request.symbol
        response.askBrokers = queue(listing.brokers(1))
        response.bidBrokers = queue(listing.brokers(2))
        return response
    }

    private static func participants() -> Quote.ParticipantBrokerIdsResponse {
        var response = Quote.ParticipantBrokerIdsResponse()
        response.participantBrokerNumbers = SimulatedParticipant.all.map { participant in
            var info = Quote.ParticipantInfo()
            info.brokerIds = participant.seats
            info.participantNameCn = participant.simplified
            info.participantNameEn = participant.english
            info.participantNameHk = participant.traditional
            return info
        }
        return response
    }

    static func trade(_ trade: SimulatedTrade) -> Quote.Trade {
        var message = Quote.Trade()
        message.price = price(trade.price)
        message.volume = trade.quantity
        message.timestamp = trade.time.seconds
        message.direction = trade.direction < 0 ? 1 : trade.direction > 0 ? 2 : 0
        return message
    }

    private static func trades(_ request: Quote.SecurityTradeRequest, _ market: MarketSimulation) throws(Refusal)
        -> Quote.SecurityTradeResponse
    {
        let listing = try listing(request.symbol, market)
        guard request.count > 0 else { throw .invalid }
        guard request.count <= 1000 else { throw .tooMany }
        guard !listing.security.isIndex else { throw .noQuotes }
        var response = Quote.SecurityTradeResponse()
        response.symbol = request.symbol
        response.trades = listing.newest(Int(request.count)).map(trade)
        return response
    }

    private static func intraday(_ request: Quote.SecurityIntradayRequest, _ market: MarketSimulation) throws(Refusal)
        -> Quote.SecurityIntradayResponse
    {
        let listing = try listing(request.symbol, market)
        var response = Quote.SecurityIntradayResponse()
        response.symbol = request.symbol
        var volume: Int64 = 0
        var turnover: Int64 = 0
        for bar in listing.minutes {
            volume += bar.volume
            turnover += bar.turnover
            var line = Quote.Line()
            line.price = price(bar.close)
            line.timestamp = bar.start.seconds
            line.volume = bar.volume
            line.turnover = price(bar.turnover)
            line.avgPrice = price(volume > 0 ? turnover / volume : bar.close)
            response.lines.append(line)
        }
        return response
    }

    private static func bars(_ bars: [SimulatedBar]) -> [Quote.Candlestick] {
        bars.map { bar in
            var candle = Quote.Candlestick()
            candle.open = price(bar.open)
            candle.high = price(bar.high)
            candle.low = price(bar.low)
            candle.close = price(bar.close)
            candle.volume = bar.volume
            candle.turnover = price(bar.turnover)
            candle.timestamp = bar.start.seconds
            return candle
        }
    }

    private static func candlesticks(_ request: Quote.SecurityCandlestickRequest, _ market: MarketSimulation)
        throws(Refusal) -> Quote.SecurityCandlestickResponse
    {
        _ = try listing(request.symbol, market)
        guard request.count > 0 else { throw .invalid }
        guard request.count <= 1000 else { throw .tooMany }
        guard let candles = market.candles(request.symbol, period: request.period.rawValue, count: Int(request.count))
        else { throw .invalid }
        var response = Quote.SecurityCandlestickResponse()
        response.symbol = request.symbol
        response.candlesticks = bars(candles)
        return response
    }

    private static func history(_ request: Quote.SecurityHistoryCandlestickRequest, _ market: MarketSimulation)
        throws(Refusal) -> Quote.SecurityCandlestickResponse
    {
        let listing = try listing(request.symbol, market)
        let zone = MarketSimulation.zone(listing.security)
        guard let all = market.candles(request.symbol, period: request.period.rawValue, count: 4000) else {
            throw .invalid
        }
        var chosen: [SimulatedBar]
        switch request.queryType {
        case .queryByOffset:
            let query = request.offsetRequest ?? Quote.SecurityHistoryCandlestickRequest.OffsetQuery()
            let count = query.count == 0 ? 10 : Int(query.count)
            guard (1...1000).contains(count) else { throw .tooMany }
            var limit = WallTime(milliseconds: .max)
            var from = WallTime(milliseconds: .min)
            if !query.date.isEmpty {
                guard let date = CivilDate(compact: query.date) else { throw .invalid }
                let isMinutes = request.period.rawValue <= 240
                let minute = isMinutes ? minuteOfDay(query.minute) : nil
                from = zone.wallTime(date, secondOfDay: (minute ?? 0) * 60)
                limit = zone.wallTime(date, secondOfDay: (minute ?? (24 * 60 - 1)) * 60)
            }
            chosen =
                query.direction == .forward
                ? Array(all.filter { $0.start >= from }.prefix(count))
                : Array(all.filter { $0.start <= limit }.suffix(count))
        case .queryByDate:
            let query = request.dateRequest ?? Quote.SecurityHistoryCandlestickRequest.DateQuery()
            chosen = all
            if !query.startDate.isEmpty {
                guard let date = CivilDate(compact: query.startDate) else { throw .invalid }
                let start = zone.wallTime(date, secondOfDay: 0)
                chosen = chosen.filter { $0.start >= start }
            }
            if !query.endDate.isEmpty {
                guard let date = CivilDate(compact: query.endDate) else { throw .invalid }
                let end = zone.wallTime(date.adding(days: 1), secondOfDay: 0)
                chosen = chosen.filter { $0.start < end }
            }
            let isOpenEnded = !query.startDate.isEmpty && query.endDate.isEmpty
            chosen = Array(isOpenEnded ? chosen.prefix(1000) : chosen.suffix(1000))
        default: throw .invalid
        }
        var response = Quote.SecurityCandlestickResponse()
        response.symbol = request.symbol
        response.candlesticks = bars(chosen)
        return response
    }

    private static func minuteOfDay(_ text: String) -> Int? {
        guard text.utf8.count == 4, let value = Int(text), value / 100 < 24, value % 100 < 60 else { return nil }
        return value / 100 * 60 + value % 100
    }

    private static func tradePeriods() -> Quote.MarketTradePeriodResponse {
        let table: [(String, [(Int32, Int32, Int32)])] = [
            ("US", [(930, 1600, 0), (400, 930, 1), (1600, 2000, 2)]), ("HK", [(930, 1200, 0), (1300, 1600, 0)]),
            ("CN", [(930, 1130, 0), (1300, 1457, 0)]), ("SG", [(900, 1200, 0), (1300, 1700, 0)]),
        ]
        var response = Quote.MarketTradePeriodResponse()
        response.marketTradeSession = table.map { market, periods in
            var entry = Quote.MarketTradePeriod()
            entry.market = market
            entry.tradeSession = periods.map { begin, end, session in
                var period = Quote.TradePeriod()
                period.begTime = begin
                period.endTime = end
                period.tradeSession = Quote.TradeSession(rawValue: session)
                return period
            }
            return entry
        }
        return response
    }

    private static func tradeDays(_ request: Quote.MarketTradeDayRequest) throws(Refusal)
        -> Quote.MarketTradeDayResponse
    {
        guard ["US", "HK", "CN", "SG"].contains(request.market), let begin = CivilDate(compact: request.begDay),
            let end = CivilDate(compact: request.endDay), begin <= end, end.daysSinceEpoch - begin.daysSinceEpoch <= 31
        else { throw .invalid }
        var response = Quote.MarketTradeDayResponse()
        var day = begin
        while day <= end {
            if (1...5).contains(day.weekday) { response.tradeDay.append(day.compact) }
            day = day.adding(days: 1)
        }
        return response
    }
}
