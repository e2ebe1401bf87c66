public import Clocks

/// What sets an order off, or lets it go, beside its figures. Each goes with some types only.
public struct OrderConditions: Equatable, Sendable {
    /// The row of the book whose price a trailing limit order takes when it is set off: 1 to 5 an ask, -1 to -5 a bid.
    /// It stands in the place of a limit offset.
    public var depthLevel: Int?
    /// How often within a minute the price must touch before the order is set off, 1 to 3.
    public var triggerCount: Int?
    /// The broker parks the order until then.
    public var delayedUntil: WallTime?

    /// None.
    public init() {}

    /// Whether they mean the same: one touch is what holds where none is counted.
    func means(_ other: OrderConditions) -> Bool {
        (depthLevel, triggerCount ?? 1, delayedUntil) == (other.depthLevel, other.triggerCount ?? 1, other.delayedUntil)
    }
}

/// What an amendment does to the time an order is parked until.
public enum DelayChange: Equatable, Sendable {
    /// Until another time.
    case until(WallTime)
    /// Not any longer.
    case lifted
}

extension OrderType {
    /// Figures the order may state and need not.
    public var mayHave: Set<OrderPrice> {
        isTrailingLimit ? [.monitor] : []
    }

    /// Whether it follows the price and becomes a limit order.
    public var isTrailingLimit: Bool { self == .trailingStopLimitAmount || self == .trailingStopLimitPercent }

    /// Whether touches of a price are counted for it.
    public var countsTouches: Bool { self == .limitIfTouched || self == .marketIfTouched || isTrailingLimit }

    /// Whether it can be parked until a time.
    public var canBeDelayed: Bool { self == .limit || self == .market }
}
