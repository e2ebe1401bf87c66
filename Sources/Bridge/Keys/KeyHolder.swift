public import BrokerModel
internal import Limits

/// Who calls: a key that was presented and accepted. Holds nothing secret.
///
/// One object for all of it: a holder is handed on many times while a request is answered.
public final class KeyHolder: Sendable, Equatable {
    /// The key's name, for logs and limits.
    public let name: String
    /// What it may do.
    public let scopes: Set<Scope>
    /// Which accounts it may use.
    public let accounts: AccountAccess
    /// The only securities it may use; absent: all.
    public let symbols: Set<Symbol>?
    /// The only client addresses it works from; absent: any. Checked when it was accepted.
    public let ranges: [AddressRange]?
    /// Where its calls are counted; no part of what it may do.
    let place: CallerTable.Place?
    /// A bit for each of ``scopes``: asked for each request.
    private let scopeBits: UInt

    /// A holder, for tests and the demo key; real ones come from ``KeyRing``.
    public init(
        name: String, scopes: Set<Scope>, accounts: AccountAccess, symbols: Set<Symbol>? = nil,
        ranges: [AddressRange]? = nil
    ) {
        self.name = name
        self.scopes = scopes
        scopeBits = scopes.reduce(0) { $0 | $1.bit }
        self.accounts = accounts
        self.symbols = symbols
        self.ranges = ranges
        place = nil
    }

    /// The same caller, counted there.
    init(_ holder: KeyHolder, place: CallerTable.Place) {
        name = holder.name
        scopes = holder.scopes
        scopeBits = holder.scopeBits
        accounts = holder.accounts
        symbols = holder.symbols
        ranges = holder.ranges
        self.place = place
    }

    convenience init(_ key: KeyConfiguration) {
        self.init(name: key.name, scopes: key.scopes, accounts: key.accounts, symbols: key.symbols, ranges: key.ranges)
    }

    /// The same caller with the same rights.
    public static func == (left: KeyHolder, right: KeyHolder) -> Bool {
        left.name == right.name && left.scopes == right.scopes && left.accounts == right.accounts
            && left.symbols == right.symbols && left.ranges == right.ranges
    }

    /// Whether it has the scope. No scope implies another.
    public func may(_ scope: Scope) -> Bool { scopeBits & scope.bit != 0 }

    /// Whether it may use this account.
    public func mayUse(account alias: String) -> Bool { accounts.allows(alias) }

    /// Whether it may use this security.
    public func mayUse(symbol: Symbol) -> Bool { symbols?.contains(symbol) ?? true }
}
