internal import Clocks
internal import Limits

/// The vendor's limits on calls about orders and money, kept on our side so that the broker never has to refuse.
///
/// - Source: open.longbridge.com/docs, "Overview", rate limit, as of May 2026: 30 calls in 30 seconds and 0.02 s between
///   two, counted per securities account.
struct TradeLimits {
    /// What a call is for; each class keeps a share that the classes behind it cannot use up.
    enum CallClass: Int, Comparable, CaseIterable {
        /// Cancellations: the last five calls of a window are theirs alone.
        case cancel
        /// Submits and amendments.
        case write
        /// Everything that only looks: more than half of the window is not theirs.
        case read

        static func < (left: CallClass, right: CallClass) -> Bool { left.rawValue < right.rawValue }
    }

    /// Calls in ``window``, as the vendor allows them.
    static let vendorCalls = 30
    /// The broker's 30 s, and a little more: calls may catch up with each other on the way.
    static let window = Duration.milliseconds(30_100)
    /// Between two calls.
    static let gap = Duration.milliseconds(21)

    /// Calls in ``window``.
    let calls: Int
    private var all: SlidingWindow
    private var besideCancels: SlidingWindow
    private var looking: SlidingWindow
    /// A sixth is left to cancellations alone, and a little more than half to what changes something.
    init(calls: Int = vendorCalls) {
        self.calls = calls
        let gap = calls > TradeLimits.vendorCalls ? .zero : TradeLimits.gap
        all = SlidingWindow(limit: calls, window: TradeLimits.window, minimumGap: gap)
        besideCancels = SlidingWindow(limit: calls * 5 / 6, window: TradeLimits.window)
        looking = SlidingWindow(limit: calls * 7 / 15, window: TradeLimits.window)
    }

    private var pausedUntil: Instant?

    /// The broker refused a call as one too many: nothing but cancellations for a while.
    mutating func refused(retryAfter: Duration, at now: Instant) {
        pausedUntil = max(pausedUntil ?? now, now + retryAfter)
    }

    /// The earliest instant, not before `now`, at which the call may go.
    func nextAdmission(_ callClass: CallClass, at now: Instant) -> Instant {
        var due = all.nextAdmission(at: now)
        guard callClass > .cancel else { return due }
        due = max(due, besideCancels.nextAdmission(at: now), pausedUntil ?? now)
        guard callClass > .write else { return due }
        return max(due, looking.nextAdmission(at: now))
    }

    /// Counts a call that ``nextAdmission(_:at:)`` admits now.
    mutating func take(_ callClass: CallClass, at now: Instant) {
        _ = all.take(at: now)
        if callClass > .cancel { _ = besideCancels.take(at: now) }
        if callClass > .write { _ = looking.take(at: now) }
    }

    /// Calls used and allowed in the window, for all classes together.
    func use(at now: Instant) -> (used: Int, limit: Int) { (all.count(at: now), calls) }
}
