internal import Clocks

/// The vendor's limits on calls: what it states, where, and when that was read.
///
/// Whatever paces calls takes its numbers from here; the configuration may lower them.
enum LongbridgeLimit: String, CaseIterable {
    /// Calls about orders, holdings and money.
    case trade
    /// Calls about quotes, over the socket and over HTTP together.
    case quote
    /// Those of them that ask for past candles.
    case history
    /// Securities whose past candles may be asked for in a month.
    case historySymbols = "history-symbols"
    /// Securities subscribed at once.
    case subscriptions

    /// What the vendor's documentation says.
    struct Row {
        /// Calls or securities.
        var count: Int
        /// In so long; `nil` where it is no matter of time, or of the calendar.
        var window: Duration?
        /// At once.
        var atOnce: Int?
        /// Between two.
        var gap = Duration.zero
        /// The page of open.longbridge.com/docs, and what it says beside the numbers.
        var source: String
        /// The month the page was read, `2026-05`.
        var date = "2026-05"
    }

    /// The row of the table.
    var row: Row {
        switch self {
        case .trade:
            Row(
                count: 30, window: .seconds(30), gap: .milliseconds(20),
                source: "Overview, Rate Limit: counted per securities account")
        case .quote:
            Row(
                count: 10, window: .seconds(1), atOnce: 5,
                source: "Overview, Rate Limit: shared by all accounts of the user")
        case .history:
            Row(
                count: 60, window: .seconds(30), source: "Get Security History Candlesticks")
        case .historySymbols:
            Row(
                count: 100,
                source:
                    "Get Security History Candlesticks: 100 to 3000 a month by the account's level; the session tells")
        case .subscriptions:
            Row(count: 500, source: "Overview, Rate Limit: several kinds of data of one security count once")
        }
    }

    /// A level of an account, by what it may ask for in a month.
    ///
    /// - Source: "Get Security History Candlesticks": the greater of assets and trades counts.
    static let levels: [(symbols: Int, name: String)] = [
        (100, "opened"), (400, "assets of 10000 HKD"), (600, "assets of 80000 HKD"),
        (1000, "assets of 400000 HKD or 160 trades a month"), (2000, "assets of 4000000 HKD or 1600 trades a month"),
        (3000, "assets of 6000000 HKD or 2500 trades a month"),
    ]

    /// The level that gives so many securities a month, if it is one the vendor names.
    static func level(symbols: Int) -> String? { levels.first { $0.symbols == symbols }?.name }
}
