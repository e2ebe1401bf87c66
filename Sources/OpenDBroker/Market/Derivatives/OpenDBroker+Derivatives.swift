public import BrokerModel
public import Clocks
internal import EventLoops
internal import OpenDWire

/// Options and warrants.
extension OpenDBroker {
    private var derivatives: OpenDDerivatives { OpenDDerivatives(calls: link) }

    /// The days options expire, ascending; expired ones are left out.
    public func optionExpirations(_ underlying: Symbol, wait: Duration) async throws(BrokerFailure) -> [CivilDate] {
        try await derivatives.expirations(underlying, wait: wait)
    }

    /// The contracts of one expiry, by strike.
    public func optionChain(
        _ underlying: Symbol, expiry: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> [OptionChainRow] {
        try await derivatives.chain(underlying, expiry: expiry, wait: wait)
    }

    /// Present figures of options; the greeks are in the same snapshot.
    public func optionQuotes(
        _ symbols: [Symbol], includesGreeks: Bool, wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<OptionQuote> {
        try await snapshots(symbols, wait: wait).mapped(orElse: .noOption) { symbol, snapshot in
            snapshot.optionExData.map {
                OptionQuote($0, figures: Quote(snapshot.basic, symbol: symbol), includesGreeks: includesGreeks)
            }
        }
    }

    /// Warrants of an underlying.
    public func warrants(
        _ underlying: Symbol, _ filter: WarrantFilter, wait: Duration
    ) async throws(BrokerFailure) -> WarrantPage {
        let today = underlying.market.timeZone.civil(at: .now()).date
        return try await derivatives.warrants(underlying, filter, today: today, wait: wait)
    }

    /// Present figures of warrants.
    public func warrantQuotes(
        _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<WarrantQuote> {
        try await snapshots(symbols, wait: wait).mapped(orElse: .noWarrant) { symbol, snapshot in
            snapshot.warrantExData.map { WarrantQuote($0, figures: Quote(snapshot.basic, symbol: symbol)) }
        }
    }

    /// Who issues warrants; the gateway has a table of them, and no call.
    public func warrantIssuers(wait: Duration) async throws(BrokerFailure) -> [WarrantIssuer] { WarrantIssuer.table }
}

extension BrokerFailure {
    /// A security of another kind was asked for.
    static let noOption = BrokerFailure(.unknownSymbol, "The security is no option.")
    static let noWarrant = BrokerFailure(.unknownSymbol, "The security is no warrant.")
}
