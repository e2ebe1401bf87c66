internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

/// A price; the gateway's 0 stands for none.
func gatewayPrice(_ value: Double?) -> DecimalText? {
    value.flatMap { $0 == 0 ? nil : DecimalText(double: $0) }
}

/// A quantity, a sum or a rate, where 0 is a value.
func gatewayFigure(_ value: Double?) -> DecimalText? { value.flatMap { DecimalText(double: $0) } }

/// A volume; the one with decimals where the gateway gives it.
func gatewayVolume(_ whole: Int64?, _ precise: Double?) -> DecimalText? {
    gatewayFigure(precise) ?? whole.map { DecimalText($0) }
}

/// Which session a time is of: the gateway does not say.
struct SessionRule: Equatable, Sendable {
    /// Whether there is but one, as in a simulation whose markets never close.
    var isAlwaysOpen = false

    /// By the clock in the United States; other markets have one session.
    ///
    /// - Source: the exchanges' hours: pre-market from 4:00, regular 9:30 to 16:00, post-market until 20:00.
    func session(at time: WallTime, market: Market) -> TradingSession {
        guard market == .unitedStates, !isAlwaysOpen else { return .regular }
        switch market.timeZone.civil(at: time).secondOfDay / 60 {
        case 240..<570: return .preMarket
        case 570..<960: return .regular
        case 960..<1200: return .postMarket
        default: return .overnight
        }
    }
}

extension TradeStatus {
    /// `SecurityStatus`; unknown numbers are unknown, not normal.
    init?(securityStatus: Int32?, isSuspended: Bool) {
        switch securityStatus {
        case 1: self = .normal
        case 2, 3, 4, 5, 6, 7: self = .prepareList
        case 8: self = .toBeOpened
        case 9: self = .suspended
        case 10, 11, 12: self = .expired
        case 13: self = .delisted
        case 14, 15, 16, 17: self = .codeMoved
        case 18, 19: self = .fuse
        case 20, 21: self = .splitStockHalts
        default:
            guard isSuspended else { return nil }
            self = .suspended
        }
    }
}

extension TradeDirection {
    /// `TickerDirection`: a buyer took the other side's price, or a seller did.
    init(ticker: Int32) {
        switch ticker {
        case 1: self = .up
        case 2: self = .down
        default: self = .neutral
        }
    }
}

extension CandleInterval {
    /// The subscription that brings them; `nil` for lengths the gateway has none of.
    var subscription: SubscriptionType? {
        switch self {
        case .oneMinute: .minute
        case .threeMinutes: .threeMinutes
        case .fiveMinutes: .fiveMinutes
        case .tenMinutes: .tenMinutes
        case .fifteenMinutes: .fifteenMinutes
        case .thirtyMinutes: .thirtyMinutes
        case .oneHour: .hour
        case .twoHours: .twoHours
        case .threeHours: .threeHours
        case .fourHours: .fourHours
        case .oneDay: .day
        case .oneWeek: .week
        case .oneMonth: .month
        case .oneQuarter: .quarter
        case .oneYear: .year
        case .twoMinutes, .twentyMinutes, .fortyFiveMinutes: nil
        }
    }

    /// `KLType`.
    var candleType: Int32? { subscription?.candleType }
}

extension MarketTopicKind {
    /// What it is subscribed as.
    var subscription: SubscriptionType {
        switch self {
        case .quote: .basic
        case .depth: .orderBook
        case .trade: .ticker
        case .brokerQueue: .broker
        }
    }
}

extension BrokerFailure {
    /// The gateway left a security out of its answer.
    static let leftOut = BrokerFailure(.unknownSymbol, "The broker does not know the security.")

    /// The gateway has no candles of that length.
    static func noInterval(_ interval: CandleInterval) -> BrokerFailure {
        BrokerFailure(.notSupported, "The broker has no candles of \(interval.rawValue).", field: "interval")
    }

    /// The same failure of a request in which only the security can be wrong.
    var aboutSymbol: BrokerFailure {
        guard kind == .invalidRequest else { return self }
        return BrokerFailure(.unknownSymbol, BrokerFailure.leftOut.message, upstream: upstream)
    }
}
