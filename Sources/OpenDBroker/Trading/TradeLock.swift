/// Whether trading is unlocked at the gateway, as far as it is known, and whether to try.
///
///     notNeeded                         paper accounts
///     unknown ──accepted──▶ unlocked ──found locked──▶ locked
///        └──────refused──────────────────────────────────┘
///
/// One refusal ends all attempts of ours until a person asks for one: the broker locks an account whose password is
/// wrong too often. A gateway found locked was locked by somebody, and is not unlocked again behind their back.
struct TradeLock: Equatable, Sendable {
    enum State: Equatable, Sendable {
        /// A paper account.
        case notNeeded
        /// It was never tried, or the answer was lost. Orders may be taken: somebody may have unlocked it by hand.
        case unknown
        case unlocked
        /// With the reason, for people.
        case locked(String)
    }

    private(set) var state: State
    private let hasPassword: Bool
    private var mayTry = true

    init(isPaper: Bool, hasPassword: Bool) {
        state = isPaper ? .notNeeded : .unknown
        self.hasPassword = hasPassword
    }

    /// The link is new: whatever was unlocked before may be locked now. Whether to unlock.
    mutating func connected() -> Bool {
        if case .unlocked = state { state = .unknown }
        return state != .notNeeded && hasPassword && mayTry
    }

    /// The gateway took the password, or was unlocked already.
    mutating func accepted() {
        guard state != .notNeeded else { return }
        state = .unlocked
        mayTry = true
    }

    /// The gateway refused the password.
    mutating func refused(_ reason: String) {
        guard state != .notNeeded else { return }
        state = .locked(reason)
        mayTry = false
    }

    /// An order was refused because trading is locked.
    mutating func foundLocked() {
        switch state {
        case .notNeeded, .locked: break
        case .unknown:
            let reason = "trading is locked at the gateway"
            state = .locked(hasPassword ? reason : "\(reason), and no trade password is configured")
        case .unlocked:
            state = .locked("trading was locked at the gateway")
            mayTry = false
        }
    }

    /// An order was taken: somebody has unlocked it.
    mutating func foundUnlocked() {
        if state != .notNeeded { state = .unlocked }
    }
}
