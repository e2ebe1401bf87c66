internal import Bytes
internal import Clocks

/// The archive of one security: any past day, and any of its minutes, out of the seed alone.
struct SimulatedHistory: Sendable {
    let security: SimulatedSecurity
    private let path: PricePath

    init(_ security: SimulatedSecurity, seed: UInt64) {
        self.security = security
        path = PricePath(seed: seed, symbol: security.symbol)
    }

    /// The close of a trading day.
    func close(_ date: CivilDate) -> Int64 {
        TickTable.rounded(Int64(Double(security.price) * path.close(date)), security)
    }

    /// The frame of a session: where it opens and closes, how far it goes, what it trades. Regular sessions open near the
    /// close of the trading day before.
    func frame(_ session: TradingSession, _ date: CivilDate) -> SessionFrame {
        var random = path.random(date, UInt64(session.rawValue) + 1)
        let before = close(TradingCalendar.previous(security.market, before: date))
        let regularOpen = near(before, 0.004, &random)
        let (open, close): (Int64, Int64) =
            switch session {
            case .regular: (regularOpen, self.close(date))
            case .preMarket: (near(before, 0.002, &random), near(before, 0.006, &random))
            case .postMarket: (near(self.close(date), 0.001, &random), near(self.close(date), 0.004, &random))
            case .overnight: (near(before, 0.001, &random), near(before, 0.003, &random))
            }
        let reach = session == .regular ? 0.009 : 0.003
        let high = TickTable.rounded(Int64(Double(max(open, close)) * (1 + reach * random.unit())), security)
        let low = TickTable.rounded(Int64(Double(min(open, close)) * (1 - reach * random.unit())), security)
        let share = session == .regular ? 0.6 + random.unit() : 0.02 + 0.02 * random.unit()
        let lots = Int64(Double(security.dailyVolume / security.lotSize) * share)
        return SessionFrame(
            open: open, high: max(high, open, close), low: min(low, open, close), close: close,
            volume: lots * security.lotSize)
    }

    private func near(_ price: Int64, _ reach: Double, _ random: inout SplitMix64) -> Int64 {
        TickTable.rounded(Int64(Double(price) * (1 + reach * random.signedUnit())), security)
    }

    /// The day bar of a regular session, dated at the exchange's midnight.
    func day(_ date: CivilDate) -> SimulatedBar {
        let frame = frame(.regular, date)
        return SimulatedBar(
            start: security.market.zone.wallTime(date, secondOfDay: 0), open: frame.open, high: frame.high,
            low: frame.low,
            close: frame.close, volume: frame.volume,
            turnover: frame.volume * ((frame.open + frame.high + frame.low + frame.close) / 4))
    }

    /// The minutes of a session: a walk from its open to its close which touches its high and its low; volumes add up.
    func minutes(_ span: SessionSpan) -> [SimulatedBar] {
        let frame = frame(span.session, span.date)
        let starts = span.minutes
        guard starts.count > 1 else { return [] }
        var random = path.random(span.date, 16 + UInt64(span.session.rawValue))
        let highest = random.next(below: starts.count)
        let lowest = (highest + 1 + random.next(below: starts.count - 1)) % starts.count
        var weights: [Int64] = []
        for _ in starts { weights.append(50 + Int64(random.next(below: 101))) }
        let total = weights.reduce(0, +)
        let lots = frame.volume / security.lotSize
        let reach = Double(frame.high - frame.low) / 2
        var walked: Int64 = 0
        var drift = 0.0
        var price = frame.open
        return starts.indices.map { index in
            let share = Double(index + 1) / Double(starts.count)
            drift = drift * 0.95 + random.signedUnit() * 0.3
            let noise = drift * reach * 4 * share * (1 - share)
            let target = Double(frame.open) + Double(frame.close - frame.open) * share + noise
            let isLast = index == starts.count - 1
            let close =
                isLast
                ? frame.close : min(max(TickTable.rounded(Int64(target), security), frame.low), frame.high)
            let open = price
            price = close
            let before = lots * walked / total
            walked += weights[index]
            let volume = (lots * walked / total - before) * security.lotSize
            let high = index == highest ? frame.high : max(open, close)
            let low = index == lowest ? frame.low : min(open, close)
            return SimulatedBar(
                start: WallTime(seconds: starts[index]), open: open, high: high, low: low, close: close, volume: volume,
                turnover: volume * ((open + high + low + close) / 4), session: span.session)
        }
    }
}

/// What a session's walk is held by; prices in thousandths.
struct SessionFrame: Equatable, Sendable {
    var open: Int64
    var high: Int64
    var low: Int64
    var close: Int64
    var volume: Int64
}
