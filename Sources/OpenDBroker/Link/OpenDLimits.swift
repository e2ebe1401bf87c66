internal import Clocks
public import EventLoops
internal import Limits

/// The vendor's limits on the gateway's calls, kept on our side so that the gateway never has to refuse.
///
/// One for each gateway: every connection to it counts against the same windows. "n in 30 s" is a sliding window. Where
/// editions of the documentation differ the smaller number stands. Calls that are not in the table have no documented
/// limit but their size; subscriptions have their quota instead (``SubscriptionLedger``).
///
/// - Source: openapi.futunn.com/futu-api-doc, the page of each call, section "Interface Limitations", editions of 2020 to
///   2025, and the vendor's agent documentation of 2026, looked at in 2026-11.
@LoopActor
public final class OpenDLimits {
    /// What the vendor allows of one call.
    struct Rule: Equatable, Sendable {
        var protocolID: UInt32
        /// Calls in ``OpenDLimits/window``.
        var calls: Int
        /// Between two calls.
        var gap: Duration = .zero
        /// Whether each trading account has a window of its own; else the gateway's user has one.
        var isPerAccount = false
        /// The page of the documentation.
        var page: String
    }

    /// The broker's 30 s, and a little more: calls may catch up with each other on the way, and the vendor wants the
    /// first and the one too many more than 30 s apart.
    nonisolated static let window = Duration.milliseconds(30_100)
    /// How long nothing of a protocol is sent after the gateway said that its calls come too fast.
    nonisolated static let pauseAfterRefusal = Duration.seconds(30)
    /// Accounts whose windows are remembered; a gateway has a handful.
    nonisolated static let maximumAccounts = 64

    /// When the pages were looked at.
    nonisolated static let read = "2026-11"

    /// The table.
    nonisolated static let rules: [Rule] = [
        // Trading: "Trading Interface", one page a call.
        Rule(protocolID: 2202, calls: 15, gap: .milliseconds(21), isPerAccount: true, page: "Place Orders"),
        Rule(protocolID: 2205, calls: 20, gap: .milliseconds(41), isPerAccount: true, page: "Modify or Cancel Orders"),
        Rule(protocolID: 2227, calls: 15, gap: .milliseconds(21), isPerAccount: true, page: "Place Combo Orders"),
        Rule(protocolID: 2005, calls: 10, page: "Unlock Trade"),
        Rule(protocolID: 2101, calls: 10, isPerAccount: true, page: "Get Account Funds (refreshCache only)"),
        Rule(protocolID: 2102, calls: 10, isPerAccount: true, page: "Get Positions (refreshCache only)"),
        Rule(protocolID: 2201, calls: 10, isPerAccount: true, page: "Get Open Orders (refreshCache only)"),
        Rule(protocolID: 2211, calls: 10, isPerAccount: true, page: "Get Today's Deals (refreshCache only)"),
        Rule(protocolID: 2111, calls: 10, isPerAccount: true, page: "Get Maximum Tradable Quantity"),
        Rule(protocolID: 2112, calls: 10, isPerAccount: true, page: "Get Maximum Tradable Quantity"),
        Rule(protocolID: 2221, calls: 10, isPerAccount: true, page: "Get Historical Orders"),
        Rule(protocolID: 2222, calls: 10, isPerAccount: true, page: "Get Historical Deals"),
        Rule(protocolID: 2223, calls: 10, page: "Get Margin Data"),
        Rule(protocolID: 2225, calls: 10, isPerAccount: true, page: "Get Order Fee"),
        Rule(protocolID: 2226, calls: 10, isPerAccount: true, page: "Get Account Cash Flow"),
        // Quotes: "Quote Interface", one page a call.
        Rule(protocolID: 3103, calls: 60, page: "Get Historical Candlesticks (first pages only)"),
        Rule(protocolID: 3104, calls: 60, page: "Get Historical Candlesticks Quota"),
        Rule(protocolID: 3105, calls: 60, page: "Get Adjustment Factor"),
        Rule(protocolID: 3203, calls: 60, page: "Get Market Snapshot"),
        Rule(protocolID: 3204, calls: 10, page: "Get Plate List"),
        Rule(protocolID: 3205, calls: 10, page: "Get the List of Securities in a Plate"),
        Rule(protocolID: 3206, calls: 10, page: "Get Related Data of a Security"),
        Rule(protocolID: 3207, calls: 10, page: "Get Plates of Stocks"),
        Rule(protocolID: 3209, calls: 10, page: "Get Option Chain"),
        Rule(protocolID: 3210, calls: 60, page: "Filter Warrants"),
        Rule(protocolID: 3211, calls: 30, page: "Get Capital Flow"),
        Rule(protocolID: 3212, calls: 30, page: "Get Capital Distribution"),
        Rule(protocolID: 3213, calls: 10, page: "Get the Watchlist"),
        Rule(protocolID: 3214, calls: 10, page: "Modify the Watchlist"),
        Rule(protocolID: 3222, calls: 10, page: "Get Groups from Watchlist"),
        Rule(protocolID: 3215, calls: 10, page: "Filter Stocks by Condition"),
        Rule(protocolID: 3217, calls: 10, page: "Get IPO Information"),
        Rule(protocolID: 3218, calls: 30, page: "Get Futures Contract Information"),
        Rule(protocolID: 3219, calls: 30, page: "Get Trading Calendar"),
        Rule(protocolID: 3220, calls: 60, page: "Set Price Reminder"),
        Rule(protocolID: 3221, calls: 10, page: "Get Price Reminder List"),
        Rule(protocolID: 3223, calls: 10, page: "Get Market Status of Securities"),
        Rule(protocolID: 3224, calls: 60, page: "Get Option Expiration Date"),
    ]

