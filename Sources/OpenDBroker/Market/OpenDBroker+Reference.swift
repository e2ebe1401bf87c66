public import BrokerModel
internal import EventLoops
internal import OpenDWire

/// Sectors, adjustments, new issues, terms of futures, and screens.
///
/// - Source: Futu OpenAPI, "Get Sub-plate List", "Get Stocks in the Plate", "Get Plates of Stocks", "Get Adjustment
///   Factor", "Get IPO Information", "Get Futures Contract Information", "Filter Stocks by Condition".
extension OpenDBroker {
    /// The sectors of a market.
    public func sectors(_ market: Market, _ kind: SectorKind?, wait: Duration) async throws(BrokerFailure) -> [Sector] {
        var request = OpenD.QotGetPlateSet.C2S()
        request.market = market.quoteMarket
        request.plateSetType = kind?.code ?? 0
        return try await link.read(request, wait: wait).plateInfoList.compactMap { Sector($0, asked: kind) }
    }

    /// The securities of a sector.
    public func sectorMembers(_ id: Symbol, wait: Duration) async throws(BrokerFailure) -> [SectorMember] {
        var request = OpenD.QotGetPlateSecurity.C2S()
        request.plate = id.security
        return try await link.read(request, wait: wait).staticInfoList.compactMap { SectorMember($0) }
    }

    /// The sectors a security belongs to.
    public func sectors(of symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [Sector] {
        var request = OpenD.QotGetOwnerPlate.C2S()
        request.securityList = [symbol.security]
        let owners = try await link.read(request, wait: wait).ownerPlateList
        return owners.filter { Symbol($0.security) == symbol }.flatMap(\.plateInfoList).compactMap { Sector($0) }
    }

    /// What changed how prices compare, oldest first.
    public func adjustments(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [ExDateAdjustment] {
        var request = OpenD.QotRequestRehab.C2S()
        request.security = symbol.security
        return try await link.read(request, wait: wait).rehabList.compactMap { ExDateAdjustment($0) }
            .sorted { $0.exDate < $1.exDate }
    }

    /// Securities about to be listed, or listed lately.
    public func newIssues(_ market: Market, wait: Duration) async throws(BrokerFailure) -> [NewIssue] {
        var request = OpenD.QotGetIpoList.C2S()
        request.market = market.quoteMarket
        return try await link.read(request, wait: wait).ipoList.compactMap { NewIssue($0) }
    }

    /// Terms of futures. The gateway refuses a list for one code that it does not know; each is then asked for by itself.
    public func futures(
        _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<FutureContract> {
        do throws(BrokerFailure) {
            var results = SymbolResults<FutureContract>()
            for info in try await futureInfo(symbols, wait: wait) { results.values[info.symbol] = info }
            for symbol in symbols where results.values[symbol] == nil {
                results.failures[symbol] = BrokerFailure(.unknownSymbol, "The broker tells no terms of it.")
            }
            return results
        } catch {
            guard symbols.count > 1, error.kind == .unknownSymbol || error.kind == .invalidRequest else { throw error }
            var results = SymbolResults<FutureContract>()
            for symbol in symbols {
                do throws(BrokerFailure) {
                    results.values[symbol] = try await futureInfo([symbol], wait: wait).first { $0.symbol == symbol }
                    if results.values[symbol] == nil {
                        results.failures[symbol] = BrokerFailure(.unknownSymbol, "The broker tells no terms of it.")
                    }
                } catch { results.failures[symbol] = error }
            }
            return results
        }
    }

    /// The securities that pass all of the filters.
    public func screen(_ screen: Screen, wait: Duration) async throws(BrokerFailure) -> ScreenPage {
        ScreenPage(try await link.read(try OpenD.QotStockFilter.C2S(screen), wait: wait))
    }

    private func futureInfo(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> [FutureContract] {
        var request = OpenD.QotGetFutureInfo.C2S()
        request.securityList = symbols.map(\.security)
        return try await link.read(request, wait: wait).futureInfoList.compactMap { FutureContract($0) }
    }
}
