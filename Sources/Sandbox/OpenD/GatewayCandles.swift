internal import Clocks
internal import OpenDWire

/// Periods of candles by the gateway's numbers.
enum GatewayPeriod {
    static func period(_ number: Int32) -> CandlePeriod? {
        switch number {
        case 1: .minutes(1)
        case 10: .minutes(3)
        case 6: .minutes(5)
        case 12: .minutes(10)
        case 7: .minutes(15)
        case 8: .minutes(30)
        case 9: .minutes(60)
        case 13: .minutes(120)
        case 14: .minutes(180)
        case 15: .minutes(240)
        case 2: .day
        case 3: .week
        case 4: .month
        case 11: .quarter
        case 5: .year
        default: nil
        }
    }

    /// Types of subscriptions and the candles they are of.
    static let bySubscription: [Int32: Int32] = [
        11: 1, 17: 10, 7: 6, 18: 12, 8: 7, 9: 8, 10: 9, 19: 13, 20: 14, 21: 15, 6: 2, 12: 3, 13: 4, 15: 11, 16: 5,
    ]

    static func subscription(of period: Int32) -> Int32? { bySubscription.first { $0.value == period }?.key }
}

/// Candles of an instrument as the gateway gives them.
struct GatewayCandles {
    let view: GatewayView
    let period: CandlePeriod
    /// 0 none, 1 forward, 2 backward.
    let adjustment: Int32
    let includesExtended: Bool
    /// Whether minute bars are dated at their start.
    var isDatedAtStart = false
    let now: WallTime

    /// Candles by the time they are dated at, oldest first, each with the close before it.
    func lines(_ range: CandleRange) -> [OpenD.QotCommon.KLine] {
        var wider = range
        // One more, for the close before the first.
        wider.count = range.isForward ? range.count : range.count == .max ? .max : range.count + 1
        if let length = minutes, !isDatedAtStart {
            // A bar is dated at its end: the range is one of ends.
            wider.from = range.from.map { $0 + .seconds(-length * 60) }
            wider.through = range.through.map { $0 + .seconds(-length * 60) }
        }
        let bars = SimulatedCandles(
            listing: view.listing, period: period, includesExtended: includesExtended, now: now
        ).bars(wider).map(adjusted)
        var close = bars.first.flatMap(closeBefore)
        let lines = bars.map { bar in
            let line = line(bar, close)
            close = bar.close
            return line
        }
        return range.isForward ? lines : Array(lines.suffix(range.count))
    }

    private var minutes: Int64? {
        if case .minutes(let length) = period { return length }
        return nil
    }

    private func closeBefore(_ bar: SimulatedBar) -> Int64? {
        let range = CandleRange(through: bar.start + .milliseconds(-1), count: 1)
        return SimulatedCandles(
            listing: view.listing, period: period, includesExtended: includesExtended, now: now
        ).bars(range).last.map { adjusted($0).close }
    }

    private func adjusted(_ bar: SimulatedBar) -> SimulatedBar {
        var seen = view.bar(bar)
        let shift = Dividends.shift(view.instrument, adjustment, at: bar.start, now: now)
        guard shift != 0 else { return seen }
        seen.open = max(1, seen.open + shift)
        seen.high = max(1, seen.high + shift)
        seen.low = max(1, seen.low + shift)
        seen.close = max(1, seen.close + shift)
        return seen
    }

    private func line(_ bar: SimulatedBar, _ before: Int64?) -> OpenD.QotCommon.KLine {
        let zone = view.instrument.zone
        var line = OpenD.QotCommon.KLine()
        let time = minutes.map { isDatedAtStart ? bar.start : bar.start + .seconds($0 * 60) } ?? bar.start
        line.time = GatewayTime.text(time, zone)
        line.timestamp = GatewayTime.stamp(time)
        line.isBlank = false
        line.openPrice = GatewayView.amount(bar.open)
        line.highPrice = GatewayView.amount(bar.high)
        line.lowPrice = GatewayView.amount(bar.low)
        line.closePrice = GatewayView.amount(bar.close)
        line.lastClosePrice = before.map(GatewayView.amount) ?? 0
        line.volume = bar.volume
        line.turnover = GatewayView.amount(bar.turnover)
        if let before, before > 0 {
            line.changeRate = GatewayView.rounded(Double(bar.close - before) / Double(before) * 100)
        } else {
            line.changeRate = 0
        }
        line.turnoverRate = 0
        line.pe = 0
        if case .share = view.instrument.kind, minutes == nil {
            let source = view.instrument.source
            let shares = Double(max(1, source.millionShares)) * 1_000_000
            line.turnoverRate = (Double(bar.volume) / shares * 100_000).rounded() / 100_000
            if source.earnings > 0 { line.pe = GatewayView.rounded(Double(bar.close) / Double(source.earnings)) }
        }
        return line
    }
}

/// Cash dividends of the simulation's shares: one each May, for the adjustment of candles.
enum Dividends {
    struct Dividend: Equatable, Sendable {
        let exDate: CivilDate
        /// A share, in thousandths.
        let amount: Int64
    }

    /// Those until `now`, oldest first.
    static func all(_ instrument: GatewayInstrument, now: WallTime) -> [Dividend] {
        let source = instrument.source
        guard case .share = instrument.kind, source.dividendYield > 0 else { return [] }
        let today = instrument.zone.civil(at: now).date
        let amount = max(10, source.price * source.dividendYield / 10_000 / 10 * 10)
        return (2021...max(2021, today.year)).compactMap { year in
            guard var day = CivilDate(year: year, month: 5, day: 15) else { return nil }
            while !TradingCalendar.isTrading(instrument.market, day) { day = day.adding(days: 1) }
            return day <= today ? Dividend(exDate: day, amount: amount) : nil
        }
    }

    /// What a price at `time` is moved by.
    static func shift(_ instrument: GatewayInstrument, _ adjustment: Int32, at time: WallTime, now: WallTime) -> Int64 {
        guard adjustment != 0 else { return 0 }
        let date = instrument.zone.civil(at: time).date
        let dividends = all(instrument, now: now)
        return adjustment == 1
            ? -dividends.filter { $0.exDate > date }.reduce(0) { $0 + $1.amount }
            : dividends.filter { $0.exDate <= date }.reduce(0) { $0 + $1.amount }
    }
}
