internal import BrokerModel
internal import Bytes
internal import Clocks
internal import Storage

/// Past candles that can no longer change, kept so that no security's history is paid for twice, and the securities that
/// count against a month's quota.
///
/// Of each series it is known which stretches of time are whole. A question that lies within one is answered from here.
/// Prices that are restated later (`adjust=forward`) are not kept, nor candles longer than a day.
enum CandleStore {
    /// Candles kept; beyond it the series that were not asked for the longest go.
    static let maximumRows: Int64 = 2_000_000

    /// The stretch that a question or an answer is about, in milliseconds; `lower..<upper`, open where absent.
    struct Stretch: Equatable {
        var lower: Int64?
        var upper: Int64?
        /// Whether the candles next to `lower` are wanted, else those next to `upper`.
        var isForward: Bool

        init(_ span: CandleHistoryRequest.Span, _ zone: TimeZoneRule) {
            switch span {
            case .days(let from, let through):
                lower = from.map { zone.wallTime($0, secondOfDay: 0).milliseconds }
                upper = through.map { zone.wallTime($0.adding(days: 1), secondOfDay: 0).milliseconds }
                isForward = from != nil && through == nil
            case .before(let time): (lower, upper, isForward) = (nil, time.milliseconds, false)
            case .after(let time): (lower, upper, isForward) = (time.milliseconds + 1, nil, true)
            }
        }

        /// What is whole after an answer; `nil` if nothing is.
        ///
        /// - Parameter today: the first moment of the exchange's day; what is before it does not change any more.
        func known(_ history: CandleHistory, today: Int64) -> Range<Int64>? {
            let final = history.candles.prefix { $0.isFinal && $0.start.milliseconds < today }
            let first: Int64?
            let end: Int64?
            if isForward {
                first = lower
                end = final.last.map { $0.start.milliseconds + 1 }
            } else {
                first = history.hasMore ? history.candles.first?.start.milliseconds : lower ?? 0
                let isBehind = upper.map { $0 <= today } ?? false
                end = isBehind ? upper : final.last.map { $0.start.milliseconds + 1 }
            }
            guard let first, let end, first < end else { return nil }
            return first..<end
        }
    }

    /// Whether candles of the question are kept at all.
    static func keeps(_ wanted: CandleHistoryRequest) -> Bool {
        wanted.adjustment == .none && (wanted.interval.minutes != nil || wanted.interval == .oneDay)
    }

    private static func series(
        _ account: String, _ wanted: CandleHistoryRequest, on connection: SQLConnection
    ) throws(StorageError) -> Int64? {
        try connection.run(
            "SELECT id FROM candle_series WHERE account = ? AND symbol = ? AND interval = ? AND sessions = ?",
            [
                .text(account), .text(wanted.symbol.text), .text(wanted.interval.rawValue),
                .text(wanted.sessions.rawValue),
            ]
        ).first?.integer(0)
    }

    /// The answer, if all of it is kept; without its quota.
    static func read(
        _ account: String, _ wanted: CandleHistoryRequest, on connection: SQLConnection
    ) throws(StorageError) -> CandleHistory? {
        guard keeps(wanted), let series = try series(account, wanted, on: connection) else { return nil }
        let stretch = Stretch(wanted.span, wanted.symbol.market.timeZone)
        guard let edge = stretch.isForward ? stretch.lower : stretch.upper else { return nil }
        let whole = try connection.run(
            stretch.isForward
                ? "SELECT first_ms, end_ms FROM candle_spans WHERE series = ? AND first_ms <= ? AND end_ms > ?"
                : "SELECT first_ms, end_ms FROM candle_spans WHERE series = ? AND first_ms < ? AND end_ms >= ?",
            [.integer(series), .integer(edge), .integer(edge)]
        ).first
        guard let first = whole?.integer(0), let end = whole?.integer(1) else { return nil }
        let (lower, upper) = stretch.isForward ? (edge, end) : (max(first, stretch.lower ?? 0), edge)
        let rows = try connection.run(
            """
            SELECT start_ms, open, high, low, close, volume, turnover, session FROM candles
            WHERE series = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms \(stretch.isForward ? "ASC" : "DESC")
            LIMIT ?
            """,
            [.integer(series), .integer(lower), .integer(upper), .integer(Int64(wanted.limit + 1))])
        let isWhole = !stretch.isForward && first <= stretch.lower ?? 0
        guard rows.count > wanted.limit || isWhole else { return nil }
        var candles = rows.prefix(wanted.limit).compactMap { candle($0) }
        if !stretch.isForward { candles.reverse() }
        return CandleHistory(candles: candles, hasMore: rows.count > wanted.limit, quota: nil, usedQuota: false)
    }

