public import Clocks

/// A market as the API names it: the ending of a canonical symbol.
public enum Market: String, Sendable, Hashable, CaseIterable {
    /// Hong Kong.
    case hongKong = "HK"
    /// The United States.
    case unitedStates = "US"
    /// Shanghai.
    case shanghai = "SH"
    /// Shenzhen.
    case shenzhen = "SZ"
    /// Singapore.
    case singapore = "SG"

    /// The clock of its exchanges.
    public var timeZone: TimeZoneRule {
        switch self {
        case .hongKong: .hongKong
        case .unitedStates: .newYork
        case .shanghai, .shenzhen: .shanghai
        case .singapore: .singapore
        }
    }
}
