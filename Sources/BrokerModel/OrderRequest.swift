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

    /// No change.
    public init(quantity: DecimalText? = nil, prices: [OrderPrice: DecimalText] = [:]) {
        self.quantity = quantity
        self.prices = prices
    }
}
