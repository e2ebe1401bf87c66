public import Bytes

/// What is fixed about a security, or changes rarely. What is not known is `nil`.
public struct Instrument: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Name in English.
    public var nameEnglish: String?
    /// Name in simplified Chinese.
    public var nameSimplifiedChinese: String?
    /// Name in traditional Chinese.
    public var nameTraditionalChinese: String?
    /// The exchange's code, `SEHK`, `NASD`.
    public var exchange: String?
    /// ISO 4217.
    public var currency: String?
    /// Shares in a board lot.
    public var lotSize: Int64?
    /// `stock`, `etf`, `index`, `option`, `warrant` … where the broker tells.
    public var type: String?
    /// The broker's board, `HKEquity`, `USMain`.
    public var board: String?
    /// Shares issued.
    public var totalShares: DecimalText?
    /// Shares in circulation.
    public var circulatingShares: DecimalText?
    /// Hong Kong shares of a company that has others.
    public var hongKongShares: DecimalText?
    /// Earnings per share.
    public var earningsPerShare: DecimalText?
    /// Earnings per share of the last twelve months.
    public var earningsPerShareTTM: DecimalText?
    /// Book value per share.
    public var bookValuePerShare: DecimalText?
    /// Dividends of a year, in percent of the price, or as the broker states it.
    public var dividendYield: DecimalText?
    /// A step every price of it may have, where the broker or the exchange's rules give one for all prices.
    public var tickSize: DecimalText?
    /// The steps by price, ascending, where the exchange's rules have bands and say which hold for it.
    public var priceSteps: [PriceBand]?
    /// `option`, `warrant`: what derivatives exist.
    public var derivatives: [String]

    /// Everything unknown.
    public init(symbol: Symbol) {
        self.symbol = symbol
        derivatives = []
    }
}
