public import Bytes
public import Clocks

/// A security that is about to be listed, or was lately. What a market or a broker does not tell is `nil`.
public struct NewIssue: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Name in the session's language.
    public var name: String?
    /// The first day of trade.
    public var listedOn: CivilDate?
    /// The lowest price of the range.
    public var priceMinimum: DecimalText?
    /// The highest price of the range.
    public var priceMaximum: DecimalText?
    /// The price, once it is fixed, or as estimated.
    public var price: DecimalText?
    /// Whether ``price`` is an estimate.
    public var isPriceEstimated: Bool?
    /// Shares in a board lot.
    public var lotSize: Int64?
    /// What the smallest application costs.
    public var entryAmount: DecimalText?
    /// Shares offered.
    public var issueSize: DecimalText?
    /// Shares offered to everyone (China).
    public var publicSize: DecimalText?
    /// The most shares one may apply for (China).
    public var applicationLimit: DecimalText?
    /// The code applications use (China).
    public var applicationCode: String?
    /// Whether applications are taken now.
    public var isOpen: Bool?
    /// When applications begin to be taken.
    public var opensAt: WallTime?
    /// When they end.
    public var closesAt: WallTime?
    /// When it is told who got what.
    public var allottedAt: WallTime?
    /// The part of applications that is served, in percent (China).
    public var allotmentPercent: DecimalText?
    /// Price to earnings at the issue (China).
    public var priceEarnings: DecimalText?
    /// Price to earnings of the industry (China).
    public var industryPriceEarnings: DecimalText?

    /// Nothing known but what it is.
    public init(symbol: Symbol) {
        self.symbol = symbol
    }
}
