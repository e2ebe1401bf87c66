public import Clocks

/// What hangs on a market's number.
///
/// - Source: Futu OpenAPI, "Market"; the zones are `futu-opend`, section 10.
public enum MarketCodes {
    /// The clock of a market of quotes (`QotMarket`); `nil` for one whose clock is not documented.
    public static func zone(ofQuoteMarket market: Int32) -> TimeZoneRule? {
        switch market {
        case 1, 2: .hongKong
        case 11: .newYork
        case 21, 22: .shanghai
        case 31: .singapore
        default: nil
        }
    }

    /// The clock of a market of orders (`TrdSecMarket`); `nil` for one whose clock is not documented.
    public static func zone(ofOrderMarket market: Int32) -> TimeZoneRule? {
        switch market {
        case 1: .hongKong
        case 2: .newYork
        case 31, 32: .shanghai
        case 41: .singapore
        default: nil
        }
    }
}

/// The numbers of the gateway's subscriptions (`SubType`).
public enum SubscriptionType: Int32, Sendable, Hashable, CaseIterable {
    case basic = 1
    case orderBook = 2
    case ticker = 4
    case timeShare = 5
    case day = 6
    case fiveMinutes = 7
    case fifteenMinutes = 8
    case thirtyMinutes = 9
    case hour = 10
    case minute = 11
    case week = 12
    case month = 13
    case broker = 14
    case quarter = 15
    case year = 16
    case threeMinutes = 17
    case tenMinutes = 18
    case twoHours = 19
    case threeHours = 20
    case fourHours = 21

    /// The number of the candles it brings (`KLType`); `nil` if it brings none.
    public var candleType: Int32? {
        switch self {
        case .basic, .orderBook, .ticker, .timeShare, .broker: nil
        case .minute: 1
        case .day: 2
        case .week: 3
        case .month: 4
        case .year: 5
        case .fiveMinutes: 6
        case .fifteenMinutes: 7
        case .thirtyMinutes: 8
        case .hour: 9
        case .threeMinutes: 10
        case .quarter: 11
        case .tenMinutes: 12
        case .twoHours: 13
        case .threeHours: 14
        case .fourHours: 15
        }
    }

    /// The subscription that brings candles of that number.
    public init?(candleType: Int32) {
        guard let type = SubscriptionType.allCases.first(where: { $0.candleType == candleType }) else { return nil }
        self = type
    }
}
