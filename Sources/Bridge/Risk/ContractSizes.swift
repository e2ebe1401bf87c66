internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops

/// How many shares, or units of money a point, one of a security is: 1, but of options and futures as their terms say.
@LoopActor
final class ContractSizes {
    private enum Kind: Sendable {
        case shares, option, future
        /// The broker did not tell, and its code is not one of shares.
        case unknown
    }

    private var known: [String: (size: DecimalText, at: Instant)] = [:]

    /// Terms change with corporate actions, as lots do.
    private static let life = Duration.seconds(6 * 3600)
    /// Contracts kept; when more come, all are let go.
    private static let bound = 5000

    /// `nil` where nobody tells it in time, or nobody needs it enough to ask.
    ///
    /// - Parameter sources: who may be asked, the best first.
    func size(
        _ symbol: Symbol, _ instrument: Instrument?, of sources: [any Broker], isNeeded: Bool, wait: Duration
    ) async -> DecimalText? {
        let kind = ContractSizes.kind(symbol, instrument)
        guard kind != .shares else { return DecimalText(1) }
        if let entry = known[symbol.text], Instant.now() - entry.at < ContractSizes.life { return entry.size }
        let capability: Capability = kind == .future ? .futures : .options
        let source = sources.first {
            $0.account.capabilities.contains(capability) && $0.account.markets.contains(symbol.market)
        }
        guard isNeeded, let source, let size = await ask(source, kind, symbol, wait), size > .zero else {
            // By the rules of the exchange, if nobody told.
            return kind == .option && symbol.market == .unitedStates ? symbol.unitsPerContract : nil
        }
        if known.count >= ContractSizes.bound { known = [:] }
        known[symbol.text] = (size, .now())
        return size
    }

    private func ask(_ broker: any Broker, _ kind: Kind, _ symbol: Symbol, _ wait: Duration) async -> DecimalText? {
        do throws(BrokerFailure) {
            switch kind {
            case .shares: return DecimalText(1)
            case .unknown: return nil
            case .option:
                let quote = try await broker.optionQuotes([symbol], includesGreeks: false, wait: wait).values[symbol]
                return quote?.multiplier ?? quote?.contractSize
            case .future: return try await broker.futures([symbol], wait: wait).values[symbol]?.contractSize
            }
        } catch { return nil }
    }

    private static func kind(_ symbol: Symbol, _ instrument: Instrument?) -> Kind {
        if OptionCode(symbol.code) != nil { return .option }
        switch instrument?.type {
        case "option": return .option
        case "future": return .future
        case .some: return .shares
        // Only some brokers tell the type. Codes of futures have letters and digits; those of shares both in Singapore alone.
        case nil: return instrument == nil && symbol.market != .singapore && isMixed(symbol.code) ? .unknown : .shares
        }
    }

    private static func isMixed(_ code: String) -> Bool {
        code.contains(where: \.isNumber) && code.contains(where: \.isLetter)
    }
}
