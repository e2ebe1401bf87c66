internal import Bytes
internal import Clocks

/// One session of a security as it trades: every figure of it follows from its trades.
struct SessionRecord: Sendable {
    let span: SessionSpan
    /// The close of the regular session before.
    let previousClose: Int64
    /// The whole session as one bar, dated at its start.
    private(set) var bar: SimulatedBar
    /// Its minutes, oldest first; minutes without a trade are left out.
    private(set) var minutes: [SimulatedBar]
    private(set) var lastTime: WallTime
    private let frame: SessionFrame

    /// Where the price is.
    var last: Int64 { bar.close }

    /// The session up to `now`, as the archive would have it; it opens with a trade at its start. New trades are appended
    /// to `trades`.
    init(
        _ span: SessionSpan, _ history: SimulatedHistory, previousClose: Int64, now: WallTime,
        trades: inout [SimulatedTrade]
    ) {
        self.span = span
        self.previousClose = previousClose
        let security = history.security
        frame = history.frame(span.session, span.date)
        let start = WallTime(seconds: span.start)
        let opening = SimulatedTrade(
            price: frame.open, quantity: security.isIndex ? 0 : security.lotSize, time: start, direction: 0,
            session: span.session)
        bar = SimulatedBar(start: start, first: opening)
        minutes = [SimulatedBar(start: start, first: opening)]
        lastTime = start
        trades.append(opening)
        for minute in history.minutes(span) where minute.start.seconds + 60 <= now.seconds {
            for trade in SessionRecord.trades(of: minute, lot: security.isIndex ? 0 : security.lotSize) {
                add(trade, to: &trades)
            }
        }
    }

    /// A minute as trades: its open, its two ends and its close, one quarter of the volume each.
    private static func trades(of minute: SimulatedBar, lot: Int64) -> [SimulatedTrade] {
        let ends = minute.close >= minute.open ? [minute.low, minute.high] : [minute.high, minute.low]
        let prices = [minute.open] + ends + [minute.close]
        let quarter = lot == 0 ? 0 : minute.volume / lot / 4 * lot
        return prices.enumerated().compactMap { index, price in
            let isLast = index == prices.count - 1
            let quantity = isLast ? minute.volume - quarter * 3 : quarter
            guard isLast || quantity > 0 || lot == 0 else { return nil }
            return SimulatedTrade(
                price: price, quantity: quantity, time: minute.start + .seconds(index * 15), direction: 0,
                session: minute.session)
        }
    }

    /// One more trade at `now`, drawn towards where the session is to close. Its quantity is what trades in the time since
    /// the last, times `load`.
    mutating func trade(
        _ security: SimulatedSecurity, at now: WallTime, random: inout SplitMix64, to trades: inout [SimulatedTrade]
    ) {
        let duration = max(1, span.duration)
        let share = Double(span.elapsed(at: now.seconds)) / Double(duration)
        let target = Double(frame.open) + Double(frame.close - frame.open) * share
        // Of 100: 30 up and 30 down, of which up to 20 change sides, by how far the price is from its target.
        let pull = max(-1, min(1, (target - Double(last)) / (Double(last) * 0.01)))
        let dice = random.unit() * 100
        let move: Int64 = dice < 30 + 20 * pull ? 1 : dice < 60 ? -1 : 0
        let step = TickTable.step(security, at: last)
        let steps = 1 + Int64(random.next(below: max(1, Int(Double(last) * 0.0004 / Double(step)))))
        let price = max(TickTable.rounded(last + move * steps * step, security), step)
        var quantity: Int64 = 0
        if !security.isIndex {
            let milliseconds = max(0, (now - lastTime).milliseconds)
            let usual = Double(frame.volume) * Double(milliseconds) / Double(duration * 1000)
            quantity = max(1, Int64(usual * (0.2 + 1.6 * random.unit())) / security.lotSize) * security.lotSize
        }
        add(
            SimulatedTrade(price: price, quantity: quantity, time: now, direction: 0, session: span.session),
            to: &trades)
    }

    private mutating func add(_ trade: SimulatedTrade, to trades: inout [SimulatedTrade]) {
        var trade = trade
        trade.direction = trade.price > last ? 1 : trade.price < last ? -1 : 0
        trades.append(trade)
        bar.take(trade)
        let minute = WallTime(seconds: span.barStart(of: trade.time.seconds, minutes: 1))
        if minutes[minutes.count - 1].start == minute {
            minutes[minutes.count - 1].take(trade)
        } else {
            minutes.append(SimulatedBar(start: minute, first: trade))
        }
        lastTime = trade.time
    }

    /// The bars of `period` minutes.
    func bars(minutes period: Int64) -> [SimulatedBar] {
        SimulatedBar.joined(minutes) { WallTime(seconds: span.barStart(of: $0.start.seconds, minutes: period)) }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 { nanosecondsClamped / 1_000_000 }
}
