public import Clocks

/// A subscription to market data the account holds at its broker.
public struct QuotePackage: Equatable, Sendable {
    /// The broker's key of it.
    public var key: String
    /// Name in the session's language.
    public var name: String?
    /// What it gives, in the session's language.
    public var description: String?
    /// The market it is for, in the broker's word; `nil` if it names none.
    public var market: String?
    /// From when it holds.
    public var start: WallTime?
    /// Until when it holds.
    public var end: WallTime?

    /// A package with nothing known but its key.
    public init(key: String) {
        self.key = key
    }
}

/// What market data the account may see.
public struct QuotePermissions: Equatable, Sendable {
    /// The broker's word for the level.
    public var level: String?
    /// By key.
    public var packages: [QuotePackage]
    /// Securities whose history may be asked for in a month.
    public var historyLimit: Int?
    /// Securities that may be subscribed.
    public var subscriptionLimit: Int?

    /// One set of rights.
    public init(level: String?, packages: [QuotePackage], historyLimit: Int?, subscriptionLimit: Int?) {
        self.level = level
        self.packages = packages
        self.historyLimit = historyLimit
        self.subscriptionLimit = subscriptionLimit
    }
}
