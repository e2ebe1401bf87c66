internal import Clocks

/// The index future of the simulation: one listing, known by its continuous code and by the contracts of the months.
///
/// Trades of the continuous contract are trades of the month's contract, as at the exchange; the next month's follows it.
enum SimulatedFuture {
    /// Hong Kong dollars for one point.
    static let multiplier: Int64 = 50

    /// The Hang Seng Index future. Its symbol names no market of the HTTP wire, so only gateways know it.
    static let hangSeng = SimulatedSecurity(
        symbol: "HSImain.HKFE", market: .hongKong, nameEnglish: "HSI Futures", nameSimplified: "恒指期货主连",
        nameTraditional: "恒指期貨主連", exchange: "HKFE", currency: "HKD", lotSize: 1, board: "HKFE", price: 19_600_000,
        millionShares: 0, earnings: 0, bookValue: 0, dividendYield: 0, isIndex: false)

    /// Codes of the contracts that trade on `today`: the continuous one first.
    static func codes(_ today: CivilDate) -> [String] {
        ["HSImain"] + months(today).map { "HSI" + $0.compact.dropFirst(2).prefix(4) }
    }

    /// The first days of the months whose contracts trade.
    private static func months(_ today: CivilDate) -> [CivilDate] {
        let first = CivilDate(year: today.year, month: today.month, day: 1) ?? today
        let this = today <= lastDay(first) ? first : next(first)
        return [this, next(this)]
    }

    private static func next(_ first: CivilDate) -> CivilDate {
        let day = first.adding(days: 31)
        return CivilDate(year: day.year, month: day.month, day: 1) ?? day
    }

    /// The last trading day of a code; `nil` for one that does not trade on `today`.
    static func lastDay(of code: String, _ today: CivilDate) -> CivilDate? {
        guard let index = codes(today).firstIndex(of: code) else { return nil }
        let months = months(today)
        return lastDay(index == 2 ? months[1] : months[0])
    }

    /// The trading day before the last of the month that begins on `first`.
    private static func lastDay(_ first: CivilDate) -> CivilDate {
        TradingCalendar.previous(.hongKong, before: TradingCalendar.previous(.hongKong, before: next(first)))
    }
}

extension SimulatedSecurity {
    /// Whether it is a future rather than a share or an index.
    var isFuture: Bool { exchange == "HKFE" }

    /// Everything that trades by itself, futures included.
    static func listed(_ symbol: String) -> SimulatedSecurity? {
        bySymbol[symbol] ?? (symbol == SimulatedFuture.hangSeng.symbol ? SimulatedFuture.hangSeng : nil)
    }
}
