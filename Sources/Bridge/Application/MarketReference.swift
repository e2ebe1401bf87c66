internal import BrokerModel
internal import BrokerSessions
internal import Clocks
internal import EventLoops

/// Hours and days of the markets as the routes last learnt them, so that telling a market's state costs the broker nothing.
@LoopActor
final class MarketReference {
    private struct Known {
        var hours: [MarketHours]
        var days: [Market: TradingDays]
        var date: CivilDate
        var at: Instant
    }

    private var known: [String: Known] = [:]

    /// How long hours and days are believed.
    private static let life = Duration.seconds(2 * 3600)

    /// Each market the broker tells hours of, with its days around today.
    func markets(
        _ broker: any Broker, at now: WallTime, wait: Duration
    ) async throws(BrokerFailure) -> [(hours: MarketHours, days: TradingDays)] {
        let alias = broker.account.alias
        let today = TimeZoneRule.utc.civil(at: now).date
        if let known = known[alias], known.date == today, Instant.now() - known.at < MarketReference.life {
            return MarketReference.list(known)
        }
        let hours = try await broker.marketHours(wait: wait)
        var fresh = Known(hours: hours, days: [:], date: today, at: .now())
        for market in hours.map(\.market) {
            do throws(BrokerFailure) {
                fresh.days[market] = try await broker.tradingDays(
                    market, from: today.adding(days: -2), through: today.adding(days: 12), wait: wait)
            } catch {
                // A broker may know a market's hours and not its days, as an older gateway; the others are told all the same.
                guard error.kind == .invalidRequest || error.kind == .notSupported else { throw error }
                fresh.hours.removeAll { $0.market == market }
            }
        }
        known[alias] = fresh
        return MarketReference.list(fresh)
    }

    private static func list(_ known: Known) -> [(hours: MarketHours, days: TradingDays)] {
        known.hours.map { ($0, known.days[$0.market] ?? TradingDays()) }
    }
}
