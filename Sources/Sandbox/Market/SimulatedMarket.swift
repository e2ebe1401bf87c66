internal import Clocks

/// A market: exchanges with one clock, one calendar and one table of sessions.
enum SimulatedMarket: String, CaseIterable, Sendable {
    case unitedStates = "US"
    case hongKong = "HK"
    case mainland = "CN"
    case singapore = "SG"

    /// By the ending of a symbol; `SH` and `SZ` are one market.
    init?(region: Substring) {
        switch region {
        case "SH", "SZ": self = .mainland
        case "HK", "US", "SG": self.init(rawValue: String(region))
        default: return nil
        }
    }

    /// The exchange's clock.
    var zone: TimeZoneRule {
        switch self {
        case .unitedStates: .newYork
        case .hongKong: .hongKong
        case .mainland: .shanghai
        case .singapore: .singapore
        }
    }

    /// Shares in one unit of volume on the wire: mainland China counts in lots.
    /// - Source: the vendor's client makes turnovers of mainland volumes so (`longbridge-socket`, section 15.4).
    var sharesPerVolume: Int64 { self == .mainland ? 100 : 1 }

    /// Rows of the order book on each side that level 2 of the vendor shows.
    var bookRows: Int { self == .hongKong ? 10 : 5 }

    /// Where the archive of day bars begins.
    /// - Source: Longbridge OpenAPI, "Security History Candlesticks". Singapore is not named there.
    var firstDay: CivilDate {
        switch self {
        case .unitedStates: CivilDate(daysSinceEpoch: 14_761)  // 2010-06-01
        case .hongKong, .singapore: CivilDate(daysSinceEpoch: 12_570)  // 2004-06-01
        case .mainland: CivilDate(daysSinceEpoch: 10_896)  // 1999-11-01
        }
    }

    /// Where the archive of minute bars begins.
    var firstMinuteDay: CivilDate {
        switch self {
        case .unitedStates: CivilDate(daysSinceEpoch: 19_695)  // 2023-12-04
        case .hongKong, .singapore: CivilDate(daysSinceEpoch: 19_263)  // 2022-09-28
        case .mainland: CivilDate(daysSinceEpoch: 19_229)  // 2022-08-25
        }
    }
}
