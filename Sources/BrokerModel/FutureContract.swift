public import Bytes
public import Clocks

/// The terms of a future. What is not known is `nil`.
public struct FutureContract: Equatable, Sendable {
    /// A stretch of trade, by the clock of ``FutureContract/timeZone``.
    public struct Session: Equatable, Sendable {
        /// Minutes since midnight.
        public var begin: Int
        /// Minutes since the same midnight; beyond 1440 it is the next day.
        public var end: Int

        /// A stretch.
        public init(begin: Int, end: Int) {
            self.begin = begin
            self.end = end
        }
    }

    /// The future.
    public var symbol: Symbol
    /// Name in the session's language.
    public var name: String?
    /// The contract that a continuous one stands for now.
    public var contract: Symbol?
    /// What it is a future on, where that is a security.
    public var underlying: Symbol?
    /// What it is a future on, in words.
    public var underlyingName: String?
    /// The broker's name of the exchange.
    public var exchange: String?
    /// The broker's word for the kind.
    public var type: String?
    /// Units of the underlying in a contract.
    public var contractSize: DecimalText?
    /// What ``contractSize`` counts.
    public var contractSizeUnit: String?
    /// What prices are in, as the broker names it.
    public var currency: String?
    /// The step of prices.
    public var tickSize: DecimalText?
    /// What ``tickSize`` counts.
    public var tickSizeUnit: String?
    /// What a price is for.
    public var quoteUnit: String?
    /// The end of trade of the contract; none for a continuous one.
    public var lastTradeAt: WallTime?
    /// The broker's name of the exchange's clock.
    public var timeZone: String?
    /// When it trades on a full day.
    public var sessions: [Session] = []

    /// Nothing known but what it is.
    public init(symbol: Symbol) {
        self.symbol = symbol
    }
}
