public import BrokerModel
internal import EventLoops

/// Calculated figures, and the ways of money.
extension OpenDBroker {
    /// The figures a snapshot has; the gateway calculates no others.
    public func indicators(
        _ symbols: [Symbol], _ fields: [Indicator], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<IndicatorValues> {
        let snapshots = try await snapshots(symbols, wait: wait)
        var results = SymbolResults<IndicatorValues>(failures: snapshots.failures)
        for (symbol, snapshot) in snapshots.values {
            results.values[symbol] = IndicatorValues(snapshot, symbol: symbol, fields: fields)
        }
        return results
    }

    /// Net inflow of the day, minute by minute.
    public func capitalFlow(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [CapitalFlowPoint] {
        try await OpenDFlows(calls: link).flow(symbol, wait: wait)
    }

    /// The day's money by the size of orders.
    public func capitalDistribution(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> CapitalDistribution
    {
        try await OpenDFlows(calls: link).distribution(symbol, wait: wait)
    }
}
