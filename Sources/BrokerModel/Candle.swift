public import Bytes
public import Clocks

/// The length of a candle.
public enum CandleInterval: String, Sendable, Hashable, CaseIterable {
    case oneMinute = "1m", twoMinutes = "2m", threeMinutes = "3m", fiveMinutes = "5m", tenMinutes = "10m"
    case fifteenMinutes = "15m", twentyMinutes = "20m", thirtyMinutes = "30m", fortyFiveMinutes = "45m"
    case oneHour = "1h", twoHours = "2h", threeHours = "3h", fourHours = "4h"
    case oneDay = "1d", oneWeek = "1w", oneMonth = "1mo", oneQuarter = "1q", oneYear = "1y"
}

/// How past prices are restated for splits and dividends.
public enum PriceAdjustment: String, Sendable, CaseIterable {
    case none, forward
}

/// Which sessions candles and intraday points cover.
public enum SessionFilter: String, Sendable, CaseIterable {
    case regular, all
}

/// One candle.
public struct Candle: Equatable, Sendable {
    /// Start of the bar.
    public var start: WallTime
    /// First price.
    public var open: DecimalText?
    /// Highest price.
    public var high: DecimalText?
    /// Lowest price.
    public var low: DecimalText?
    /// Last price.
    public var close: DecimalText?
    /// Shares.
    public var volume: DecimalText?
    /// Money, in the security's currency.
    public var turnover: DecimalText?
    /// The session it covers.
    public var session: TradingSession?
    /// Whether it can no longer change.
    public var isFinal: Bool

    /// A bar that begins at `start`, with nothing else known.
    public init(start: WallTime, isFinal: Bool) {
        self.start = start
        self.isFinal = isFinal
    }
}

/// What candles are asked for.
public struct CandleRequest: Equatable, Hashable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// The length of a candle.
    public var interval: CandleInterval
    /// 1 to 1000, the newest ones.
    public var limit: Int
    /// How past prices are restated.
    public var adjustment: PriceAdjustment
    /// The sessions covered.
    public var sessions: SessionFilter

    /// One request.
    public init(
        symbol: Symbol, interval: CandleInterval, limit: Int, adjustment: PriceAdjustment = .none,
        sessions: SessionFilter = .regular
    ) {
        self.symbol = symbol
        self.interval = interval
        self.limit = limit
        self.adjustment = adjustment
        self.sessions = sessions
    }
}

/// One minute of the running day.
public struct IntradayPoint: Equatable, Sendable {
    /// Start of the minute.
    public var time: WallTime
    /// Last price of the minute.
    public var price: DecimalText?
    /// Average since the open.
    public var averagePrice: DecimalText?
    /// Shares of the minute.
    public var volume: DecimalText?
    /// Money of the minute.
    public var turnover: DecimalText?

    /// The minute that begins at `time`, with nothing else known.
    public init(time: WallTime) {
        self.time = time
    }
}
