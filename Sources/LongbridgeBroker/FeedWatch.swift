internal import Clocks

/// Notices a feed that is connected, and subscribed, and tells nothing while its market moves.
///
///     idle ──begin──▶ quiet ──patience──▶ asking ──first figures──▶ compared ──patience──▶ asking …
///      ▲                ▲                                             │ a volume has grown
///      │                └────────────── any push ──────────── doubted ◀┘
///      └── end, or `giveUp` after a moment without a push ───────┘
///
/// Figures are today's volumes: they move only when the market trades, so a closed market or a quiet security is not
/// taken for a mute feed. While nothing moves, questions come less and less often. Holds no timer, link or clock.
struct FeedWatch: Sendable {
    /// What the driver must do.
    enum Action: Equatable {
        case nothing
        /// Pull the volumes of some of the subscribed securities, always the same.
        case ask
        /// The feed is mute: subscribe anew, over a new connection.
        case giveUp
    }

    private enum State: Equatable {
        case idle
        /// Since the last push, or the last question.
        case quiet(since: Instant)
        case asking
        /// A volume has grown and no push told it; one may be on its way.
        case doubted(since: Instant)
    }

    private var state = State.idle
    private var seen: [String: Int64]?
    private let initial: Duration
    private let maximum: Duration
    private var patience: Duration

    /// How long a push may be slower than the answer to a question.
    static let grace = Duration.seconds(2)

    /// A watch over nothing yet; the first question comes `patience` after the last push.
    init(patience: Duration = .seconds(20), maximum: Duration = .seconds(600)) {
        initial = patience
        self.patience = patience
        self.maximum = maximum
    }

    /// Something is subscribed on a link that is ready. Once begun, this changes nothing.
    mutating func begin(now: Instant) {
        guard state == .idle else { return }
        state = .quiet(since: now)
        seen = nil
    }

    /// The link is lost, or nothing is wanted.
    mutating func end() {
        state = .idle
        seen = nil
    }

    /// A push came: the feed lives.
    mutating func pushed(now: Instant) {
        guard state != .idle else { return }
        state = .quiet(since: now)
        seen = nil
        patience = initial
    }

    /// Time has passed; may be told at any moment.
    mutating func timePassed(now: Instant) -> Action {
        switch state {
        case .idle, .asking: return .nothing
        case .quiet(let since):
            guard now - since >= patience else { return .nothing }
            state = .asking
            return .ask
        case .doubted(let since):
            guard now - since >= FeedWatch.grace else { return .nothing }
            end()
            return .giveUp
        }
    }

    /// The answer to `ask`, by security; empty if there is none. Ignored if a push was faster.
    mutating func answered(_ volumes: [String: Int64], now: Instant) {
        guard state == .asking else { return }
        if let seen, volumes.contains(where: { name, volume in seen[name].map { volume > $0 } ?? false }) {
            state = .doubted(since: now)
            return
        }
        if seen != nil { patience = min(patience * 2, maximum) }
        if !volumes.isEmpty { seen = volumes }
        state = .quiet(since: now)
    }
}
