public import BrokerModel
internal import Bytes
public import Clocks
internal import EventLoops
internal import OpenDWire

/// Options and warrants.
extension OpenDBroker {
    /// The days options expire, ascending; expired ones are left out.
    public func optionExpirations(_ underlying: Symbol, wait: Duration) async throws(BrokerFailure) -> [CivilDate] {
        var request = OpenD.QotGetOptionExpirationDate.C2S()
        request.owner = underlying.security
        let answer = try await about(underlying, request, wait: wait)
        return Set(
            answer.dateList.filter { $0.optionExpiryDateDistance >= 0 }
                .compactMap { $0.strikeTime.flatMap { ExchangeTime.day($0) } }
        ).sorted()
    }

    /// The contracts of one expiry, by strike.
    public func optionChain(
        _ underlying: Symbol, expiry: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> [OptionChainRow] {
        var request = OpenD.QotGetOptionChain.C2S()
        request.owner = underlying.security
        request.beginTime = expiry.iso
        request.endTime = expiry.iso
        let answer = try await about(underlying, request, wait: wait)
        let items = answer.optionChain.filter { ExchangeTime.day($0.strikeTime) == expiry }.flatMap(\.option)
        return items.compactMap { OptionChainRow($0) }.sorted { $0.strike < $1.strike }
    }

    /// Present figures of options; the greeks are in the same snapshot.
    public func optionQuotes(
        _ symbols: [Symbol], includesGreeks: Bool, wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<OptionQuote> {
        let snapshots = try await snapshots(symbols, wait: wait)
        var results = SymbolResults<OptionQuote>(failures: snapshots.failures)
        for (symbol, snapshot) in snapshots.values {
            guard let option = snapshot.optionExData else {
                results.failures[symbol] = BrokerFailure(.unknownSymbol, "The security is no option.")
                continue
            }
            results.values[symbol] = OptionQuote(
                option, figures: Quote(snapshot.basic, symbol: symbol), includesGreeks: includesGreeks)
        }
        return results
    }

    /// Warrants of an underlying.
    public func warrants(
        _ underlying: Symbol, _ filter: WarrantFilter, wait: Duration
    ) async throws(BrokerFailure) -> WarrantPage {
        var request = try OpenD.QotGetWarrant.C2S(filter, today: underlying.market.timeZone.civil(at: .now()).date)
        request.owner = underlying.security
        let answer = try await about(underlying, request, wait: wait)
        return WarrantPage(
            rows: answer.warrantDataList.compactMap { WarrantRow($0) }, total: Int(max(0, answer.allCount)))
    }

    /// Present figures of warrants.
    public func warrantQuotes(
        _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<WarrantQuote> {
        let snapshots = try await snapshots(symbols, wait: wait)
        var results = SymbolResults<WarrantQuote>(failures: snapshots.failures)
        for (symbol, snapshot) in snapshots.values {
            guard let warrant = snapshot.warrantExData else {
                results.failures[symbol] = BrokerFailure(.unknownSymbol, "The security is no warrant.")
                continue
            }
            results.values[symbol] = WarrantQuote(warrant, figures: Quote(snapshot.basic, symbol: symbol))
        }
        return results
    }

    /// Who issues warrants: the gateway's table has letters for names.
    public func warrantIssuers(wait: Duration) async throws(BrokerFailure) -> [WarrantIssuer] {
        OpenD.QotCommon.Issuer.names.filter { $0.number > 0 }.map { entry in
            var issuer = WarrantIssuer(id: entry.number)
            issuer.nameEnglish = String(entry.name.description.dropFirst("Issuer_".count))
            return issuer
        }
    }

    /// A request in which nothing but the security can be wrong.
    func about<Request: OpenDRequestMessage>(
        _ symbol: Symbol, _ request: Request, wait: Duration
    ) async throws(BrokerFailure) -> Request.Reply {
        do throws(BrokerFailure) { return try await link.read(request, wait: wait) } catch { throw error.aboutSymbol }
    }
}
