/// How a broker groups securities.
public enum SectorKind: String, Sendable, CaseIterable {
    case industry, region, concept, other
}

/// A group of securities that a broker keeps, with a code like a security's.
public struct Sector: Equatable, Sendable {
    /// The broker's code with its market, `BK1910.HK`. It is no security and has no figures of its own here.
    public var id: Symbol
    /// Name in the session's language.
    public var name: String
    /// What it groups by; `nil` where the broker does not tell.
    public var kind: SectorKind?

    /// A sector.
    public init(id: Symbol, name: String, kind: SectorKind?) {
        self.id = id
        self.name = name
        self.kind = kind
    }
}

/// A security of a sector.
public struct SectorMember: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Name in the session's language.
    public var name: String?
    /// As in ``Instrument``.
    public var type: String?
    /// Shares in a board lot.
    public var lotSize: Int64?

    /// A security without a name.
    public init(symbol: Symbol) {
        self.symbol = symbol
    }
}
