public import Bytes

/// One condition of a screen.
public enum ScreenFilter: Equatable, Sendable {
    /// A figure within bounds.
    public struct Figure: Equatable, Sendable {
        /// Which.
        public var field: ScreenField
        /// For figures over days.
        public var days: Int32?
        /// For figures of a report.
        public var report: ScreenReport?
        /// At least.
        public var minimum: DecimalText?
        /// At most.
        public var maximum: DecimalText?
        /// Whether the list is sorted by it.
        public var order: ScreenOrder?

        /// A figure without bounds: it is only told.
        public init(_ field: ScreenField) {
            self.field = field
        }
    }

    /// One line of the chart compared to another.
    public struct Comparison: Equatable, Sendable {
        /// The one.
        public var indicator: ScreenIndicator
        /// Its parameters.
        public var parameters: [Int32] = []
        /// How it stands.
        public var relation: ScreenRelation
        /// The other.
        public var other: ScreenIndicator
        /// Its parameters.
        public var otherParameters: [Int32] = []
        /// The number, where the other is `value`.
        public var value: DecimalText?
        /// Of which candles.
        public var interval: CandleInterval
        /// For how many candles in a row; `nil` for the last.
        public var periods: Int32?

        /// A comparison of the last candle.
        public init(
            _ indicator: ScreenIndicator, _ relation: ScreenRelation, _ other: ScreenIndicator,
            _ interval: CandleInterval
        ) {
            self.indicator = indicator
            self.relation = relation
            self.other = other
            self.interval = interval
        }
    }

    /// A figure within bounds.
    case figure(Figure)
    /// A shape of the chart; the number is for how many candles in a row.
    case pattern(ScreenPattern, CandleInterval, periods: Int32?)
    /// Lines of the chart.
    case comparison(Comparison)
}

/// What securities are looked for: those that pass all of the filters.
public struct Screen: Equatable, Sendable {
    /// In which market.
    public var market: Market
    /// Only of this sector.
    public var sector: Symbol?
    /// All of them hold.
    public var filters: [ScreenFilter] = []
    /// Rows to skip.
    public var offset: Int32 = 0
    /// Rows of a page, 1 to 200.
    public var count: Int32 = 50

    /// All of a market.
    public init(_ market: Market) {
        self.market = market
    }
}

/// A security that passed, with the figures it was chosen by.
public struct ScreenRow: Equatable, Sendable {
    /// A figure.
    public struct Value: Equatable, Sendable {
        /// Which.
        public var field: ScreenField
        /// For figures over days.
        public var days: Int32?
        /// For figures of a report.
        public var report: ScreenReport?
        /// The figure.
        public var value: DecimalText

        /// A figure.
        public init(_ field: ScreenField, days: Int32? = nil, report: ScreenReport? = nil, value: DecimalText) {
            self.field = field
            self.days = days
            self.report = report
            self.value = value
        }
    }

    /// The security.
    public var symbol: Symbol
    /// Name in the session's language.
    public var name: String?
    /// What it was chosen by.
    public var values: [Value] = []

    /// A security without figures.
    public init(symbol: Symbol, name: String?) {
        self.symbol = symbol
        self.name = name
    }
}

/// A page of what passed.
public struct ScreenPage: Equatable, Sendable {
    /// The page.
    public var rows: [ScreenRow]
    /// How many passed in all.
    public var total: Int
    /// Whether nothing follows.
    public var isLast: Bool

    /// A page.
    public init(rows: [ScreenRow], total: Int, isLast: Bool) {
        self.rows = rows
        self.total = total
        self.isLast = isLast
    }
}
