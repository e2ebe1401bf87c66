internal import Bytes
internal import Clocks

/// Holds a client against what the vendor states, whatever is enforced: how many calls came in any window, and how many of
/// them were one too many.
///
/// - Source: open.longbridge.com/docs, "Overview", rate limit, and "Get Security History Candlesticks".
struct SandboxJudge: Sendable {
    /// Calls in any window.
    struct Window: Sendable {
        let limit: Int
        let window: Duration
        private(set) var most = 0
        private(set) var over = 0
        private var arrivals: [Instant] = []

        init(limit: Int, window: Duration) {
            self.limit = limit
            self.window = window
        }

        mutating func arrived(at now: Instant) {
            arrivals.removeAll { $0 + window <= now }
            arrivals.append(now)
            most = max(most, arrivals.count)
            if arrivals.count > limit { over += 1 }
        }
    }

    /// Calls about quotes, over the sockets and over HTTP.
    private(set) var quote = Window(limit: 10, window: .seconds(1))
    /// Those of them for past candles.
    private(set) var history = Window(limit: 60, window: .seconds(30))
    /// Calls about orders and money.
    private(set) var trade = Window(limit: 30, window: .seconds(30))
    /// Such calls that came sooner than 20 ms after the one before, and those of them where one of the two was a
    /// cancellation.
    private(set) var close = 0
    private(set) var closeToCancellation = 0
    private var lastTrade: (at: Instant, isCancellation: Bool)?
    private var underWay = 0
    private var mostAtOnce = 0
    private var overAtOnce = 0
    private static let atOnce = 5

    mutating func quoteArrived(isHistory: Bool, at now: Instant) {
        quote.arrived(at: now)
        if isHistory { history.arrived(at: now) }
        underWay += 1
        mostAtOnce = max(mostAtOnce, underWay)
        if underWay > SandboxJudge.atOnce { overAtOnce += 1 }
    }

    mutating func quoteEnded() { underWay = max(0, underWay - 1) }

    mutating func tradeArrived(isCancellation: Bool, at now: Instant) {
        trade.arrived(at: now)
        if let lastTrade, now < lastTrade.at + .milliseconds(20) {
            close += 1
            if isCancellation || lastTrade.isCancellation { closeToCancellation += 1 }
        }
        lastTrade = (now, isCancellation)
    }

    /// `{"quote":{"most":…,"over":…},…}`
    func write(to json: inout JSONWriter) {
        json.beginObject()
        for (name, most, over) in [
            ("quote", quote.most, quote.over), ("history", history.most, history.over),
            ("quote_at_once", mostAtOnce, overAtOnce), ("trade", trade.most, trade.over), ("trade_gap", 0, close),
            ("trade_gap_cancel", 0, closeToCancellation),
        ] {
            json.key(dynamic: name)
            json.beginObject()
            json.key("most")
            json.int(most)
            json.key("over")
            json.int(over)
            json.endObject()
        }
        json.endObject()
    }
}
