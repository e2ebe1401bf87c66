public import BrokerModel
public import Bytes

/// What an account or a key may do at the most. What is absent is not bounded.
public struct RiskRules: Sendable, Equatable {
    /// Of one order, in its currency: quantity times the price it may cost.
    public var maxOrderValue: DecimalText?
    /// Of one order.
    public var maxOrderQuantity: DecimalText?
    /// How far a price may be from the last one, in percent of that.
    public var priceCollarPercent: DecimalText?
    /// Submits in any 60 seconds.
    public var ordersPerMinute: Int?
    /// Submits in one day of the market.
    public var ordersPerDay: Int?
    /// Orders that are not over.
    public var maxOpenOrders: Int?
    /// The values of a day's orders together, for each market and its day.
    public var maxNotionalPerDay: DecimalText?
    /// The only securities.
    public var symbols: Set<Symbol>?
    /// The only markets.
    public var markets: Set<Market>?
    /// The only sides.
    public var sides: Set<OrderSide>?
    /// The only types of orders.
    public var orderTypes: Set<OrderType>?
    /// The only time of day, on the clock of the market.
    public var tradingHours: TradingHours?

    /// Nothing is bounded.
    public init() {}

    /// Whether nothing is bounded.
    public var isEmpty: Bool { self == RiskRules() }
}

/// A part of the day, on the clock of a market: `09:30-16:00`. It may go over midnight.
public struct TradingHours: Sendable, Equatable {
    /// Seconds of the day.
    public let from: Int
    /// Seconds of the day; not included.
    public let to: Int

    /// `nil` for anything but two times `HH:MM` that differ, with a `-` between them.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let from = TradingHours.second(parts[0]), let to = TradingHours.second(parts[1]),
            from != to
        else { return nil }
        self.from = from
        self.to = to
    }

    /// As it is written.
    public var text: String { "\(TradingHours.text(from))-\(TradingHours.text(to))" }

    func contains(_ second: Int) -> Bool {
        from < to ? (from..<to).contains(second) : second >= from || second < to
    }

    private static func second(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 3600 + minute * 60
    }

    static func text(_ second: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(second / 3600)):\(two(second / 60 % 60))"
    }
}
