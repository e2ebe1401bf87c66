internal import BrokerModel
internal import Bytes
internal import Clocks
internal import LongbridgeWire

extension Longbridge.Quote.Period {
    /// The vendor's number for an interval.
    init(_ interval: CandleInterval) {
        switch interval {
        case .oneMinute: self = .oneMinute
        case .twoMinutes: self = .twoMinute
        case .threeMinutes: self = .threeMinute
        case .fiveMinutes: self = .fiveMinute
        case .tenMinutes: self = .tenMinute
        case .fifteenMinutes: self = .fifteenMinute
        case .twentyMinutes: self = .twentyMinute
        case .thirtyMinutes: self = .thirtyMinute
        case .fortyFiveMinutes: self = .fortyFiveMinute
        case .oneHour: self = .sixtyMinute
        case .twoHours: self = .twoHour
        case .threeHours: self = .threeHour
        case .fourHours: self = .fourHour
        case .oneDay: self = .day
        case .oneWeek: self = .week
        case .oneMonth: self = .month
        case .oneQuarter: self = .quarter
        case .oneYear: self = .year
        }
    }
}

extension SessionFilter {
    /// The vendor's session filter: 0 regular only, 100 all.
    var wire: Int32 { self == .all ? 100 : 0 }
}

extension Candle {
    /// One bar; `nil` if its time is unknown.
    init?(_ bar: Longbridge.Quote.Candlestick, isFinal: Bool) {
        guard let start = wallTime(bar.timestamp) else { return nil }
        self.init(start: start, isFinal: isFinal)
        open = decimal(bar.open)
        high = decimal(bar.high)
        low = decimal(bar.low)
        close = decimal(bar.close)
        volume = DecimalText(bar.volume)
        turnover = decimal(bar.turnover)
        session = TradingSession(bar.tradeSession)
    }
}

extension IntradayPoint {
    /// One minute; `nil` if its time is unknown.
    init?(_ line: Longbridge.Quote.Line) {
        guard let start = wallTime(line.timestamp) else { return nil }
        self.init(time: start)
        price = decimal(line.price)
        averagePrice = decimal(line.avgPrice)
        volume = DecimalText(line.volume)
        turnover = decimal(line.turnover)
    }
}