    /// Securities in one call: "Get Market Snapshot", "Get Plates of Stocks", "Get Market Status of Securities".
    nonisolated static let snapshotSymbols = 400
    nonisolated static let ownerPlateSymbols = 200
    nonisolated static let marketStateSymbols = 400
    /// No limit is documented; the vendor's client sends at most so many when it subscribes anew.
    nonisolated static let subscriptionSymbols = 100
    /// "Get Static Information" documents none; a bound of ours.
    nonisolated static let staticSymbols = 400
    /// "Get Real-time Tick-by-Tick", "Get Real-time Candlesticks", "Get Historical Candlesticks": rows of one answer.
    nonisolated static let rows = 1000
    /// "Get Option Chain": the longest stretch of expiries.
    nonisolated static let chainDays = 30
    /// "Filter Warrants", "Filter Stocks by Condition": rows of a page.
    nonisolated static let pageRows = 200

    private struct Key: Hashable {
        var protocolID: UInt32
        var account: UInt64?
        /// Calls of the window that this class of calls leaves to others.
        var leaving: Int
    }

    private static let byProtocol = Dictionary(uniqueKeysWithValues: rules.map { ($0.protocolID, $0) })
    private var windows: [Key: SlidingWindow] = [:]
    private var latest: [Key: Instant] = [:]
    private var paused: [UInt32: Instant] = [:]

    /// Limits of a gateway nobody has called yet.
    public init() {}

    /// The earliest instant, not before `now`, at which the call may go.
    func nextAdmission(_ protocolID: UInt32, _ pacing: OpenDPacing, at now: Instant) -> Instant {
        var due = max(now, paused[protocolID] ?? now)
        for (key, rule) in keys(protocolID, pacing) {
            due = max(due, window(key, rule).nextAdmission(at: now))
        }
        return due
    }

    /// Counts a call that ``nextAdmission(_:_:at:)`` admits now.
    func take(_ protocolID: UInt32, _ pacing: OpenDPacing, at now: Instant) {
        for (key, rule) in keys(protocolID, pacing) {
            var window = window(key, rule)
            _ = window.take(at: now)
            windows[key] = window
            latest[key] = now
        }
        if windows.count > OpenDLimits.maximumAccounts * 16 {
            windows = windows.filter { $0.value.count(at: now) > 0 }
            latest = latest.filter { windows[$0.key] != nil }
        }
    }

    /// The gateway refused a call as one too many: its count differs from ours, and its count is what matters.
    func refused(_ protocolID: UInt32, at now: Instant) {
        paused[protocolID] = now + OpenDLimits.pauseAfterRefusal
    }

    /// How far the windows are used, one for each rule in the order of the table; those of accounts for `account`.
    func use(account: UInt64?, at now: Instant) -> [(rule: Rule, used: Int, reset: Duration)] {
        OpenDLimits.rules.map { rule in
            let key = Key(protocolID: rule.protocolID, account: rule.isPerAccount ? account : nil, leaving: 0)
            let used = windows[key]?.count(at: now) ?? 0
            let last = used > 0 ? latest[key] : nil
            return (rule, used, last.map { max(.zero, $0 + OpenDLimits.window - now) } ?? .zero)
        }
    }

    private func window(_ key: Key, _ rule: Rule) -> SlidingWindow {
        windows[key]
            ?? SlidingWindow(
                limit: max(1, rule.calls - key.leaving), window: OpenDLimits.window,
                minimumGap: key.leaving == 0 ? rule.gap : .zero)
    }

    /// The windows a call counts against.
    private func keys(_ protocolID: UInt32, _ pacing: OpenDPacing) -> [(Key, Rule)] {
        guard let rule = OpenDLimits.byProtocol[protocolID] else { return [] }
        switch pacing {
        case .free: return []
        case .gateway: return [(Key(protocolID: protocolID, account: nil, leaving: 0), rule)]
        case .account(let account, let leaving):
            let account = rule.isPerAccount ? account : nil
            let all = (Key(protocolID: protocolID, account: account, leaving: 0), rule)
            guard leaving > 0 else { return [all] }
            return [all, (Key(protocolID: protocolID, account: account, leaving: leaving), rule)]
        }
    }
}
