internal import Clocks

/// One bar of history or of the running day; prices in thousandths.
struct SimulatedBar: Equatable, Sendable {
    var start: WallTime
    var open: Int64
    var high: Int64
    var low: Int64
    var close: Int64
    /// Shares.
    var volume: Int64
    /// In thousandths of the currency.
    var turnover: Int64
    var session: TradingSession = .regular

    /// The bar that one trade begins.
    init(start: WallTime, first trade: SimulatedTrade) {
        self.init(start: start, open: trade.price, high: trade.price, low: trade.price, close: trade.price)
        volume = trade.quantity
        turnover = trade.turnover
        session = trade.session
    }

    init(
        start: WallTime, open: Int64, high: Int64, low: Int64, close: Int64, volume: Int64 = 0, turnover: Int64 = 0,
        session: TradingSession = .regular
    ) {
        self.start = start
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        self.turnover = turnover
        self.session = session
    }

    mutating func take(_ trade: SimulatedTrade) {
        high = max(high, trade.price)
        low = min(low, trade.price)
        close = trade.price
        volume += trade.quantity
        turnover += trade.turnover
    }

    /// Takes the bar that follows in.
    mutating func join(_ later: SimulatedBar) {
        high = max(high, later.high)
        low = min(low, later.low)
        close = later.close
        volume += later.volume
        turnover += later.turnover
    }

    /// Bars joined by the start that `key` gives them.
    static func joined(_ bars: [SimulatedBar], by key: (SimulatedBar) -> WallTime) -> [SimulatedBar] {
        var result: [SimulatedBar] = []
        for bar in bars {
            let start = key(bar)
            if result.last?.start == start {
                result[result.count - 1].join(bar)
            } else {
                var first = bar
                first.start = start
                result.append(first)
            }
        }
        return result
    }
}

/// One trade of the simulation.
struct SimulatedTrade: Equatable, Sendable {
    /// In thousandths.
    var price: Int64
    /// Shares.
    var quantity: Int64
    var time: WallTime
    /// -1 down, 0 unchanged, 1 up.
    var direction: Int
    var session: TradingSession = .regular

    /// In thousandths of the currency.
    var turnover: Int64 { price * quantity }
}
