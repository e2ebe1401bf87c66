public import Clocks

/// Which past candles are asked for.
public struct CandleHistoryRequest: Hashable, Sendable {
    /// The stretch of time.
    public enum Span: Hashable, Sendable {
        /// From one exchange day through another. With both open the newest, with only `from` those next to it, else those
        /// next to `through`.
        case days(from: CivilDate?, through: CivilDate?)
        /// Those that start before a time, newest first taken.
        case before(WallTime)
        /// Those that start after a time, oldest first taken.
        case after(WallTime)
    }

    /// The security.
    public var symbol: Symbol
    /// The length of a candle.
    public var interval: CandleInterval
    /// How past prices are restated.
    public var adjustment: PriceAdjustment
    /// The sessions covered.
    public var sessions: SessionFilter
    /// The stretch of time.
    public var span: Span
    /// 1 to 1000.
    public var limit: Int

    /// One request.
    public init(
        symbol: Symbol, interval: CandleInterval, adjustment: PriceAdjustment = .none,
        sessions: SessionFilter = .regular, span: Span, limit: Int
    ) {
        self.symbol = symbol
        self.interval = interval
        self.adjustment = adjustment
        self.sessions = sessions
        self.span = span
        self.limit = limit
    }
}

/// How many securities' history a broker gives in a calendar month.
public struct HistoryQuota: Equatable, Sendable {
    /// Securities a month; `nil` where the broker does not tell.
    public var limit: Int?
    /// Securities this program asked for in the month. The broker does not tell its own count, so others' use and that of
    /// earlier runs is missing: a lower bound.
    public var used: Int
    /// The month, `2026-11`, by the broker's clock.
    public var month: String

    /// One quota.
    public init(limit: Int?, used: Int, month: String) {
        self.limit = limit
        self.used = used
        self.month = month
    }
}

/// Past candles, oldest first.
public struct CandleHistory: Equatable, Sendable {
    /// At most the limit asked for.
    public var candles: [Candle]
    /// Whether there may be more in the direction that was asked for.
    public var hasMore: Bool
    /// What the call left of the quota; `nil` where the broker has none.
    public var quota: HistoryQuota?
    /// Whether the call was the security's first of the month, and so counts.
    public var usedQuota: Bool

    /// One answer.
    public init(candles: [Candle], hasMore: Bool, quota: HistoryQuota?, usedQuota: Bool) {
        self.candles = candles
        self.hasMore = hasMore
        self.quota = quota
        self.usedQuota = usedQuota
    }
}

extension CandleInterval {
    /// The length in minutes; `nil` for a day and longer.
    public var minutes: Int? {
        switch self {
        case .oneMinute: 1
        case .twoMinutes: 2
        case .threeMinutes: 3
        case .fiveMinutes: 5
        case .tenMinutes: 10
        case .fifteenMinutes: 15
        case .twentyMinutes: 20
        case .thirtyMinutes: 30
        case .fortyFiveMinutes: 45
        case .oneHour: 60
        case .twoHours: 120
        case .threeHours: 180
        case .fourHours: 240
        case .oneDay, .oneWeek, .oneMonth, .oneQuarter, .oneYear: nil
        }
    }

    /// The first day of the candle of a day or longer that holds `date`; `date` itself for shorter ones.
    public func firstDay(of date: CivilDate) -> CivilDate {
        switch self {
        case .oneWeek: date.adding(days: -((date.weekday + 6) % 7))
        case .oneMonth: CivilDate(year: date.year, month: date.month, day: 1) ?? date
        case .oneQuarter: CivilDate(year: date.year, month: (date.month - 1) / 3 * 3 + 1, day: 1) ?? date
        case .oneYear: CivilDate(year: date.year, month: 1, day: 1) ?? date
        default: date
        }
    }

    /// When a candle that starts at `start` ends at the latest, by the exchange's clock.
    public func end(ofCandleAt start: WallTime, zone: TimeZoneRule) -> WallTime {
        if let minutes { return start + .seconds(minutes * 60) }
        let first = zone.civil(at: start).date
        let days =
            switch self {
            case .oneWeek: 7
            case .oneMonth: 31
            case .oneQuarter: 92
            case .oneYear: 366
            default: 1
            }
        return zone.wallTime(firstDay(of: first.adding(days: days)), secondOfDay: 0)
    }
}
