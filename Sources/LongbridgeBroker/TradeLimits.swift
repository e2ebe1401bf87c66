internal import BrokerSessions
internal import Clocks
internal import Limits

/// The vendor's limits on calls about orders and money, kept on our side so that the broker never has to refuse. The
/// numbers are those of ``LongbridgeLimit``.
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

    /// The budgets of the line: of all calls, of all but cancellations, of those that only look.
    static let all = 0
    static let besideCancels = 1
    static let looking = 2

    /// Between two calls: the vendor's, and a little more, since one may catch up with the other on the way.
    static let gap = LongbridgeLimit.trade.row.gap + .milliseconds(5)
    /// The vendor's, and a little more: its clock may run faster than ours.
    static let window = (LongbridgeLimit.trade.row.window ?? .zero) + .milliseconds(100)

    /// A line with nobody in it. A sixth is left to cancellations alone, and a little more than half to what changes
    /// something.
    static func line(calls: Int) -> CallLine {
        CallLine(
            budgets: [calls, calls * 5 / 6, calls * 7 / 15].map { HeldWindow(limit: $0, window: window) },
            gap: calls > LongbridgeLimit.trade.row.count ? .zero : gap, maximumWaiting: TradePacer.maximumWaiting)
    }

    /// What a call is to the line.
    static func call(_ callClass: CallClass, at now: Instant) -> CallLine.Call {
        let budgets =
            switch callClass {
            case .cancel: [all]
            case .write: [all, besideCancels]
            case .read: [all, besideCancels, looking]
            }
        let caller = UpstreamCaller.current
        return CallLine.Call(
            rank: callClass.rawValue, budgets: budgets, caller: caller.name, isExpected: caller.isExpected(at: now),
            isHurried: caller.isHurried)
    }

    /// The broker refused a call as one too many: nothing but cancellations for a while, and less than before.
    static func refused(_ line: inout CallLine, retryAfter: Duration, at now: Instant) {
        line.budgets[besideCancels].refused(pause: retryAfter, at: now)
    }
}
