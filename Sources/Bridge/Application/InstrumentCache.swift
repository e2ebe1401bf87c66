internal import BrokerModel
internal import BrokerSessions
internal import Clocks
internal import EventLoops

/// What is fixed about securities, for checks that must not cost the broker a call each.
@LoopActor
final class InstrumentCache {
    private var known: [String: (instrument: Instrument, at: Instant)] = [:]

    /// Kept so long; lots change with corporate actions.
    private static let life = Duration.seconds(6 * 3600)
    /// Securities kept; when more come, all are let go.
    private static let bound = 20_000

    /// The securities, asked of the broker where they are not known.
    func instruments(
        _ symbols: [Symbol], _ broker: any Broker, wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<Instrument> {
        let now = Instant.now()
        var results = SymbolResults<Instrument>()
        var missing: [Symbol] = []
        for symbol in symbols {
            if let entry = known[key(symbol, broker)], now - entry.at < InstrumentCache.life {
                results.values[symbol] = entry.instrument
            } else {
                missing.append(symbol)
            }
        }
        guard !missing.isEmpty else { return results }
        let fresh = try await broker.instruments(missing, wait: wait)
        if known.count > InstrumentCache.bound { known = [:] }
        for (symbol, instrument) in fresh.values {
            known[key(symbol, broker)] = (instrument, now)
            results.values[symbol] = instrument
        }
        results.failures = fresh.failures
        return results
    }

    private func key(_ symbol: Symbol, _ broker: any Broker) -> String { "\(broker.account.alias)/\(symbol.text)" }
}
