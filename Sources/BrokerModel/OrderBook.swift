public import Bytes
public import Clocks

/// One row of an order book.
public struct BookLevel: Equatable, Sendable {
    /// 1 is the best.
    public var position: Int
    /// `nil` where the row has no price.
    public var price: DecimalText?
    /// Shares at that price.
    public var quantity: DecimalText?
    /// Orders at that price; `nil` where the market does not tell.
    public var orders: Int64?

    /// One row.
    public init(position: Int, price: DecimalText?, quantity: DecimalText?, orders: Int64?) {
        self.position = position
        self.price = price
        self.quantity = quantity
        self.orders = orders
    }
}

/// The order book of a security, best rows first.
public struct OrderBook: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Buy side.
    public var bids: [BookLevel]
    /// Sell side.
    public var asks: [BookLevel]
    /// The broker's sequence number, where it gives one.
    public var sequence: Int64?

    /// One book.
    public init(symbol: Symbol, bids: [BookLevel], asks: [BookLevel], sequence: Int64?) {
        self.symbol = symbol
        self.bids = bids
        self.asks = asks
        self.sequence = sequence
    }
}

/// Which way a trade moved the price.
public enum TradeDirection: String, Sendable, CaseIterable {
    case neutral, down, up
}

/// One trade of the market.
public struct Trade: Equatable, Sendable {
    /// The broker's number of the trade, where it gives one.
    public var sequence: Int64?
    /// When it was made.
    public var time: WallTime
    /// Its price.
    public var price: DecimalText?
    /// Shares.
    public var quantity: DecimalText?
    /// Money, where the broker gives it.
    public var turnover: DecimalText?
    /// Which way it moved the price.
    public var direction: TradeDirection
    /// The exchange's trade type, `nil` for a regular automatic match.
    public var type: String?
    /// The session it was made in.
    public var session: TradingSession?

    /// A trade at `time` with nothing else known.
    public init(time: WallTime, direction: TradeDirection = .neutral) {
        self.time = time
        self.direction = direction
    }
}
