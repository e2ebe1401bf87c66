internal import Bytes
internal import Clocks

/// Past bars of a security, invented from a seed: the same bar asked for twice is the same.
enum SimulatedHistory {
    /// A stable hash of a text (FNV-1a).
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
    }

    /// The `count` trading days before `today`, oldest first; each opens near the close before it.
    static func days(
        _ security: SimulatedSecurity, seed: UInt64, before today: CivilDate, count: Int, zone: TimeZoneRule
    ) -> [SimulatedBar] {
        var bars: [SimulatedBar] = []
        var close = security.price
        var date = today
        while bars.count < count {
            date = date.adding(days: -1)
            guard (1...5).contains(date.weekday) else { continue }
            var random = SplitMix64(seed: seed ^ hash(security.symbol) ^ UInt64(bitPattern: Int64(date.daysSinceEpoch)))
            func permille(_ bound: Int64) -> Int64 { Int64(random.next(upperBound: UInt64(bound * 2 + 1))) - bound }
            let open = TickTable.rounded(close * 1000 / (1000 + permille(20)), security)
            let high = TickTable.rounded(max(open, close) * (1000 + abs(permille(10))) / 1000, security)
            let low = TickTable.rounded(min(open, close) * (1000 - abs(permille(10))) / 1000, security)
            let lots = 10_000 + Int64(random.next(upperBound: 40_000 as UInt64))
            let volume = security.isIndex ? 0 : lots * (security.lotSize == 1 ? 100 : security.lotSize)
            bars.append(
                SimulatedBar(
                    start: zone.wallTime(date, secondOfDay: 0), open: open, high: max(high, open, close),
                    low: min(low, open, close), close: close, volume: volume, turnover: volume * ((high + low) / 2)))
            close = TickTable.rounded(open * 1000 / (1000 + permille(4)), security)
        }
        return bars.reversed()
    }

    /// Bars of `minutes` each, cut from the minutes of the day.
    static func grouped(_ bars: [SimulatedBar], minutes: Int64) -> [SimulatedBar] {
        guard minutes > 1 else { return bars }
        return joined(bars) { WallTime(seconds: $0.start.seconds - $0.start.seconds % (minutes * 60)) }
    }

    /// Bars joined by the start `key` gives them.
    static func joined(_ bars: [SimulatedBar], key: (SimulatedBar) -> WallTime) -> [SimulatedBar] {
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

    /// The minutes of a past day: a walk from its open to its close within its range, in the regular session.
    static func minutes(
        of day: SimulatedBar, _ security: SimulatedSecurity, seed: UInt64, zone: TimeZoneRule
    ) -> [SimulatedBar] {
        let date = zone.civil(at: day.start).date
        let parts: [(Int, Int)] = security.isUnitedStates ? [(570, 960)] : [(570, 720), (780, 960)]
        let times = parts.flatMap { Array($0.0..<$0.1) }
        var random = SplitMix64(seed: seed ^ hash(security.symbol) ^ UInt64(bitPattern: day.start.seconds))
        var price = day.open
        return times.enumerated().map { index, minute in
            let open = price
            let target = day.open + (day.close - day.open) * Int64(index + 1) / Int64(times.count)
            let noise = (Int64(random.next(upperBound: 201 as UInt64)) - 100) * (day.high - day.low) / 600
            var close = min(max(TickTable.rounded(target + noise, security), day.low), day.high)
            if index == times.count - 1 { close = day.close }
            var high = max(open, close)
            var low = min(open, close)
            if index == times.count / 3 { high = day.high }
            if index == times.count * 2 / 3 { low = day.low }
            price = close
            let volume = day.volume / Int64(times.count)
            return SimulatedBar(
                start: zone.wallTime(date, secondOfDay: minute * 60), open: open, high: high, low: low, close: close,
                volume: volume, turnover: volume * ((high + low) / 2))
        }
    }
}

extension SplitMix64 {
    /// A number below `bound`; the slight bias of the remainder does not matter to a simulation.
    mutating func next(upperBound bound: UInt64) -> UInt64 {
        bound == 0 ? 0 : next() % bound
    }
}
