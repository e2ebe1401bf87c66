/// Where an order stands.
///
///     delayed ──▶ notReported ──▶ waitToNew ──▶ open ──▶ partiallyFilled ──▶ filled
///                 waiting ────────────▲          │  ▲         │  ▲
///                                                ▼  │         ▼  │ (refused, or done)
///                                     waitToReplace ▶ pendingReplace ▶ replaced
///                                     waitToCancel  ▶ pendingCancel  ▶ cancelled
///
/// Every state but the final ones can end as cancelled, rejected or expired. Fills may come while a change is on its way.
enum OrderStatus: CaseIterable, Sendable {
    /// Parked until a time.
    case delayed
    /// Taken, and not sent: the market is closed for it.
    case notReported
    /// Amended before it was sent.
    case replacedNotReported
    /// Waits for its trigger.
    case waiting
    /// Sent, not confirmed.
    case waitToNew
    case open
    case partiallyFilled
    case waitToReplace
    case pendingReplace
    /// Told once when an amendment is done; the order works on at once.
    case replaced
    case waitToCancel
    case pendingCancel
    case filled, cancelled, rejected, expired

    var isFinal: Bool {
        switch self {
        case .filled, .cancelled, .rejected, .expired: true
        case .delayed, .notReported, .replacedNotReported, .waiting, .waitToNew, .open, .partiallyFilled,
            .waitToReplace, .pendingReplace, .replaced, .waitToCancel, .pendingCancel:
            false
        }
    }

    /// Whether the exchange has it, so that it can fill.
    var isWorking: Bool {
        switch self {
        case .open, .partiallyFilled, .waitToReplace, .pendingReplace, .replaced, .waitToCancel, .pendingCancel: true
        case .delayed, .notReported, .replacedNotReported, .waiting, .waitToNew, .filled, .cancelled, .rejected,
            .expired:
            false
        }
    }

    /// Whether nobody but the broker has seen it: changes need no confirmation.
    var isUnreported: Bool {
        switch self {
        case .delayed, .notReported, .replacedNotReported, .waiting: true
        default: false
        }
    }

    /// Whether it may be amended or withdrawn.
    /// - Source: Longbridge OpenAPI, "Replace Order": new and partially filled ones; in practice unreported ones too.
    var isChangeable: Bool { self == .open || self == .partiallyFilled || self == .waitToNew || isUnreported }
}
