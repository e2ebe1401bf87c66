/// What a key may do.
public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// Read market data and streams of it.
    case marketRead = "market:read"
    /// Read balances, positions, orders, executions.
    case accountRead = "account:read"
    /// Place, change and cancel orders.
    case trade
    /// Cancel orders, nothing else.
    case tradeCancel = "trade:cancel"
    /// Call the broker's own interface through the bridge; writes need `trade` too.
    case raw
    /// Read the audit log.
    case auditRead = "audit:read"
    /// Read metrics.
    case opsRead = "ops:read"
    /// Manage keys and authorizations.
    case admin

    /// One bit of its own.
    var bit: UInt {
        switch self {
        case .marketRead: 1
        case .accountRead: 2
        case .trade: 4
        case .tradeCancel: 8
        case .raw: 16
        case .auditRead: 32
        case .opsRead: 64
        case .admin: 128
        }
    }
}
