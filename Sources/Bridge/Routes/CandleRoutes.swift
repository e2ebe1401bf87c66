internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Storage

extension BridgeApplication {
    static func addCandleRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/candles/{symbol}", to: &table) { application, context throws(Problem) in
            try application.candles(context)
        }
        addMarket("/v1/candles/{symbol}/history", to: &table) { application, context throws(Problem) in
            try application.candleHistory(context)
        }
    }

    private func candles(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let interval = try query.required("interval", query.word("interval", as: CandleInterval.self))
        let wanted = CandleRequest(
            symbol: symbol, interval: interval, limit: try query.integer("limit", in: 1...1000) ?? 100,
            adjustment: try query.word("adjust") ?? .none, sessions: try query.word("sessions") ?? .regular)
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        let broker = try accounts.answering(alias, .candles, market: symbol.market, context.holder)
        let wait = longestWait(context)
        let key = "candles/\(interval.rawValue)/\(wanted.limit)/\(wanted.adjustment)/\(wanted.sessions)/\(symbol)"
        return pending(context, cache, broker, key: key, age) { () async throws(BrokerFailure) in
            let candles = try await broker.candles(wanted, wait: wait)
            return ReadCache.Fetched(
                body: BridgeApplication.list(symbol, candles.reversed(), interval: interval) { $0.candle($1) })
        }
    }

    // MARK: History

    private func candleHistory(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let interval = try query.required("interval", query.word("interval", as: CandleInterval.self))
        let adjustment: PriceAdjustment = try query.word("adjust") ?? .none
        let sessions: SessionFilter = try query.word("sessions") ?? .regular
        let limit = try query.integer("limit", in: 1...1000) ?? 100
        var span = try HistorySpan(&query)
        if let cursor = try query.string("cursor") { try span.resume(at: cursor) }
        let alias = try query.string("account")
        let forced = try query.integer("max_age_ms", in: 0...86_400_000).map { Duration.milliseconds($0) }
        try query.finish()
        let broker = try accounts.answering(alias, .candleHistory, market: symbol.market, context.holder)
        let wait = longestWait(context)
        let wanted = CandleHistoryRequest(
            symbol: symbol, interval: interval, adjustment: adjustment, sessions: sessions, span: span.request,
            limit: limit)
        // What lies wholly behind us does not change, and asking again would cost the broker's limits.
        let isClosed = span.isBehind(.now(), interval, symbol.market.timeZone)
        let age = forced ?? (isClosed ? .seconds(86_400) : marketData.maxAge)
        let key = "history/\(interval.rawValue)/\(limit)/\(adjustment)/\(sessions)/\(span.key)/\(symbol)"
        let isTold = span
        return pending(context, isClosed ? instruments : cache, broker, key: key, age, budget: "history") {
            [self] () async throws(BrokerFailure) in
            let (history, isStored) = try await pastCandles(wanted, of: broker, mayBeStored: age > .zero, wait: wait)
            let kept = isTold.kept(history.candles, symbol.market.timeZone)
            let cursor = isTold.cursor(after: kept, hasMore: history.hasMore && kept.count == history.candles.count)
            var json = JSONWriter(capacity: 4096)
            json.raw(
                BridgeApplication.list(symbol, kept.reversed(), interval: interval, nextCursor: cursor) {
                    $0.candle($1)
                }
            )
            json.key("quota")
            json.quota(history)
            return ReadCache.Fetched(body: json.bytes, isStored: isStored)
        }
    }

    /// From the store where all of it is there, else from the broker, and then into the store.
    private func pastCandles(
        _ wanted: CandleHistoryRequest, of broker: any Broker, mayBeStored: Bool, wait: Duration
    ) async throws(BrokerFailure) -> (history: CandleHistory, isStored: Bool) {
        let alias = broker.account.alias
        if mayBeStored {
            do throws(StorageError) {
                let stored = try await database.read { connection throws(StorageError) in
                    try CandleStore.read(alias, wanted, on: connection)
                }
                if var stored {
                    stored.quota = broker.historyQuota
                    return (stored, true)
                }
            } catch { log.error("storage.candles_not_read", .reason("\(error)")) }
        }
        let history = try await broker.candleHistory(wanted, wait: wait)
        do throws(StorageError) {
            try await database.write { connection throws(StorageError) in
                try CandleStore.keep(history, alias, wanted, now: .now(), on: connection)
            }
        } catch { log.error("storage.candles_not_kept", .reason("\(error)")) }
        return (history, false)
    }

    /// Tells each broker which securities earlier runs have paid for.
    func loadHistoryUse() async throws(StorageError) {
        for broker in accounts.brokers {
            guard let month = broker.historyQuota?.month else { continue }
            let alias = broker.account.alias
            let symbols = try await database.read { connection throws(StorageError) in
                try CandleStore.symbols(alias, month: month, on: connection)
            }
            broker.restoreHistoryUse(symbols, month: month)
        }
    }
}

