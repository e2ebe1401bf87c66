public import Bytes
public import Clocks

/// Cash in one currency.
public struct CashBalance: Equatable, Sendable {
    /// ISO 4217.
    public var currency: String
    /// All of it, where the broker gives it.
    public var cash: DecimalText?
    /// Free to trade with.
    public var available: DecimalText?
    /// Held for open orders.
    public var frozen: DecimalText?
    /// On its way from trades not yet settled.
    public var settling: DecimalText?
    /// Free to take out.
    public var withdrawable: DecimalText?

    /// A currency with nothing else known.
    public init(currency: String) {
        self.currency = currency
    }
}

/// What an account is worth.
public struct AccountBalance: Equatable, Sendable {
    /// The currency of the totals, ISO 4217.
    public var currency: String
    /// All cash, converted.
    public var totalCash: DecimalText?
    /// Cash and positions less debts.
    public var netAssets: DecimalText?
    /// What may be bought.
    public var buyingPower: DecimalText?
    /// Margin needed to open.
    public var initialMargin: DecimalText?
    /// Margin needed to keep.
    public var maintenanceMargin: DecimalText?
    /// What must be paid in.
    public var marginCall: DecimalText?
    /// `safe`, `medium`, `warning`, `danger`.
    public var riskLevel: String?
    /// By currency.
    public var cash: [CashBalance]

    /// Totals in a currency, with nothing else known.
    public init(currency: String) {
        self.currency = currency
        cash = []
    }
}

/// A holding of a security.
public struct Position: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Its name, as the broker writes it.
    public var name: String?
    /// ISO 4217.
    public var currency: String?
    /// Shares; below zero when sold short.
    public var quantity: DecimalText
    /// Shares that may be sold.
    public var available: DecimalText?
    /// What a share cost on average.
    public var costPrice: DecimalText?
    /// Last price times quantity, where known.
    public var marketValue: DecimalText?
    /// Gain or loss not yet made real, where known.
    public var unrealizedPnL: DecimalText?

    /// A holding with nothing else known.
    public init(symbol: Symbol, quantity: DecimalText) {
        self.symbol = symbol
        self.quantity = quantity
    }
}

/// A holding of a fund.
public struct FundPosition: Equatable, Sendable {
    /// The broker's code, often an ISIN.
    public var symbol: String
    /// Its name.
    public var name: String?
    /// ISO 4217.
    public var currency: String?
    /// Units held.
    public var units: DecimalText?
    /// The newest value of a unit.
    public var netAssetValue: DecimalText?
    /// What a unit cost.
    public var costValue: DecimalText?
    /// When the value was found.
    public var valuedAt: WallTime?

    /// A holding with nothing else known.
    public init(symbol: String) {
        self.symbol = symbol
    }
}

/// One movement of money or securities.
public struct CashFlowEntry: Equatable, Sendable {
    /// What it was, in the broker's words.
    public var name: String
    /// `in` or `out`.
    public var direction: String?
    /// `cash`, `stock`, `fund`.
    public var kind: String?
    /// Signed.
    public var amount: DecimalText?
    /// ISO 4217.
    public var currency: String?
    /// The security it is about, as the broker writes it.
    public var symbol: String?
    /// More words.
    public var detail: String?
    /// When.
    public var time: WallTime?

    /// An entry with nothing else known.
    public init(name: String) {
        self.name = name
    }
}

/// How much of a position's value must be covered, as fractions of it.
public struct MarginRatio: Equatable, Sendable {
    /// To open.
    public var initial: DecimalText?
    /// To keep.
    public var maintenance: DecimalText?
    /// Below it the broker sells.
    public var forcedLiquidation: DecimalText?

    /// Everything unknown.
    public init() {}
}

/// The most of a security that can be bought or sold now.
public struct MaximumQuantity: Equatable, Sendable {
    /// With cash alone.
    public var cash: DecimalText?
    /// With the broker's money too.
    public var margin: DecimalText?

    /// Everything unknown.
    public init() {}
}
