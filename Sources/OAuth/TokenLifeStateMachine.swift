public import Clocks

/// The life of an account's token pair: kept in a store, renewed ahead of its end, by one refresh at a time.
///
///     unloaded ──loaded──▶ holding ──due, rejected, wanted──▶ refreshing ──granted──▶ storing ──stored, failed──▶ holding
///         │                  ▲  ▲                                │  │  └─lost once─▶ refreshing (the one repeat)
///         │                  │  └──unavailable, not sent─────────┘  └─refused, lost again─▶ rereading
///         └──nothing kept──▶ required ◀──refused, nothing new kept──────────────────────────────┘
///                               └──authorized──▶ storing
///
/// A refresh is a write to somebody else's database: the server has made the old pair void before its answer arrives. So
/// a new pair is in the store before it is used; if the store fails, the new pair is used all the same, stored again
/// later, and the old one never comes back. Holds no tokens, store, timer or waiters: a pair is a generation, a refresh a
/// flight, and the driver keeps both tables.
public struct TokenLifeStateMachine: Sendable {
    /// Where it stands. Whether the pair in use still opens anything is a question of time: ``credential(now:)``.
    public enum State: Equatable, Sendable {
        /// The store has not told yet.
        case unloaded
        /// No pair, or one that is known to be void: a person must act.
        case required
        /// A pair, and nothing under way.
        case holding
        /// The token endpoint was asked.
        case refreshing(flight: Int, isRepeat: Bool)
        /// A new pair came and is being stored; the one before is in use as long as it lives.
        case storing(generation: Int)
        /// The store is asked whether it holds another pair. `isVoid`: the server refused the one in use.
        case rereading(isVoid: Bool)
    }

    /// What is to be done, in order.
    public enum Action: Equatable, Sendable {
        /// Read the store; answered by `loaded`, `loadFailed` or `reread`.
        case readStore
        /// Ask the token endpoint; answered by `answered` with the same number.
        case refresh(flight: Int)
        /// Store the pair of this number; answered by `stored` or `storeFailed` with it.
        case store(generation: Int)
        /// From now on this pair is the one in use.
        case adopt(generation: Int)
        /// Mark the kept pair as void, so that a restart does not try it again.
        case keepRefusal(String)
        /// Empty the store.
        case erase
        /// The token ends within this time and has not been renewed.
        case warn(Duration)
    }

    /// What the driver tells of a pair.
    public struct Facts: Equatable, Sendable {
        /// Until it ends, counted from the event; below zero if it has ended; `nil` if nobody knows.
        public var remaining: Duration?
        /// From when it was got to its end, if that is known.
        public var life: Duration?
        /// Whether it can be renewed.
        public var isRefreshable: Bool

        /// Facts of one pair.
        public init(remaining: Duration?, life: Duration? = nil, isRefreshable: Bool) {
            self.remaining = remaining
            self.life = life
            self.isRefreshable = isRefreshable
        }
    }

    /// How a refresh ended.
    public enum RefreshAnswer: Equatable, Sendable {
        /// A new pair.
        case granted(Facts)
        /// A definite no.
        case refused(String)
        /// The server answered, but not to the question; asking later may help.
        case unavailable(String, retryAfter: Duration?)
        /// The request may have been carried out; no answer came.
        case lost(String)
        /// Nothing left this machine.
        case notSent(String)
    }

    /// What the store held when it was asked again.
    public enum Reread: Equatable, Sendable {
        /// Another pair than the one in use; the driver has it at hand under the next generation.
        case changed(Facts)
        /// The same, none, or no answer.
        case unchanged
    }

    /// What a call may present.
    public enum Credential: Equatable, Sendable {
        /// The pair of this number.
        case use(generation: Int)
        /// Something is under way that decides it.
        case wait
        /// A person must act.
        case authorizationRequired
        /// The token has ended and could not be renewed yet.
        case notNow(retryAfter: Duration)
    }

    /// The state in the words of the API.
    public enum Standing: String, Sendable {
        case ready, refreshing, expiring
        case authorizationRequired = "authorization_required"
    }

    struct Pair: Equatable, Sendable {
        var generation: Int
        var expires: Instant?
        var refreshDue: Instant?
        var isRefreshable: Bool
        /// Warnings still to be given, the earliest last.
        var warnings: [Duration] = []
        /// `nil` for a pair of an earlier process.
        var adopted: Instant?
        /// The API no longer takes it, whatever its end.
        var isRejected = false
    }

    /// Where it stands.
    public internal(set) var state = State.unloaded
    /// Why it does not work, or did not work at the last try; for people.
    public internal(set) var lastError: String?
    /// Whether the pair in use is in memory only.
    public internal(set) var isUnsaved = false
    var pair: Pair?
    /// The pair that is being stored.
    var coming: Pair?
    var lastGeneration = 0
    var lastFlight = 0
    /// Refreshes that failed in a row.
    var failures = 0
    /// The next try, after a failure.
    var retryDue: Instant?
    /// Whether this refresh token was sent twice already, so that its answer may have been lost twice.
    var hasRepeated = false
    /// Pairs rejected soon after they were adopted, in a row.
    var rejections = 0
    var saveDue: Instant?
    var saveFailures = 0