    private static func candle(_ row: SQLRow) -> Candle? {
        guard let start = row.integer(0) else { return nil }
        func decimal(_ column: Int) -> DecimalText? { row.text(column).flatMap { DecimalText($0) } }
        var candle = Candle(start: WallTime(milliseconds: start), isFinal: true)
        (candle.open, candle.high, candle.low, candle.close) = (decimal(1), decimal(2), decimal(3), decimal(4))
        (candle.volume, candle.turnover) = (decimal(5), decimal(6))
        candle.session = row.text(7).flatMap { TradingSession(rawValue: $0) }
        return candle
    }

    /// Keeps what an answer says, and that its security counts.
    static func keep(
        _ history: CandleHistory, _ account: String, _ wanted: CandleHistoryRequest, now: WallTime,
        on connection: SQLConnection
    ) throws(StorageError) {
        if let quota = history.quota {
            try connection.run(
                "INSERT OR IGNORE INTO history_symbols (account, month, symbol, first_ms) VALUES (?, ?, ?, ?)",
                [.text(account), .text(quota.month), .text(wanted.symbol.text), .integer(now.milliseconds)])
        }
        let zone = wanted.symbol.market.timeZone
        let today = zone.wallTime(zone.civil(at: now).date, secondOfDay: 0).milliseconds
        guard keeps(wanted), let known = Stretch(wanted.span, zone).known(history, today: today) else { return }
        let names: [SQLValue] = [
            .text(account), .text(wanted.symbol.text), .text(wanted.interval.rawValue),
            .text(wanted.sessions.rawValue),
        ]
        try connection.run(
            """
            INSERT INTO candle_series (account, symbol, interval, sessions, rows, used_ms) VALUES (?, ?, ?, ?, 0, ?)
            ON CONFLICT (account, symbol, interval, sessions) DO UPDATE SET used_ms = excluded.used_ms
            """, names + [.integer(now.milliseconds)])
        guard let series = try series(account, wanted, on: connection) else { return }
        for candle in history.candles where known.contains(candle.start.milliseconds) {
            try connection.run(
                "INSERT OR REPLACE INTO candles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .integer(series), .integer(candle.start.milliseconds), .text(candle.open?.text),
                    .text(candle.high?.text), .text(candle.low?.text), .text(candle.close?.text),
                    .text(candle.volume?.text), .text(candle.turnover?.text), .text(candle.session?.rawValue),
                ])
        }
        // Stretches that touch become one.
        let touching: [SQLValue] = [.integer(series), .integer(known.upperBound), .integer(known.lowerBound)]
        let bounds = try connection.run(
            "SELECT MIN(first_ms), MAX(end_ms) FROM candle_spans WHERE series = ? AND first_ms <= ? AND end_ms >= ?",
            touching
        ).first
        try connection.run(
            "DELETE FROM candle_spans WHERE series = ? AND first_ms <= ? AND end_ms >= ?", touching)
        try connection.run(
            "INSERT INTO candle_spans (series, first_ms, end_ms) VALUES (?, ?, ?)",
            [
                .integer(series), .integer(min(known.lowerBound, bounds?.integer(0) ?? .max)),
                .integer(max(known.upperBound, bounds?.integer(1) ?? .min)),
            ])
        try connection.run(
            "UPDATE candle_series SET rows = (SELECT COUNT(*) FROM candles WHERE series = ?) WHERE id = ?",
            [.integer(series), .integer(series)])
        try trim(on: connection)
    }

    /// Drops the series that were asked for the longest ago, while there are too many candles.
    static func trim(to bound: Int64 = maximumRows, on connection: SQLConnection) throws(StorageError) {
        while let total = try connection.run("SELECT SUM(rows) FROM candle_series").first?.integer(0), total > bound,
            let oldest = try connection.run("SELECT id FROM candle_series ORDER BY used_ms LIMIT 1").first?.integer(0)
        {
            try drop(oldest, on: connection)
        }
    }

    private static func drop(_ series: Int64, on connection: SQLConnection) throws(StorageError) {
        for sql in [
            "DELETE FROM candles WHERE series = ?", "DELETE FROM candle_spans WHERE series = ?",
            "DELETE FROM candle_series WHERE id = ?",
        ] { try connection.run(sql, [.integer(series)]) }
    }

    /// Securities that count in a month.
    static func symbols(_ account: String, month: String, on connection: SQLConnection) throws(StorageError) -> [Symbol]
    {
        try connection.run(
            "SELECT symbol FROM history_symbols WHERE account = ? AND month = ?", [.text(account), .text(month)]
        ).compactMap { $0.text(0).flatMap { Symbol($0) } }
    }

    /// Drops everything of an account: the simulated one of an earlier run.
    static func forget(_ account: String, on connection: SQLConnection) throws(StorageError) {
        try connection.run("DELETE FROM history_symbols WHERE account = ?", [.text(account)])
        let all = try connection.run("SELECT id FROM candle_series WHERE account = ?", [.text(account)])
        for row in all { if let id = row.integer(0) { try drop(id, on: connection) } }
    }
}
