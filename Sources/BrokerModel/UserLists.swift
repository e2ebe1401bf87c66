public import Bytes
public import Clocks

/// A security of a broker's list, by name.
public struct SecurityListing: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Name in English.
    public var nameEnglish: String?
    /// Name in simplified Chinese.
    public var nameSimplifiedChinese: String?
    /// Name in traditional Chinese.
    public var nameTraditionalChinese: String?

    /// A security without a name.
    public init(symbol: Symbol) {
        self.symbol = symbol
    }
}

/// The lists of securities brokers give.
public enum SecurityCategory: String, Sendable, CaseIterable {
    /// Those that trade overnight (United States).
    case overnight
    case stock
    /// Funds that trade like shares.
    case etf
    case index, warrant, bond, future
}

/// How heated a market is; each figure from 0 to 100.
public struct MarketTemperature: Equatable, Sendable {
    /// When the figures were made, or the day they are of.
    public var time: WallTime?
    /// All in all.
    public var temperature: Int
    /// By what securities cost.
    public var valuation: Int?
    /// By the mood.
    public var sentiment: Int?
    /// The broker's words, in the session's language.
    public var description: String?

    /// Figures without words.
    public init(time: WallTime?, temperature: Int, valuation: Int?, sentiment: Int?) {
        self.time = time
        self.temperature = temperature
        self.valuation = valuation
        self.sentiment = sentiment
    }
}

/// A security on a watchlist.
public struct WatchedSecurity: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Its name, in the session's language.
    public var name: String?
    /// Its price when it was put on the list.
    public var price: DecimalText?
    /// When it was put on the list.
    public var since: WallTime?
    /// Whether it is held at the top.
    public var isPinned: Bool

    /// A security with nothing known about it.
    public init(symbol: Symbol, isPinned: Bool = false) {
        self.symbol = symbol
        self.isPinned = isPinned
    }
}

/// A list of securities that the user keeps at the broker.
public struct Watchlist: Equatable, Sendable {
    /// The broker's id.
    public var id: String
    /// Its name.
    public var name: String
    /// In the user's order.
    public var securities: [WatchedSecurity]

    /// One list.
    public init(id: String, name: String, securities: [WatchedSecurity]) {
        self.id = id
        self.name = name
        self.securities = securities
    }
}

/// A change to a watchlist. What is `nil` or empty stays.
public struct WatchlistChange: Equatable, Sendable {
    /// A new name.
    public var name: String?
    /// The securities, in their order, instead of those there are.
    public var securities: [Symbol]?
    /// Put behind the others.
    public var added: [Symbol] = []
    /// Taken off.
    public var removed: [Symbol] = []
    /// Held at the top, in all lists.
    public var pinned: [Symbol] = []
    /// No longer held at the top.
    public var unpinned: [Symbol] = []

    /// Nothing.
    public init() {}
}

/// What a price alert waits for.
public enum AlertCondition: String, Sendable, CaseIterable {
    /// The price rises to the value.
    case priceAbove = "price_above"
    /// The price falls to the value.
    case priceBelow = "price_below"
    /// It rises by as many percent in the day.
    case risePercent = "rise_percent"
    /// It falls by as many percent in the day.
    case fallPercent = "fall_percent"
}

/// How often a price alert speaks.
public enum AlertFrequency: String, Sendable, CaseIterable {
    case daily
    case everyTime = "every_time"
    case once
}

/// A price alert the broker keeps, and tells the user of by its own ways.
public struct PriceAlert: Equatable, Sendable {
    /// The broker's id.
    public var id: String
    /// The security.
    public var symbol: Symbol
    /// What it waits for; `nil` for a condition that is none of ours.
    public var condition: AlertCondition?
    /// A price, or percent.
    public var value: DecimalText?
    /// How often it speaks.
    public var frequency: AlertFrequency?
    /// Whether it waits.
    public var isEnabled: Bool
    /// The broker's words.
    public var text: String?

    /// One alert.
    public init(
        id: String, symbol: Symbol, condition: AlertCondition?, value: DecimalText?, frequency: AlertFrequency?,
        isEnabled: Bool
    ) {
        self.id = id
        self.symbol = symbol
        self.condition = condition
        self.value = value
        self.frequency = frequency
        self.isEnabled = isEnabled
    }
}
