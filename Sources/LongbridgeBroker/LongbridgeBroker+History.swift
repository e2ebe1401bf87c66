public import BrokerModel
internal import Clocks
internal import LongbridgeWire

/// Securities whose history was asked for in the running month.
struct HistoryUse {
    private(set) var month = ""
    private var noted: Set<Symbol> = []
    /// The day on which the broker said that no further security may be asked for; the account's level may rise with the
    /// next one.
    private var exhausted: CivilDate?

    /// Those of the month that runs at `now`.
    func symbols(at now: WallTime) -> Set<Symbol> { HistoryUse.month(at: now) == month ? noted : [] }

    /// Whether the broker need not be asked: the security is not among those of the month, and no further one may be.
    func isUsedUp(_ symbol: Symbol, limit: Int?, at now: WallTime) -> Bool {
        let known = symbols(at: now)
        guard !known.contains(symbol) else { return false }
        if exhausted == TimeZoneRule.hongKong.civil(at: now).date { return true }
        return limit.map { known.count >= $0 } ?? false
    }

    /// The broker refused a security that was not among those of the month.
    mutating func refused(_ symbol: Symbol, at now: WallTime) {
        guard !symbols(at: now).contains(symbol) else { return }
        exhausted = TimeZoneRule.hongKong.civil(at: now).date
    }

    /// Takes over what earlier runs asked for.
    mutating func restore(_ symbols: [Symbol], month: String) {
        if month != self.month { noted = [] }
        self.month = month
        noted.formUnion(symbols)
    }

    /// Notes a call that the broker answered; whether it was the security's first of the month.
    mutating func note(_ symbol: Symbol, at now: WallTime) -> Bool {
        let month = HistoryUse.month(at: now)
        if month != self.month {
            self.month = month
            noted = []
        }
        return noted.insert(symbol).inserted
    }

    /// The month by the broker's clock, `2026-11`.
    static func month(at now: WallTime) -> String { String(TimeZoneRule.hongKong.civil(at: now).date.iso.prefix(7)) }
}

extension LongbridgeBroker {
    /// What earlier runs asked for, of one month.
    public func restoreHistoryUse(_ symbols: [Symbol], month: String) {
        historyUse.restore(symbols, month: month)
    }

    /// What is used of the month's securities.
    public var historyQuota: HistoryQuota? {
        let now = WallTime.now()
        return HistoryQuota(
            limit: historyLimit, used: historyUse.symbols(at: now).count, month: HistoryUse.month(at: now))
    }

    private var historyLimit: Int? {
        [quotePermissions?.historyLimit, link.settings.bounds.historySymbols].compactMap { $0 }.min()
    }

    /// Past candles.
    public func candleHistory(
        _ wanted: CandleHistoryRequest, wait: Duration
    ) async throws(BrokerFailure) -> CandleHistory {
        // What the broker tells is its own to enforce: others may have used it, and it may have grown.
        guard !historyUse.isUsedUp(wanted.symbol, limit: link.settings.bounds.historySymbols, at: .now()) else {
            throw BrokerFailure(
                .quotaExceeded, "No further security's history may be asked for in this month.",
                field: "symbol")
        }
        let answer: Longbridge.Quote.SecurityCandlestickResponse
        do throws(BrokerFailure) {
            answer = try await link.request(
                .historyCandlesticks, HistoryQuery.request(wanted),
                as: Longbridge.Quote.SecurityCandlestickResponse.self, wait: wait)
        } catch {
            if error.kind == .quotaExceeded { historyUse.refused(wanted.symbol, at: .now()) }
            throw error
        }
        let now = WallTime.now()
        let isFirst = historyUse.note(wanted.symbol, at: now)
        let zone = wanted.symbol.market.timeZone
        let candles = answer.candlesticks.compactMap { bar -> Candle? in
            guard var candle = Candle(bar, isFinal: true) else { return nil }
            candle.isFinal = wanted.interval.end(ofCandleAt: candle.start, zone: zone) <= now
            return candle
        }
        let quota = HistoryQuota(
            limit: historyLimit, used: historyUse.symbols(at: now).count, month: HistoryUse.month(at: now))
        return HistoryQuery.page(candles, wanted, quota: quota, usedQuota: isFirst)
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
