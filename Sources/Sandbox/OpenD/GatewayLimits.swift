internal import Clocks
internal import Limits

/// How often a request may be made, and how much of everything there is.
///
/// - Source: Futu OpenAPI, "Frequency limitations" of each protocol; where editions differ, the smaller number.
struct GatewayLimits: Sendable {
    /// Subscriptions of the whole gateway, a security and a type each.
    var subscriptionQuota = 1000
    /// Securities of history candles in thirty days.
    var historyQuota = 1000
    /// Connections at one time.
    var connections = 128
    /// How long a subscription must have been held before it can be given back.
    var minimumHold = Duration.seconds(60)
    /// What `keepAliveInterval` says.
    var keepAliveInterval = Duration.seconds(10)
    /// How long a connection may be without KeepAlive.
    var keepAliveDeadline = Duration.seconds(30)
    /// Whether requests are counted.
    var countsRequests = true
    /// The most bytes that wait for a client which does not read; then it is cut.
    var backlogBytes = 16 << 20

    /// Calls in thirty seconds.
    static let rates: [UInt32: Int] = [
        2005: 10, 2111: 10, 2202: 15, 2205: 20, 2221: 10, 2222: 10, 2223: 10, 2225: 10, 2226: 10, 3103: 60, 3104: 60,
        3105: 60, 3203: 60, 3204: 10, 3205: 10, 3206: 10, 3207: 10, 3209: 10, 3210: 60, 3211: 30, 3212: 30, 3213: 10,
        3214: 10, 3215: 10, 3217: 10, 3218: 30, 3219: 30, 3220: 60, 3221: 10, 3222: 10, 3223: 10, 3224: 60,
    ]
    /// Those counted only when they are not answered from memory.
    static let refreshRates: [UInt32: Int] = [2101: 10, 2102: 10, 2201: 10, 2211: 10]
    /// The least time between two calls.
    static let gaps: [UInt32: Duration] = [2202: .milliseconds(20), 2205: .milliseconds(40)]
}

/// Calls counted by protocol, and by account where the limit is an account's.
struct GatewayRates: Sendable {
    private struct Key: Hashable {
        let id: UInt32
        let account: UInt64
    }

    private var windows: [Key: SlidingWindow] = [:]

    /// Whether the call is admitted. `account` is 0 for limits of the user.
    mutating func admits(_ id: UInt32, account: UInt64 = 0, isRefreshing: Bool = false, at now: Instant) -> Bool {
        guard let limit = GatewayLimits.rates[id] ?? (isRefreshing ? GatewayLimits.refreshRates[id] : nil) else {
            return true
        }
        let key = Key(id: id, account: account)
        var window =
            windows[key]
            ?? SlidingWindow(limit: limit, window: .seconds(30), minimumGap: GatewayLimits.gaps[id] ?? .zero)
        let verdict = window.take(at: now)
        windows[key] = window
        return verdict == .admitted
    }
}
