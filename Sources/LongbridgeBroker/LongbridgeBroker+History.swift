public import BrokerModel
internal import Clocks
internal import LongbridgeWire

/// Securities whose history this program asked for in the running month.
struct HistoryUse {
    private(set) var month = ""
    private(set) var symbols: Set<Symbol> = []

    /// Notes a call that the broker answered; whether it was the security's first of the month.
    mutating func note(_ symbol: Symbol, at now: WallTime) -> Bool {
        let date = TimeZoneRule.hongKong.civil(at: now).date
        let month = String(date.iso.prefix(7))
        if month != self.month {
            self.month = month
            symbols = []
        }
        return symbols.insert(symbol).inserted
    }
}

extension LongbridgeBroker {
    /// Past candles.
    public func candleHistory(
        _ wanted: CandleHistoryRequest, wait: Duration
    ) async throws(BrokerFailure) -> CandleHistory {
        let answer = try await link.request(
            .historyCandlesticks, HistoryQuery.request(wanted), as: Longbridge.Quote.SecurityCandlestickResponse.self,
            wait: wait)
        let now = WallTime.now()
        let isFirst = historyUse.note(wanted.symbol, at: now)
        let zone = wanted.symbol.market.timeZone
        let candles = answer.candlesticks.compactMap { bar -> Candle? in
            guard var candle = Candle(bar, isFinal: true) else { return nil }
            candle.isFinal = wanted.interval.end(ofCandleAt: candle.start, zone: zone) <= now
            return candle
        }
        return HistoryQuery.page(
            candles, wanted,
            quota: HistoryQuota(
                limit: quotePermissions?.historyLimit, used: historyUse.symbols.count, month: historyUse.month),
            usedQuota: isFirst)
    }
}

/// The vendor's two ways of asking for past candles.
enum HistoryQuery {
    typealias Request = Longbridge.Quote.SecurityHistoryCandlestickRequest

    /// A request for exactly the candles wanted, and at most one more.
    static func request(_ wanted: CandleHistoryRequest) -> Request {
        var request = Request()
        request.symbol = wanted.symbol.wire
        request.period = Longbridge.Quote.Period(wanted.interval)
        request.adjustType = wanted.adjustment == .forward ? .forwardAdjust : .noAdjust
        request.tradeSession = wanted.sessions.wire
        switch wanted.span {
        case .days(let from, let through):
            request.queryType = .queryByDate
            var query = Request.DateQuery()
            query.startDate = from?.compact ?? ""
            query.endDate = through?.compact ?? ""
            request.dateRequest = query
        case .before(let time):
            // The bar that begins at the minute belongs to the answer: the one before `time` is the last wanted.
            request.queryType = .queryByOffset
            request.offsetRequest = offset(.backward, WallTime(milliseconds: time.milliseconds - 1), wanted)
        case .after(let time):
            request.queryType = .queryByOffset
            let next = wanted.interval.minutes == nil ? 1 : 60_000
            request.offsetRequest = offset(.forward, WallTime(milliseconds: time.milliseconds + Int64(next)), wanted)
        }
        return request
    }

    private static func offset(
        _ direction: Longbridge.Quote.Direction, _ time: WallTime, _ wanted: CandleHistoryRequest
    ) -> Request.OffsetQuery {
        var query = Request.OffsetQuery()
        query.direction = direction
        let (date, second) = wanted.symbol.market.timeZone.civil(at: time)
        query.date = date.compact
        if wanted.interval.minutes != nil {
            let minute = second / 60
            query.minute = String(String(10_000 + minute / 60 * 100 + minute % 60).dropFirst())
        }
        query.count = Int32(clamping: min(wanted.limit + 1, QuoteLimits.rowsPerRequest))
        return query
    }

    /// Cuts an answer to what was wanted.
    static func page(
        _ candles: [Candle], _ wanted: CandleHistoryRequest, quota: HistoryQuota, usedQuota: Bool
    ) -> CandleHistory {
        let isFull = candles.count >= QuoteLimits.rowsPerRequest
        var kept = candles.sorted { $0.start < $1.start }
        var isForward = false
        switch wanted.span {
        case .days(let from, let through): isForward = from != nil && through == nil
        case .before(let time): kept = kept.filter { $0.start < time }
        case .after(let time):
            kept = kept.filter { $0.start > time }
            isForward = true
        }
        let hasMore = kept.count > wanted.limit || isFull
        return CandleHistory(
            candles: Array(isForward ? kept.prefix(wanted.limit) : kept.suffix(wanted.limit)), hasMore: hasMore,
            quota: quota, usedQuota: usedQuota)
    }
}
