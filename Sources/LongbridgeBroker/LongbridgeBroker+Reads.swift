public import BrokerModel
internal import Clocks
internal import EventLoops
internal import LongbridgeWire

extension LongbridgeBroker {
    /// Present figures. Securities the broker leaves out are unknown to it.
    public func quotes(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> SymbolResults<Quote> {
        var results = SymbolResults<Quote>()
        for batch in batches(symbols) {
            let answer = try await link.request(
                .securityQuote, request(batch), as: Longbridge.Quote.SecurityQuoteResponse.self, wait: wait)
            for record in answer.secuQuote {
                guard let symbol = Symbol(record.symbol) else { continue }
                results.values[symbol] = Quote(record, symbol: symbol, session: nil)
            }
        }
        return complete(results, symbols)
    }

    /// What is fixed about securities. Those the broker leaves out are unknown to it.
    public func instruments(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> SymbolResults<
        Instrument
    > {
        var results = SymbolResults<Instrument>()
        for batch in batches(symbols) {
            let answer = try await link.request(
                .securityStaticInfo, request(batch), as: Longbridge.Quote.SecurityStaticInfoResponse.self, wait: wait)
            for info in answer.secuStaticInfo {
                guard let symbol = Symbol(info.symbol) else { continue }
                results.values[symbol] = Instrument(info, symbol: symbol)
            }
        }
        return complete(results, symbols)
    }

    /// The order book.
    public func depth(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> OrderBook {
        var request = Longbridge.Quote.SecurityRequest()
        request.symbol = symbol.wire
        let answer = try await link.request(
            .depth, request, as: Longbridge.Quote.SecurityDepthResponse.self, wait: wait)
        var merger = DepthMerger()
        merger.replace(bids: answer.bid, asks: answer.ask)
        return OrderBook(merger, symbol: symbol)
    }

    /// The newest trades, oldest first.
    public func trades(_ symbol: Symbol, limit: Int, wait: Duration) async throws(BrokerFailure) -> [BrokerModel.Trade]
    {
        var request = Longbridge.Quote.SecurityTradeRequest()
        request.symbol = symbol.wire
        request.count = Int32(clamping: limit)
        let answer = try await link.request(
            .trades, request, as: Longbridge.Quote.SecurityTradeResponse.self, wait: wait)
        return answer.trades.compactMap { BrokerModel.Trade($0) }
    }

    /// The newest candles, oldest first. A bar with another behind it is final.
    public func candles(_ wanted: CandleRequest, wait: Duration) async throws(BrokerFailure) -> [Candle] {
        try await candles(wanted, wait: wait, onAnswer: nil)
    }

    /// - Parameter onAnswer: called when the answer arrives, before any push behind it.
    func candles(
        _ wanted: CandleRequest, wait: Duration, onAnswer: (@LoopActor () -> Void)?
    ) async throws(BrokerFailure) -> [Candle] {
        var request = Longbridge.Quote.SecurityCandlestickRequest()
        request.symbol = wanted.symbol.wire
        request.period = Longbridge.Quote.Period(wanted.interval)
        request.count = Int32(clamping: wanted.limit)
        request.adjustType = wanted.adjustment == .forward ? .forwardAdjust : .noAdjust
        request.tradeSession = wanted.sessions.wire
        let answer = try await link.request(
            .candlesticks, request, as: Longbridge.Quote.SecurityCandlestickResponse.self, wait: wait,
            onAnswer: onAnswer)
        let last = answer.candlesticks.count - 1
        let now = WallTime.now()
        return answer.candlesticks.enumerated().compactMap { index, bar in
            guard var candle = Candle(bar, isFinal: true) else { return nil }
            // The newest one ends with its time; what trades in a closing auction, up to ten minutes later, belongs to it.
            let end = wanted.interval.end(ofCandleAt: candle.start, zone: wanted.symbol.market.timeZone)
            candle.isFinal = index < last || end + .seconds(600) <= now
            return candle
        }
    }

    /// The minutes of the day, oldest first.
    public func intraday(
        _ symbol: Symbol, sessions: SessionFilter, wait: Duration
    ) async throws(BrokerFailure) -> [IntradayPoint] {
        var request = Longbridge.Quote.SecurityIntradayRequest()
        request.symbol = symbol.wire
        request.tradeSession = sessions.wire
        let answer = try await link.request(
            .intraday, request, as: Longbridge.Quote.SecurityIntradayResponse.self, wait: wait)
        return answer.lines.compactMap { IntradayPoint($0) }
    }

    func batches(_ symbols: [Symbol]) -> [[Symbol]] {
        stride(from: 0, to: symbols.count, by: QuoteLimits.symbolsPerRequest).map {
            Array(symbols[$0..<min($0 + QuoteLimits.symbolsPerRequest, symbols.count)])
        }
    }

    func request(_ symbols: [Symbol]) -> Longbridge.Quote.MultiSecurityRequest {
        var request = Longbridge.Quote.MultiSecurityRequest()
        request.symbol = symbols.map(\.wire)
        return request
    }

    /// Names those that were left out, and drops what nobody asked for.
    func complete<Value>(_ results: SymbolResults<Value>, _ symbols: [Symbol]) -> SymbolResults<Value> {
        let asked = Set(symbols)
        var results = results
        results.values = results.values.filter { asked.contains($0.key) }
        for symbol in asked where results.values[symbol] == nil {
            results.failures[symbol] = .leftOut
        }
        return results
    }
}
