internal import Bytes
internal import Clocks

/// The simulated market. It is told the time, holds no clock, and begins a security's day when it is first asked for.
///
/// A security's past is a function of the seed and the date. Its running sessions are traded here: up to the present as
/// the archive would have it, then trade by trade. Every figure of a session is the sum of its trades.
struct MarketSimulation: Sendable {
    let hours: MarketHours
    private let seed: UInt64
    private var listings: [String: SimulatedListing] = [:]
    private var random: SplitMix64
    /// Of each security that ticks, the trades that were told of.
    private var told: [String: Int] = [:]

    /// The same seed, hours and times give the same market.
    init(seed: UInt64, hours: MarketHours) {
        self.seed = seed
        self.hours = hours
        random = SplitMix64(seed: PricePath.mixed(seed, 0x7EA5))
    }

    /// A security at `now`; `nil` for one the simulation does not know.
    mutating func listing(_ symbol: String, at now: WallTime) -> SimulatedListing? {
        if listings[symbol] == nil {
            guard let security = SimulatedSecurity.listed(symbol) else { return nil }
            listings[symbol] = SimulatedListing(security, seed: seed, hours: hours, now: now)
        } else {
            listings[symbol]?.advance(to: now)
        }
        return listings[symbol]
    }

    /// How lively a tick is.
    struct Pace: Equatable, Sendable {
        /// Of each hundred securities, how many trade in one tick.
        var percentTrading = 50
        /// The most trades of a security in one tick.
        var maximumTrades = 3
    }

    /// Trades in some of `symbols`; how many trades of each were not told of before, such as those with which a session
    /// opens. Securities whose market is closed do not trade.
    mutating func tick(_ symbols: some Collection<String>, at now: WallTime, pace: Pace = Pace()) -> [(
        symbol: String, trades: Int
    )] {
        var traded: [(String, Int)] = []
        told = told.filter { symbols.contains($0.key) }
        for symbol in symbols where told[symbol] == nil { told[symbol] = listing(symbol, at: now)?.tradeCount }
        for symbol in symbols.sorted() {
            guard random.next(below: 100) < pace.percentTrading else { continue }
            // Each level of an index is a quote of its own: nothing else tells of it.
            let isIndex = SimulatedSecurity.listed(symbol)?.isIndex ?? false
            let wanted = isIndex ? 1 : 1 + random.next(below: pace.maximumTrades)
            if listings[symbol] == nil { _ = listing(symbol, at: now) } else { listings[symbol]?.advance(to: now) }
            var count = 0
            while count < wanted, listings[symbol]?.trade(at: now) == true { count += 1 }
            guard count > 0, let total = listings[symbol]?.tradeCount else { continue }
            traded.append((symbol, min(total - (told[symbol] ?? total), SimulatedListing.tradesKept)))
            told[symbol] = total
        }
        return traded
    }

    /// Candles of a security, oldest first; `nil` for one the simulation does not know.
    mutating func candles(
        _ symbol: String, _ period: CandlePeriod, includesExtended: Bool, _ range: CandleRange, at now: WallTime
    ) -> [SimulatedBar]? {
        listing(symbol, at: now).map {
            SimulatedCandles(listing: $0, period: period, includesExtended: includesExtended, now: now).bars(range)
        }
    }
}
