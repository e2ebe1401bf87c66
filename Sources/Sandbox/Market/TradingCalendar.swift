internal import Clocks

/// Which days a market trades: weekdays but holidays, some of them until noon or early afternoon only.
///
/// Hong Kong and the United States are known for 2025 to 2027, mainland China for 2025 and 2026 (its exchanges
/// announce each year in the year before). Other years and Singapore have their weekends only.
/// - Source: the exchanges' published calendars.
enum TradingCalendar {
    /// What kind of day it is.
    enum Day: Equatable, Sendable {
        case full, half, closed
    }

    /// The kind of `date` in `market`.
    static func day(_ market: SimulatedMarket, _ date: CivilDate) -> Day {
        guard (1...5).contains(date.weekday) else { return .closed }
        let number = date.year * 10_000 + date.month * 100 + date.day
        switch market {
        case .hongKong: return hongKongClosed.contains(number) ? .closed : hongKongHalf.contains(number) ? .half : .full
        case .unitedStates:
            return unitedStatesClosed.contains(number) ? .closed : unitedStatesHalf.contains(number) ? .half : .full
        case .mainland: return mainlandClosed.contains(number) ? .closed : .full
        case .singapore: return .full
        }
    }

    /// Whether there is any trading on `date`.
    static func isTrading(_ market: SimulatedMarket, _ date: CivilDate) -> Bool { day(market, date) != .closed }

    /// The trading day before `date`.
    static func previous(_ market: SimulatedMarket, before date: CivilDate) -> CivilDate {
        var day = date.adding(days: -1)
        // No market is closed for three weeks.
        for _ in 0..<21 where !isTrading(market, day) { day = day.adding(days: -1) }
        return day
    }

    private static let hongKongClosed: Set<Int> = [
        2025_01_01, 2025_01_29, 2025_01_30, 2025_01_31, 2025_04_04, 2025_04_18, 2025_04_21, 2025_05_01, 2025_05_05,
        2025_07_01, 2025_10_01, 2025_10_07, 2025_10_29, 2025_12_25, 2025_12_26,
        2026_01_01, 2026_02_17, 2026_02_18, 2026_02_19, 2026_04_03, 2026_04_06, 2026_04_07, 2026_05_01, 2026_05_25,
        2026_06_19, 2026_07_01, 2026_10_01, 2026_10_19, 2026_12_25,
        2027_01_01, 2027_02_08, 2027_02_09, 2027_03_26, 2027_03_29, 2027_04_05, 2027_05_13, 2027_06_09, 2027_07_01,
        2027_09_16, 2027_10_01, 2027_10_08, 2027_12_27,
    ]
    private static let hongKongHalf: Set<Int> = [
        2025_01_28, 2025_12_24, 2025_12_31, 2026_02_16, 2026_12_24, 2026_12_31, 2027_02_05, 2027_12_24, 2027_12_31,
    ]
    private static let unitedStatesClosed: Set<Int> = [
        2025_01_01, 2025_01_09, 2025_01_20, 2025_02_17, 2025_04_18, 2025_05_26, 2025_06_19, 2025_07_04, 2025_09_01,
        2025_11_27, 2025_12_25,
        2026_01_01, 2026_01_19, 2026_02_16, 2026_04_03, 2026_05_25, 2026_06_19, 2026_07_03, 2026_09_07, 2026_11_26,
        2026_12_25,
        2027_01_01, 2027_01_18, 2027_02_15, 2027_03_26, 2027_05_31, 2027_06_18, 2027_07_05, 2027_09_06, 2027_11_25,
        2027_12_24,
    ]
    private static let unitedStatesHalf: Set<Int> = [
        2025_07_03, 2025_11_28, 2025_12_24, 2026_11_27, 2026_12_24, 2027_11_26,
    ]
    private static let mainlandClosed: Set<Int> = [
        2025_01_01, 2025_01_28, 2025_01_29, 2025_01_30, 2025_01_31, 2025_02_03, 2025_02_04, 2025_04_04, 2025_05_01,
        2025_05_02, 2025_05_05, 2025_06_02, 2025_10_01, 2025_10_02, 2025_10_03, 2025_10_06, 2025_10_07, 2025_10_08,
        2026_01_01, 2026_01_02, 2026_02_16, 2026_02_17, 2026_02_18, 2026_02_19, 2026_02_20, 2026_02_23, 2026_04_06,
        2026_05_01, 2026_05_04, 2026_05_05, 2026_06_19, 2026_09_25, 2026_10_01, 2026_10_02, 2026_10_05, 2026_10_06,
        2026_10_07,
    ]
}