/// What a read of past candles covers: `start` and `end`, or `before`, or `after`, and where its page begins.
struct HistorySpan: Equatable {
    private enum Bounds: Equatable {
        case days(from: CivilDate?, through: CivilDate?)
        case before(WallTime)
        case after(WallTime)
    }

    private let bounds: Bounds
    private var position: WallTime?

    /// Reads the four names; at most one kind of bounds may be given.
    init(_ query: inout QueryReader) throws(Problem) {
        let start = try query.date("start")
        let end = try query.date("end")
        let before = try query.time("before")
        let after = try query.time("after")
        let kinds = (start != nil || end != nil ? 1 : 0) + (before != nil ? 1 : 0) + (after != nil ? 1 : 0)
        guard kinds <= 1 else {
            throw Problem(
                status: 400, code: "invalid_field", detail: "Give start and end, or before, or after.", field: "before")
        }
        if let start, let end, start > end {
            throw Problem(status: 400, code: "invalid_field", detail: "start is behind end.", field: "start")
        }
        bounds =
            before.map { .before($0) } ?? after.map { .after($0) }
            ?? .days(from: start, through: end)
    }

    /// Goes on where a page ended.
    mutating func resume(at cursor: String) throws(Problem) {
        guard let milliseconds = Int64(cursor), milliseconds >= 0, milliseconds < 253_402_300_800_000 else {
            throw Problem(status: 400, code: "invalid_field", detail: "cursor is none of ours.", field: "cursor")
        }
        position = WallTime(milliseconds: milliseconds)
    }

    /// Whether pages go from older to newer.
    private var isForward: Bool {
        switch bounds {
        case .days(let from, let through): from != nil && through == nil
        case .before: false
        case .after: true
        }
    }

    /// The broker's call for this page.
    var request: CandleHistoryRequest.Span {
        if let position { return isForward ? .after(position) : .before(position) }
        return switch bounds {
        case .days(let from, let through): .days(from: from, through: through)
        case .before(let time): .before(time)
        case .after(let time): .after(time)
        }
    }

    /// Candles of a later page that lie in the days asked for.
    func kept(_ candles: [Candle], _ zone: TimeZoneRule) -> [Candle] {
        guard position != nil, case .days(let from, let through) = bounds else { return candles }
        return candles.filter { candle in
            let date = zone.civil(at: candle.start).date
            return from.map { date >= $0 } ?? true && through.map { date <= $0 } ?? true
        }
    }

    /// Where the next page begins; `nil` behind the last.
    func cursor(after candles: [Candle], hasMore: Bool) -> String? {
        guard hasMore, let next = isForward ? candles.last : candles.first else { return nil }
        return String(next.start.milliseconds)
    }

    /// Whether no candle of it can change any more.
    func isBehind(_ now: WallTime, _ interval: CandleInterval, _ zone: TimeZoneRule) -> Bool {
        let today = zone.civil(at: now).date
        let first = interval.firstDay(of: today)
        switch request {
        case .days(_, let through): return through.map { $0 < first } ?? false
        case .before(let time): return zone.civil(at: time).date < first
        case .after: return false
        }
    }

    /// What names it among the kept answers.
    var key: String { "\(bounds)/\(position?.milliseconds ?? 0)" }
}

extension JSONWriter {
    /// The quota of a read of past candles.
    mutating func quota(_ history: CandleHistory) {
        guard let quota = history.quota else { return null() }
        beginObject()
        key("month")
        string(quota.month)
        key("limit")
        int(quota.limit)
        key("used_by_bridge")
        int(quota.used)
        key("counted")
        bool(history.usedQuota)
        endObject()
    }
}
