/// A security the simulation knows: real names, codes and lots; figures of the right size, but not today's.
struct SimulatedSecurity: Sendable {
    /// `700.HK`
    let symbol: String
    let market: SimulatedMarket
    let nameEnglish: String
    let nameSimplified: String
    let nameTraditional: String
    let exchange: String
    let currency: String
    let lotSize: Int64
    let board: String
    /// What its price moves around over the years, in thousandths.
    let price: Int64
    /// Shares issued, in millions.
    let millionShares: Int64
    /// Earnings a share over a year, in thousandths.
    let earnings: Int64
    /// Book value a share, in thousandths.
    let bookValue: Int64
    /// Dividends of a year, in hundredths of a percent of the price.
    let dividendYield: Int64
    let isIndex: Bool

    /// Whether it trades before, after and between the regular sessions.
    var hasExtendedSessions: Bool { market == .unitedStates && !isIndex }

    /// Shares of a usual day, in whole lots; none for an index. Enough lots for each minute of a day to have several.
    var dailyVolume: Int64 {
        guard !isIndex else { return 0 }
        return max(lotSize * 12_000, millionShares * 2000 / lotSize * lotSize)
    }

    /// By symbol.
    static let bySymbol: [String: SimulatedSecurity] = Dictionary(
        all.map { ($0.symbol, $0) }, uniquingKeysWith: { first, _ in first })

    /// Every security of the simulation.
    static let all: [SimulatedSecurity] = hongKong + unitedStates + elsewhere + indexes

    /// Names in English, simplified and traditional Chinese.
    typealias Names = (String, String, String)

    /// A share. `figures` are earnings, book value (thousandths a share) and dividend yield (hundredths of a percent).
    static func share(
        _ symbol: String, _ market: SimulatedMarket, _ names: Names, exchange: String, currency: String, board: String,
        lot: Int64, price: Int64, shares: Int64, figures: (Int64, Int64, Int64)
    ) -> SimulatedSecurity {
        SimulatedSecurity(
            symbol: symbol, market: market, nameEnglish: names.0, nameSimplified: names.1, nameTraditional: names.2,
            exchange: exchange, currency: currency, lotSize: lot, board: board, price: price, millionShares: shares,
            earnings: figures.0, bookValue: figures.1, dividendYield: figures.2, isIndex: false)
    }

    /// An index: a level without shares, lots or book.
    static func index(
        _ symbol: String, _ market: SimulatedMarket, _ names: Names, exchange: String, currency: String, board: String,
        level: Int64
    ) -> SimulatedSecurity {
        SimulatedSecurity(
            symbol: symbol, market: market, nameEnglish: names.0, nameSimplified: names.1, nameTraditional: names.2,
            exchange: exchange, currency: currency, lotSize: 1, board: board, price: level, millionShares: 0,
            earnings: 0,
            bookValue: 0, dividendYield: 0, isIndex: true)
    }
}
