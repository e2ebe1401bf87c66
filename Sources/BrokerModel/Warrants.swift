public import Bytes
public import Clocks

/// What kind of warrant it is (Hong Kong).
public enum WarrantKind: String, Sendable, CaseIterable {
    case call, put, bull, bear, inline
}

/// Whether a warrant trades.
public enum WarrantStatus: String, Sendable, CaseIterable {
    case suspended
    case toBeListed = "to_be_listed"
    case normal
}

/// How long a warrant runs yet.
public enum WarrantExpiry: String, Sendable, CaseIterable {
    case underThreeMonths = "under_3m"
    case threeToSixMonths = "3m_6m"
    case sixToTwelveMonths = "6m_12m"
    case overTwelveMonths = "over_12m"
}

/// Where the underlying is to the bounds of an inline warrant.
public enum WarrantBounds: String, Sendable, CaseIterable {
    case inside, outside
}

/// The column a list of warrants is in order of.
public enum WarrantColumn: String, Sendable, CaseIterable {
    case last
    case changePercent = "change_percent"
    case change, volume, turnover, expiry, strike
    case upperStrike = "upper_strike"
    case lowerStrike = "lower_strike"
    case outstandingQuantity = "outstanding_quantity"
    case outstandingRatio = "outstanding_ratio"
    case premium, moneyness
    case impliedVolatility = "implied_volatility"
    case delta
    case callPrice = "call_price"
    case toCallPrice = "to_call_price"
    case effectiveLeverage = "effective_leverage"
    case leverage
    case conversionRatio = "conversion_ratio"
    case breakEven = "break_even"
    case status
}

/// Which warrants of an underlying are wanted. Empty lists mean all.
public struct WarrantFilter: Equatable, Sendable {
    /// Kinds.
    public var kinds: [WarrantKind] = []
    /// Issuers, by the broker's number.
    public var issuers: [Int32] = []
    /// How long they run.
    public var expiries: [WarrantExpiry] = []
    /// Inline warrants only: where the underlying is.
    public var bounds: [WarrantBounds] = []
    /// Whether they trade.
    public var statuses: [WarrantStatus] = []
    /// The order.
    public var column = WarrantColumn.turnover
    /// Whether the largest come first.
    public var isDescending = true
    /// Rows to skip.
    public var offset = 0
    /// Rows of a page, at least 1.
    public var count = 100

    /// All, the most traded first.
    public init() {}
}

/// A row of a list of warrants. Rates and ratios are fractions.
public struct WarrantRow: Equatable, Sendable {
    /// The warrant.
    public var symbol: Symbol
    /// Name in the session's language.
    public var name: String?
    /// What kind it is; `nil` for a number that is none of the broker's table.
    public var kind: WarrantKind?
    /// Whether it trades.
    public var status: WarrantStatus?
    /// The day it expires.
    public var expiry: CivilDate?
    /// Figures by column; those that do not apply to the kind, or are unknown, are absent.
    public var figures: [WarrantColumn: DecimalText]

    /// A warrant with nothing known.
    public init(symbol: Symbol) {
        self.symbol = symbol
        figures = [:]
    }
}

/// A page of a list of warrants.
public struct WarrantPage: Equatable, Sendable {
    /// The rows in the order asked for.
    public var rows: [WarrantRow]
    /// All rows that match.
    public var total: Int

    /// One page.
    public init(rows: [WarrantRow], total: Int) {
        self.rows = rows
        self.total = total
    }
}

/// The present figures of a warrant.
public struct WarrantQuote: Equatable, Sendable {
    /// Prices, volume and status.
    public var figures: Quote
    /// The security behind it.
    public var underlying: Symbol?
    /// What kind it is.
    public var kind: WarrantKind?
    /// The day it expires.
    public var expiry: CivilDate?
    /// The last day it trades.
    public var lastTradingDay: CivilDate?
    /// The strike; `nil` for inline warrants.
    public var strike: DecimalText?
    /// Inline warrants: the upper bound.
    public var upperStrike: DecimalText?
    /// Inline warrants: the lower bound.
    public var lowerStrike: DecimalText?
    /// Bull and bear contracts: where they are called.
    public var callPrice: DecimalText?
    /// Warrants for one share.
    public var conversionRatio: DecimalText?
    /// A fraction a year.
    public var impliedVolatility: DecimalText?
    /// The share of the issue that is in the market, a fraction.
    public var outstandingRatio: DecimalText?
    /// The quantity in the market.
    public var outstandingQuantity: DecimalText?

    /// Nothing known but prices.
    public init(figures: Quote) {
        self.figures = figures
    }
}

/// An issuer of warrants.
public struct WarrantIssuer: Equatable, Sendable {
    /// The broker's number, for the filter.
    public var id: Int32
    /// Name in English.
    public var nameEnglish: String?
    /// Name in simplified Chinese.
    public var nameSimplifiedChinese: String?
    /// Name in traditional Chinese.
    public var nameTraditionalChinese: String?

    /// An issuer without a name.
    public init(id: Int32) {
        self.id = id
    }
}