    /// One that knows nothing yet; the driver reads the store and tells.
    public init() {}

    // MARK: Questions

    /// What a call may present now. Tell ``timePassed(now:jitter:)`` before, as a timer may be late.
    public func credential(now: Instant) -> Credential {
        if let pair, !pair.isRejected, pair.expires.map({ now < $0 }) ?? true, state != .required {
            return .use(generation: pair.generation)
        }
        switch state {
        case .unloaded: return .wait
        case .required: return .authorizationRequired
        case .refreshing, .storing, .rereading: return .wait
        case .holding: return retryDue.map { .notNow(retryAfter: max($0 - now, .seconds(1))) } ?? .wait
        }
    }

    /// The state for people.
    public func standing(now: Instant) -> Standing {
        switch state {
        case .required: .authorizationRequired
        case .unloaded, .refreshing, .storing, .rereading: .refreshing
        case .holding: isExpiring(now) ? .expiring : .ready
        }
    }

    private func isExpiring(_ now: Instant) -> Bool {
        guard let pair else { return false }
        if pair.isRejected { return true }
        guard let expires = pair.expires, expires - now < .seconds(7 * 86_400) else { return false }
        return failures > 0 || !pair.isRefreshable
    }

    /// Whether the store or the server is asked for something.
    public var isBusy: Bool {
        switch state {
        case .unloaded, .refreshing, .storing, .rereading: true
        case .required, .holding: false
        }
    }

    /// Until the pair in use ends; `nil` if nobody knows, or there is none.
    public func remaining(now: Instant) -> Duration? { pair?.expires.map { $0 - now } }

    /// When ``timePassed(now:jitter:)`` has something to do.
    public var nextDeadline: Instant? {
        switch state {
        case .unloaded: retryDue
        case .required: saveDue
        case .holding: [saveDue, renewalDue, endDue, warningDue].compactMap { $0 }.min()
        case .refreshing, .storing, .rereading: saveDue
        }
    }

    var renewalDue: Instant? {
        guard let pair, pair.isRefreshable else { return nil }
        return retryDue ?? (pair.isRejected ? .zero : pair.refreshDue)
    }

    /// When a pair that cannot be renewed ends.
    private var endDue: Instant? {
        guard let pair, !pair.isRefreshable else { return nil }
        return pair.expires
    }

    private var warningDue: Instant? {
        guard let pair, let expires = pair.expires, let next = pair.warnings.last else { return nil }
        return expires - next
    }

    // MARK: Time

    /// Does what is due. `jitter` is 0 to 1.
    public mutating func timePassed(now: Instant, jitter: Double) -> [Action] {
        var actions: [Action] = []
        if let saveDue, now >= saveDue, let pair {
            self.saveDue = nil
            actions.append(.store(generation: pair.generation))
        }
        if let warning = takeWarning(now) { actions.append(.warn(warning)) }
        switch state {
        case .unloaded:
            if let retryDue, now >= retryDue {
                self.retryDue = nil
                actions.append(.readStore)
            }
        case .holding:
            if let renewalDue, now >= renewalDue {
                actions += refresh()
            } else if let endDue, now >= endDue {
                lastError = "the token has ended and cannot be renewed"
                state = .required
            }
        case .required, .refreshing, .storing, .rereading: break
        }
        return actions
    }

    /// Of several warnings that are due, only the most urgent is given; none before renewing was tried.
    private mutating func takeWarning(_ now: Instant) -> Duration? {
        guard let expires = pair?.expires, state == .holding else { return nil }
        if failures == 0, let renewalDue, now >= renewalDue { return nil }
        var due: Duration?
        while let next = pair?.warnings.last, now >= expires - next {
            due = next
            pair?.warnings.removeLast()
        }
        return due
    }

    mutating func refresh(isRepeat: Bool = false) -> [Action] {
        retryDue = nil
        lastFlight += 1
        state = .refreshing(flight: lastFlight, isRepeat: isRepeat)
        return [.refresh(flight: lastFlight)]
    }

    /// 2 s, 4 s … 5 min, each taken from its half upwards; never before `retryAfter`.
    static func pause(after failures: Int, retryAfter: Duration?, jitter: Double) -> Duration {
        let full = Duration.seconds(min(1 << min(max(failures, 1), 20), 300))
        return max(full * (0.5 + min(max(jitter, 0), 1) / 2), retryAfter ?? .zero)
    }

    /// A third of the life before its end, at least 5 min of a life that has 10; up to a twentieth of it earlier, so that
    /// accounts do not renew together.
    func pair(_ facts: Facts, generation: Int, now: Instant, adopted: Instant?, jitter: Double) -> Pair {
        var pair = Pair(generation: generation, isRefreshable: facts.isRefreshable, adopted: adopted)
        guard let remaining = facts.remaining else { return pair }
        let expires = now + remaining
        let life = max(facts.life ?? remaining, remaining, .zero)
        pair.expires = expires
        let ahead = max(life / 3, min(.seconds(300), life / 2)) + life * (min(max(jitter, 0), 1) / 20)
        pair.refreshDue = expires - ahead
        pair.warnings = [.seconds(3600), .seconds(86_400), .seconds(7 * 86_400)].filter { $0 < life }
        return pair
    }
}
