internal import Bytes
internal import Clocks

/// The simulated market: every security's day, moved on by trades when asked to.
///
/// Markets are open around the clock, so that a demonstration works at any hour: the trading day of an exchange is its
/// civil day, and times are the present. Past days have the exchange's regular hours.
struct MarketSimulation: Sendable {
    private let seed: UInt64
    private var listings: [String: SimulatedListing] = [:]
    private var random: SplitMix64

    /// The market at `now`; the same seed and time give the same market.
    init(seed: UInt64, now: WallTime) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        for security in SimulatedSecurity.all { open(security, now) }
    }

    private mutating func open(_ security: SimulatedSecurity, _ now: WallTime) {
        let zone = MarketSimulation.zone(security)
        let today = zone.civil(at: now).date
        let last = SimulatedHistory.days(security, seed: seed, before: today, count: 1, zone: zone).last
        listings[security.symbol] = SimulatedListing(
            security, seed: seed, previousClose: last?.close ?? security.price, zone: zone, now: now)
    }

    /// The exchange's clock.
    static func zone(_ security: SimulatedSecurity) -> TimeZoneRule {
        switch security.market {
        case "US": .newYork
        case "SH", "SZ": .shanghai
        case "SG": .singapore
        default: .hongKong
        }
    }

    /// A security by its symbol.
    subscript(symbol: String) -> SimulatedListing? { listings[symbol] }

    /// Up to three trades in each of about a third of `symbols`; which ones traded. A new day begins when it is one.
    mutating func advance(_ symbols: some Collection<String>, to now: WallTime) -> [String: Int] {
        var traded: [String: Int] = [:]
        for symbol in symbols.sorted() {
            guard let listing = listings[symbol] else { continue }
            if MarketSimulation.zone(listing.security).civil(at: now).date != listing.day {
                open(listing.security, now)
            }
            guard random.next(upperBound: 3) == 0 else { continue }
            let count = 1 + Int(random.next(upperBound: 3))
            for _ in 0..<count { listings[symbol]?.trade(at: now) }
            traded[symbol] = count
        }
        return traded
    }

    /// The newest `count` bars of a period, oldest first, the running one included. Periods are the vendor's numbers.
    func candles(_ symbol: String, period: Int32, count: Int) -> [SimulatedBar]? {
        guard let listing = listings[symbol] else { return nil }
        let security = listing.security
        let zone = MarketSimulation.zone(security)
        var today = listing.today
        today.start = zone.wallTime(listing.day, secondOfDay: 0)
        func days(_ count: Int) -> [SimulatedBar] {
            SimulatedHistory.days(security, seed: seed, before: listing.day, count: count, zone: zone) + [today]
        }
        switch period {
        case 1...240:
            var bars = SimulatedHistory.grouped(listing.minutes, minutes: Int64(period))
            let perDay = max(1, 330 / Int(period))
            if bars.count < count {
                let past = SimulatedHistory.days(
                    security, seed: seed, before: listing.day, count: (count - bars.count) / perDay + 1, zone: zone)
                bars =
                    past.flatMap {
                        SimulatedHistory.grouped(
                            SimulatedHistory.minutes(of: $0, security, seed: seed, zone: zone), minutes: Int64(period))
                    } + bars
            }
            return bars.suffix(count)
        case 1000: return days(count).suffix(count)
        case 2000: return group(days(count * 5 + 5), zone) { $0.adding(days: -(($0.weekday + 6) % 7)) }.suffix(count)
        case 3000: return group(days(count * 23 + 23), zone) { first($0, of: 1) }.suffix(count)
        case 3500: return group(days(min(count, 80) * 67 + 67), zone) { first($0, of: 3) }.suffix(count)
        case 4000: return group(days(min(count, 20) * 262 + 262), zone) { first($0, of: 12) }.suffix(count)
        default: return nil
        }
    }

    private func group(_ bars: [SimulatedBar], _ zone: TimeZoneRule, _ start: (CivilDate) -> CivilDate)
        -> [SimulatedBar]
    {
        SimulatedHistory.joined(bars) { zone.wallTime(start(zone.civil(at: $0.start).date), secondOfDay: 0) }
    }

    /// The first day of the span of `months` months that holds `date`.
    private func first(_ date: CivilDate, of months: Int) -> CivilDate {
        CivilDate(year: date.year, month: (date.month - 1) / months * months + 1, day: 1) ?? date
    }
}
