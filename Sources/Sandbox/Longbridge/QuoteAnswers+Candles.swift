internal import Clocks
internal import LongbridgeWire

extension QuoteAnswers {
    /// 0 asks for the regular session, 100 for all.
    static func includesExtended(_ filter: Int32) throws(BrokerRefusal) -> Bool {
        switch filter {
        case 0: false
        case 100: true
        default: throw .invalid
        }
    }

    private static func period(
        _ period: Quote.Period, _ adjustment: Quote.AdjustType
    ) throws(BrokerRefusal) -> CandlePeriod {
        // Nothing in the simulation's past was ever split or paid out: both adjustments are the same.
        guard adjustment == .noAdjust || adjustment == .forwardAdjust, let period = CandlePeriod(period.rawValue)
        else { throw .invalid }
        return period
    }

    private static func response(_ symbol: String, _ market: SimulatedMarket, _ bars: [SimulatedBar])
        -> Quote.SecurityCandlestickResponse
    {
        var response = Quote.SecurityCandlestickResponse()
        response.symbol = symbol
        response.candlesticks = bars.map { bar in
            var candle = Quote.Candlestick()
            candle.open = price(bar.open)
            candle.high = price(bar.high)
            candle.low = price(bar.low)
            candle.close = price(bar.close)
            candle.volume = bar.volume / market.sharesPerVolume
            candle.turnover = price(bar.turnover)
            candle.timestamp = bar.start.seconds
            candle.tradeSession = Quote.TradeSession(rawValue: bar.session.rawValue)
            return candle
        }
        return response
    }

    mutating func candlesticks(
        _ request: Quote.SecurityCandlestickRequest, _ now: WallTime
    ) throws(BrokerRefusal) -> Quote.SecurityCandlestickResponse {
        let listing = try listing(request.symbol, now)
        let period = try QuoteAnswers.period(request.period, request.adjustType)
        let includesExtended = try QuoteAnswers.includesExtended(request.tradeSession)
        guard request.count > 0 else { throw .invalid }
        guard request.count <= QuoteAnswers.rowLimit else { throw .tooMany }
        let candles = SimulatedCandles(listing: listing, period: period, includesExtended: includesExtended, now: now)
        return QuoteAnswers.response(
            request.symbol, listing.security.market, candles.bars(CandleRange(count: Int(request.count))))
    }

    func history(
        _ request: Quote.SecurityHistoryCandlestickRequest, _ listing: SimulatedListing, _ now: WallTime
    ) throws(BrokerRefusal) -> Quote.SecurityCandlestickResponse {
        let period = try QuoteAnswers.period(request.period, request.adjustType)
        let includesExtended = try QuoteAnswers.includesExtended(request.tradeSession)
        let range: CandleRange
        switch request.queryType {
        case .queryByOffset:
            range = try QuoteAnswers.range(request.offsetRequest ?? .init(), period, listing)
        case .queryByDate:
            range = try QuoteAnswers.range(request.dateRequest ?? .init(), listing)
        default: throw .invalid
        }
        let candles = SimulatedCandles(listing: listing, period: period, includesExtended: includesExtended, now: now)
        return QuoteAnswers.response(request.symbol, listing.security.market, candles.bars(range))
    }

    /// The bar that begins at the date and minute belongs to both directions.
    private static func range(
        _ query: Quote.SecurityHistoryCandlestickRequest.OffsetQuery, _ period: CandlePeriod,
        _ listing: SimulatedListing
    ) throws(BrokerRefusal) -> CandleRange {
        guard query.count >= 0, query.direction == .backward || query.direction == .forward else { throw .invalid }
        guard query.count <= rowLimit else { throw .tooMany }
        let zone = listing.security.market.zone
        var range = CandleRange(count: query.count == 0 ? 10 : Int(query.count), isForward: query.direction == .forward)
        var date = listing.regular?.span.date ?? listing.security.market.firstDay
        var minute: Int?
        if query.date.isEmpty {
            guard range.isForward else { return range }
        } else {
            guard let day = CivilDate(compact: query.date) else { throw .invalid }
            date = day
            if case .minutes = period, !query.minute.isEmpty { minute = try minuteOfDay(query.minute) }
        }
        if range.isForward {
            range.from = zone.wallTime(period.first(date), secondOfDay: (minute ?? 0) * 60)
        } else {
            range.through = minute.map { zone.wallTime(date, secondOfDay: $0 * 60) } ?? lastMoment(of: date, zone)
        }
        return range
    }

    private static func range(
        _ query: Quote.SecurityHistoryCandlestickRequest.DateQuery, _ listing: SimulatedListing
    ) throws(BrokerRefusal) -> CandleRange {
        let zone = listing.security.market.zone
        var range = CandleRange(count: rowLimit, isForward: !query.startDate.isEmpty && query.endDate.isEmpty)
        if !query.startDate.isEmpty {
            guard let date = CivilDate(compact: query.startDate) else { throw .invalid }
            range.from = zone.wallTime(date, secondOfDay: 0)
        }
        if !query.endDate.isEmpty {
            guard let date = CivilDate(compact: query.endDate) else { throw .invalid }
            range.through = lastMoment(of: date, zone)
        }
        return range
    }

    private static func lastMoment(of date: CivilDate, _ zone: TimeZoneRule) -> WallTime {
        WallTime(seconds: zone.wallTime(date.adding(days: 1), secondOfDay: 0).seconds - 1)
    }

    /// `1030` as minutes since midnight.
    private static func minuteOfDay(_ text: String) throws(BrokerRefusal) -> Int {
        guard text.utf8.count == 4, let value = UInt16(text), value / 100 < 24, value % 100 < 60 else { throw .invalid }
        return Int(value / 100 * 60 + value % 100)
    }
}
