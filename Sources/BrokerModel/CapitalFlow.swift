public import Bytes
public import Clocks

/// The net money that flowed into a security from the open up to the end of a minute.
public struct CapitalFlowPoint: Equatable, Sendable {
    /// Start of the minute.
    public var time: WallTime
    /// Negative when more flowed out.
    public var netInflow: DecimalText?

    /// One minute.
    public init(time: WallTime, netInflow: DecimalText?) {
        self.time = time
        self.netInflow = netInflow
    }
}

/// Money by the size of the orders that moved it, in the security's currency.
public struct CapitalBySize: Equatable, Sendable {
    /// In large orders.
    public var large: DecimalText?
    /// In medium orders.
    public var medium: DecimalText?
    /// In small orders.
    public var small: DecimalText?

    /// Money of three sizes.
    public init(large: DecimalText?, medium: DecimalText?, small: DecimalText?) {
        self.large = large
        self.medium = medium
        self.small = small
    }
}

/// Where a day's money went.
public struct CapitalDistribution: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// When the figures were made; `nil` if the broker does not say.
    public var time: WallTime?
    /// What flowed in.
    public var inflow: CapitalBySize
    /// What flowed out.
    public var outflow: CapitalBySize

    /// One distribution.
    public init(symbol: Symbol, time: WallTime?, inflow: CapitalBySize, outflow: CapitalBySize) {
        self.symbol = symbol
        self.time = time
        self.inflow = inflow
        self.outflow = outflow
    }
}
