public import Bytes
public import Clocks

/// What a security is doing.
public enum TradeStatus: String, Sendable, CaseIterable {
    case normal, halted, delisted, fuse, prepareList = "prepare_list", codeMoved = "code_moved", toBeOpened =
        "to_be_opened"
    case splitStockHalts = "split_halted", expired, warrantPrepareList = "warrant_prepare_list", suspended
}

/// A part of the trading day.
public enum TradingSession: String, Sendable, CaseIterable {
    case regular
    case preMarket = "pre_market"
    case postMarket = "post_market"
    case overnight
}

/// One extended session's figures of a security.
public struct SessionQuote: Equatable, Sendable {
    /// Last price.
    public var last: DecimalText?
    /// Highest price of the session.
    public var high: DecimalText?
    /// Lowest price of the session.
    public var low: DecimalText?
    /// Close of the session before.
    public var previousClose: DecimalText?
    /// Shares traded in the session.
    public var volume: DecimalText?
    /// Money traded in the session, in the security's currency.
    public var turnover: DecimalText?
    /// When the last price was made.
    public var timestamp: WallTime?

    /// Everything unknown.
    public init() {}
}

/// The present figures of a security. What is not known is `nil`, never zero.
public struct Quote: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Last price.
    public var last: DecimalText?
    /// First price of the day.
    public var open: DecimalText?
    /// Highest price of the day.
    public var high: DecimalText?
    /// Lowest price of the day.
    public var low: DecimalText?
    /// Close of the previous trading day.
    public var previousClose: DecimalText?
    /// Shares traded today.
    public var volume: DecimalText?
    /// Money traded today, in the security's currency.
    public var turnover: DecimalText?
    /// When the last price was made.
    public var timestamp: WallTime?
    /// What the security is doing; `nil` if the broker does not say.
    public var tradeStatus: TradeStatus?
    /// The session the last price is of; `nil` if the broker does not say.
    public var session: TradingSession?
    /// Before the open (US).
    public var preMarket: SessionQuote?
    /// After the close (US).
    public var postMarket: SessionQuote?
    /// At night (US).
    public var overnight: SessionQuote?
    /// Best bid, where the broker's quote carries it.
    public var bid: DecimalText?
    /// Best ask, where the broker's quote carries it.
    public var ask: DecimalText?

    /// Everything unknown.
    public init(symbol: Symbol) {
        self.symbol = symbol
    }

    /// Last price less the previous close, exact; `nil` if either is unknown.
    public var change: DecimalText? {
        guard let last, let previousClose else { return nil }
        return last.subtracting(previousClose)
    }

    /// The change in percent of the previous close, two places, half to even; `nil` if unknown or the close is zero.
    public var changePercent: DecimalText? {
        guard let change, let previousClose, let hundredfold = change.multiplied(by: DecimalText(100)) else {
            return nil
        }
        return hundredfold.divided(by: previousClose, scale: 2)
    }
}
