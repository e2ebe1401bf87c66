public import BrokerModel
public import Clocks
public import EventLoops

/// Options and warrants, where a broker has them. The rules of ``Broker``'s reads hold here too.
@LoopActor
public protocol DerivativeReads: AnyObject {
    /// The days options on a security expire, ascending.
    func optionExpirations(_ underlying: Symbol, wait: Duration) async throws(BrokerFailure) -> [CivilDate]
    /// The contracts of one expiry, by strike.
    func optionChain(_ underlying: Symbol, expiry: CivilDate, wait: Duration) async throws(BrokerFailure)
        -> [OptionChainRow]
    /// Present figures of options. Greeks may cost another call.
    func optionQuotes(_ symbols: [Symbol], includesGreeks: Bool, wait: Duration) async throws(BrokerFailure)
        -> SymbolResults<OptionQuote>
    /// Warrants of an underlying.
    func warrants(_ underlying: Symbol, _ filter: WarrantFilter, wait: Duration) async throws(BrokerFailure)
        -> WarrantPage
    /// Present figures of warrants.
    func warrantQuotes(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> SymbolResults<WarrantQuote>
    /// Who issues warrants.
    func warrantIssuers(wait: Duration) async throws(BrokerFailure) -> [WarrantIssuer]
}

extension DerivativeReads {
    /// Not offered.
    public func optionExpirations(_ underlying: Symbol, wait: Duration) async throws(BrokerFailure) -> [CivilDate] {
        throw .notOffered
    }
    /// Not offered.
    public func optionChain(
        _ underlying: Symbol, expiry: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> [OptionChainRow] { throw .notOffered }
    /// Not offered.
    public func optionQuotes(
        _ symbols: [Symbol], includesGreeks: Bool, wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<OptionQuote> { throw .notOffered }
    /// Not offered.
    public func warrants(
        _ underlying: Symbol, _ filter: WarrantFilter, wait: Duration
    ) async throws(BrokerFailure) -> WarrantPage { throw .notOffered }
    /// Not offered.
    public func warrantQuotes(
        _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<WarrantQuote> { throw .notOffered }
    /// Not offered.
    public func warrantIssuers(wait: Duration) async throws(BrokerFailure) -> [WarrantIssuer] { throw .notOffered }
}
