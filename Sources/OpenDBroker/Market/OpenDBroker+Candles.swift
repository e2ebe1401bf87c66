public import BrokerModel
internal import Clocks
internal import OpenDWire

/// Candles: the newest of what is subscribed, and history within its quota.
extension OpenDBroker {
    /// The newest candles, oldest first, the running one included.
    public func candles(_ wanted: CandleRequest, wait: Duration) async throws(BrokerFailure) -> [Candle] {
        guard let type = wanted.interval.subscription, let candleType = type.candleType else {
            throw .noInterval(wanted.interval)
        }
        let symbol = wanted.symbol
        return try await withSubscription(symbol, type, wait: wait) { () throws(BrokerFailure) in
            var request = OpenD.QotGetKL.C2S()
            request.security = symbol.security
            request.klType = candleType
            request.rehabType = wanted.adjustment.rehabType
            // Bars of extended hours that are left out here count for the gateway.
            let isMixed =
                !self.sessionRule.isAlwaysOpen && symbol.market == .unitedStates && wanted.sessions == .regular
                && wanted.interval.minutes != nil
            request.reqNum = isMixed ? Int32(OpenDLimits.rows) : Int32(clamping: min(wanted.limit, OpenDLimits.rows))
            let answer = try await self.link.read(request, wait: wait)
            let reader = CandleReader(
                interval: wanted.interval, sessions: wanted.sessions, market: symbol.market, now: .now(),
                rule: self.sessionRule)
            return Array(reader.candles(answer.klList).suffix(wanted.limit))
        }
    }

    /// Past candles. Each security asked for counts against the user's quota for 30 days.
    public func candleHistory(
        _ wanted: CandleHistoryRequest, wait: Duration
    ) async throws(BrokerFailure) -> CandleHistory {
        guard let candleType = wanted.interval.candleType else { throw .noInterval(wanted.interval) }
        let before = try? await historyQuota(wait: .zero)
        let range = HistoryRange(wanted, now: .now())
        let zone = wanted.symbol.market.timeZone
        let reader = CandleReader(
            interval: wanted.interval, sessions: wanted.sessions, market: wanted.symbol.market, now: .now(),
            rule: sessionRule)
        var request = OpenD.QotRequestHistoryKL.C2S()
        request.security = wanted.symbol.security
        request.klType = candleType
        request.rehabType = wanted.adjustment.rehabType
        request.beginTime = ExchangeTime.text(range.begin, zone: zone)
        request.endTime = ExchangeTime.text(range.end, zone: zone)
        request.maxAckKLNum = Int32(OpenDLimits.rows)
        if wanted.symbol.market == .unitedStates, wanted.sessions == .all, wanted.interval.minutes ?? .max <= 60 {
            request.extendedTime = true
            request.session = OpenDBroker.allSessions
        }
        var bars: [OpenD.QotCommon.KLine] = []
        var pages = 0
        var isComplete = false
        while !isComplete, pages < OpenDBroker.historyPages {
            let answer = try await link.read(request, pages == 0 ? .gateway : .free, wait: wait)
            bars += answer.klList
            pages += 1
            request.nextReqKey = answer.nextReqKey
            isComplete = answer.nextReqKey?.isEmpty ?? true
            // Who reads forwards has enough with the first ones.
            if range.isForward, reader.candles(bars).count > wanted.limit { break }
        }
        let after = try? await historyQuota(wait: .zero)
        return range.page(
            reader.candles(bars), wanted, isComplete: isComplete, quota: after,
            usedQuota: (after?.used ?? 0) > (before?.used ?? .max))
    }

    /// Pages of one read; the range asked for is a little more than the candles wanted.
    private static let historyPages = 12

    /// The quota of history, as the gateway counts it over the last 30 days.
    func historyQuota(wait: Duration) async throws(BrokerFailure) -> HistoryQuota {
        let answer = try await link.read(OpenD.QotRequestHistoryKLQuota.C2S(), wait: wait)
        let month = String(TimeZoneRule.hongKong.civil(at: .now()).date.iso.prefix(7))
        return HistoryQuota(
            limit: Int(answer.usedQuota) + Int(answer.remainQuota), used: Int(answer.usedQuota), month: month)
    }
}

/// Which stretch of time holds the candles wanted.
struct HistoryRange: Equatable {
    var begin: WallTime
    var end: WallTime
    /// Whether the first ones of it are wanted rather than the last.
    var isForward: Bool

    /// Where only one end is known the other is guessed wide: markets trade at least a fifth of the hours of a week.
    init(_ wanted: CandleHistoryRequest, now: WallTime) {
        let zone = wanted.symbol.market.timeZone
        let today = zone.civil(at: now).date
        func midnight(_ date: CivilDate) -> WallTime { zone.wallTime(date, secondOfDay: 0) }
        func end(_ date: CivilDate) -> WallTime { zone.wallTime(date, secondOfDay: 86_399) }
        let reach = HistoryRange.days(wanted.limit, wanted.interval)
        switch wanted.span {
        case .days(let from?, let through?): (begin, self.end, isForward) = (midnight(from), end(through), false)
        case .days(let from?, nil):
            (begin, self.end, isForward) = (midnight(from), end(min(today, from.adding(days: reach))), true)
        case .days(nil, let through):
            let through = through ?? today
            (begin, self.end, isForward) = (midnight(through.adding(days: -reach)), end(through), false)
        case .before(let time):
            let date = zone.civil(at: time).date
            (begin, self.end, isForward) = (midnight(date.adding(days: -reach)), time, false)
            // Minute bars are dated at their end: the one that begins before `time` may end behind it.
            if let minutes = wanted.interval.minutes { self.end = time + .seconds(60 * minutes) }
        case .after(let time):
            let date = zone.civil(at: time).date
            (begin, self.end, isForward) = (time, end(min(today, date.adding(days: reach))), true)
        }
    }

    /// Days that hold `limit` candles and some more, holidays included.
    private static func days(_ limit: Int, _ interval: CandleInterval) -> Int {
        switch interval {
        case .oneDay: limit * 2 + 14
        case .oneWeek: limit * 7 + 21
        case .oneMonth: limit * 31 + 62
        case .oneQuarter: limit * 92 + 184
        case .oneYear: limit * 366 + 732
        default:
            // The shortest trading day has about four hours.
            limit * (interval.minutes ?? 1) / 240 * 2 + 14
        }
    }

    /// Cuts an answer to what was wanted.
    func page(
        _ candles: [Candle], _ wanted: CandleHistoryRequest, isComplete: Bool, quota: HistoryQuota?, usedQuota: Bool
    ) -> CandleHistory {
        var kept = candles
        switch wanted.span {
        case .days: break
        case .before(let time): kept = kept.filter { $0.start < time }
        case .after(let time): kept = kept.filter { $0.start > time }
        }
        let hasMore: Bool
        if case .days(_?, _?) = wanted.span {
            hasMore = kept.count > wanted.limit || !isComplete
        } else {
            // What lies beyond the stretch was not looked at; a full answer says that there may be more.
            hasMore = kept.count >= wanted.limit
        }
        return CandleHistory(
            candles: Array(isForward ? kept.prefix(wanted.limit) : kept.suffix(wanted.limit)), hasMore: hasMore,
            quota: quota, usedQuota: usedQuota)
    }
}

extension PriceAdjustment {
    /// `RehabType`.
    var rehabType: Int32 {
        switch self {
        case .none: 0
        case .forward: 1
        }
    }
}
