internal import Clocks
internal import LongbridgeWire

extension QuoteAnswers {
    static func trade(_ trade: SimulatedTrade, _ market: SimulatedMarket) -> Quote.Trade {
        var message = Quote.Trade()
        message.price = price(trade.price)
        message.volume = trade.quantity / market.sharesPerVolume
        message.timestamp = trade.time.seconds
        message.direction = trade.direction < 0 ? 1 : trade.direction > 0 ? 2 : 0
        message.tradeSession = Quote.TradeSession(rawValue: trade.session.rawValue)
        return message
    }

    mutating func trades(_ request: Quote.SecurityTradeRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.SecurityTradeResponse
    {
        guard request.count > 0 else { throw .invalid }
        guard request.count <= QuoteAnswers.rowLimit else { throw .tooMany }
        let listing = try tradable(request.symbol, now)
        var response = Quote.SecurityTradeResponse()
        response.symbol = request.symbol
        response.trades = listing.newest(Int(request.count)).map { QuoteAnswers.trade($0, listing.security.market) }
        return response
    }

    mutating func intraday(_ request: Quote.SecurityIntradayRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.SecurityIntradayResponse
    {
        let listing = try listing(request.symbol, now)
        var records = [listing.regular].compactMap { $0 }
        if try QuoteAnswers.includesExtended(request.tradeSession) {
            let day = listing.records.values.map(\.span.date).max()
            records = TradingSession.inOrder.compactMap { listing.records[$0] }.filter { $0.span.date == day }
        }
        var response = Quote.SecurityIntradayResponse()
        response.symbol = request.symbol
        for record in records {
            var volume: Int64 = 0
            var turnover: Int64 = 0
            for bar in record.minutes {
                volume += bar.volume
                turnover += bar.turnover
                var line = Quote.Line()
                line.price = QuoteAnswers.price(bar.close)
                line.timestamp = bar.start.seconds
                line.volume = bar.volume / listing.security.market.sharesPerVolume
                line.turnover = QuoteAnswers.price(bar.turnover)
                line.avgPrice = QuoteAnswers.price(volume > 0 ? turnover / volume : bar.close)
                response.lines.append(line)
            }
        }
        return response
    }

    /// Minutes that rose brought money in, minutes that fell took it out.
    mutating func capitalFlow(
        _ request: Quote.CapitalFlowIntradayRequest, _ now: WallTime
    ) throws(BrokerRefusal) -> Quote.CapitalFlowIntradayResponse {
        let listing = try tradable(request.symbol, now)
        var response = Quote.CapitalFlowIntradayResponse()
        response.symbol = request.symbol
        var inflow: Int64 = 0
        for bar in listing.regular?.minutes ?? [] {
            inflow += QuoteAnswers.inflow(bar)
            var line = Quote.CapitalFlowIntradayResponse.CapitalFlowLine()
            line.inflow = QuoteAnswers.price(inflow)
            line.timestamp = bar.start.seconds
            response.capitalFlowLines.append(line)
        }
        return response
    }

    static func inflow(_ bar: SimulatedBar) -> Int64 {
        bar.close > bar.open ? bar.turnover : bar.close < bar.open ? -bar.turnover : 0
    }

    /// The same money by the size of orders, which the simulation splits in fixed shares; in less out is the net inflow.
    mutating func capitalDistribution(
        _ request: Quote.SecurityRequest, _ now: WallTime
    ) throws(BrokerRefusal) -> Quote.CapitalDistributionResponse {
        let listing = try tradable(request.symbol, now)
        let flows = (listing.regular?.minutes ?? []).map(QuoteAnswers.inflow)
        func split(_ total: Int64) -> Quote.CapitalDistributionResponse.CapitalDistribution {
            var share = Quote.CapitalDistributionResponse.CapitalDistribution()
            let large = total / 100 * 45
            let medium = total / 100 * 35
            share.large = QuoteAnswers.price(large)
            share.medium = QuoteAnswers.price(medium)
            share.small = QuoteAnswers.price(total - large - medium)
            return share
        }
        var response = Quote.CapitalDistributionResponse()
        response.symbol = request.symbol
        response.timestamp = listing.regular?.lastTime.seconds ?? now.seconds
        response.capitalIn = split(flows.reduce(0) { $0 + max(0, $1) })
        response.capitalOut = split(flows.reduce(0) { $0 + max(0, -$1) })
        return response
    }
}
