/// Which accounts a key may use.
public enum AccountAccess: Sendable, Equatable {
    case all
    /// Aliases.
    case only(Set<String>)

    /// Whether this account is among them.
    public func allows(_ alias: String) -> Bool {
        switch self {
        case .all: true
        case .only(let aliases): aliases.contains(alias)
        }
    }
}
