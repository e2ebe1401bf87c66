public import Bytes
public import Clocks

/// An order as a caller wants it. Shape only; whether the market takes it is judged elsewhere.
public struct OrderRequest: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Which way.
    public var side: OrderSide
    /// How it is priced.
    public var type: OrderType
    /// Shares, above zero.
    public var quantity: DecimalText
    /// The figures the type needs.
    public var prices: [OrderPrice: DecimalText]
    /// How long it lives.
    public var timeInForce: TimeInForce
    /// The last day, exchange-local; with `gtd` only.
    public var expireDate: CivilDate?
    /// US securities: when it may be done.
    public var outsideRegularHours: OutsideRegularHours?
    /// What sets it off, or lets it go.
    public var conditions = OrderConditions()
    /// Orders that close the position again.
    public var attached: AttachedOrders?
    /// The caller's own name for it.
    public var clientOrderID: String?
    /// The caller's words, kept with the broker.
    public var note: String?

    /// A day order.
    public init(symbol: Symbol, side: OrderSide, type: OrderType, quantity: DecimalText) {
        self.symbol = symbol
        self.side = side
        self.type = type
        self.quantity = quantity
        prices = [:]
        timeInForce = .day
    }
}

/// What an amendment changes. Absent: stays as it is.
public struct OrderChange: Equatable, Sendable {
    /// The new total quantity, the filled part included.
    public var quantity: DecimalText?
    /// New figures.
    public var prices: [OrderPrice: DecimalText]
    /// A row of the book; 0 for none any more.
    public var depthLevel: Int?
    /// Touches within a minute; 0 for one.
    public var triggerCount: Int?
    /// Until when it is parked.
    public var delay: DelayChange?
    /// What becomes of its attached orders.
    public var attached: AttachedChange?

    /// No change.
    public init(quantity: DecimalText? = nil, prices: [OrderPrice: DecimalText] = [:]) {
        self.quantity = quantity
        self.prices = prices
    }
}

extension OrderChange {
    /// Whether pushes may not tell that it is done: conditions and attached orders are in lists only.
    public var showsInListsOnly: Bool {
        depthLevel != nil || triggerCount != nil || delay != nil || attached != nil
    }
}

extension OrderRequest {
    /// The order as it would be after an amendment.
    public func amended(by change: OrderChange) -> OrderRequest {
        var amended = self
        amended.quantity = change.quantity ?? quantity
        amended.prices.merge(change.prices) { $1 }
        if let level = change.depthLevel { amended.conditions.depthLevel = level == 0 ? nil : level }
        if let count = change.triggerCount { amended.conditions.triggerCount = count == 0 ? nil : count }
        switch change.delay {
        case .until(let time): amended.conditions.delayedUntil = time
        case .lifted: amended.conditions.delayedUntil = nil
        case nil: break
        }
        switch change.attached {
        case .replace(let orders): amended.attached = orders
        case .withdraw: amended.attached = nil
        case nil: break
        }
        return amended
    }
}
