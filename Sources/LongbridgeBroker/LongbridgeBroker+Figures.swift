public import BrokerModel
internal import Bytes
internal import Clocks
internal import LongbridgeWire

/// Calculated figures and flows of money.
extension LongbridgeBroker {
    /// Calculated figures, as many securities at once as the broker takes.
    public func indicators(
        _ symbols: [Symbol], _ fields: [Indicator], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<IndicatorValues> {
        var results = SymbolResults<IndicatorValues>()
        for batch in batches(symbols) {
            var request = Longbridge.Quote.SecurityCalcQuoteRequest()
            request.symbols = batch.map(\.wire)
            request.calcIndex = fields.map { Longbridge.Quote.CalcIndex(rawValue: $0.number) }
            let answer = try await link.request(
                .calculatedIndexes, request, as: Longbridge.Quote.SecurityCalcQuoteResponse.self, wait: wait)
            for record in answer.securityCalcIndex {
                guard let symbol = Symbol(record.symbol) else { continue }
                results.values[symbol] = IndicatorValues(record, symbol: symbol, fields: fields)
            }
        }
        return complete(results, symbols)
    }

    /// Net inflow minute by minute, oldest first.
    public func capitalFlow(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> [CapitalFlowPoint] {
        var request = Longbridge.Quote.CapitalFlowIntradayRequest()
        request.symbol = symbol.wire
        let answer = try await link.request(
            .capitalFlowIntraday, request, as: Longbridge.Quote.CapitalFlowIntradayResponse.self, wait: wait)
        return answer.capitalFlowLines.compactMap { line in
            wallTime(line.timestamp).map { CapitalFlowPoint(time: $0, netInflow: decimal(line.inflow)) }
        }
    }

    /// The day's money by the size of orders.
    public func capitalDistribution(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> CapitalDistribution
    {
        var request = Longbridge.Quote.SecurityRequest()
        request.symbol = symbol.wire
        let answer = try await link.request(
            .capitalFlowDistribution, request, as: Longbridge.Quote.CapitalDistributionResponse.self, wait: wait)
        return CapitalDistribution(answer, symbol: symbol)
    }
}

extension CapitalDistribution {
    /// A distribution of the vendor's.
    init(_ answer: Longbridge.Quote.CapitalDistributionResponse, symbol: Symbol) {
        func sizes(_ money: Longbridge.Quote.CapitalDistributionResponse.CapitalDistribution?) -> CapitalBySize {
            CapitalBySize(
                large: decimal(money?.large ?? ""), medium: decimal(money?.medium ?? ""),
                small: decimal(money?.small ?? ""))
        }
        self.init(
            symbol: symbol, time: wallTime(answer.timestamp), inflow: sizes(answer.capitalIn),
            outflow: sizes(answer.capitalOut))
    }
}
