internal import BrokerModel
internal import Clocks
internal import LongbridgeWire
internal import Protobuf

/// Makes complete events of the broker's pushes.
extension LongbridgeBroker {
    func pushed(_ command: UInt8, _ body: [UInt8]) throws(PushFault) {
        feedWatch.pushed(now: .now())
        switch QuoteCommand(rawValue: command) {
        case .pushQuote: quoteChanged(try read(command, body))
        case .pushDepth: depthChanged(try read(command, body))
        case .pushTrades: traded(try read(command, body))
        case .pushBrokers: queueChanged(try read(command, body))
        case .userQuoteProfile, .subscription, .subscribe, .unsubscribe, .marketTradePeriod, .marketTradeDay,
            .securityStaticInfo, .securityQuote, .optionQuote, .warrantQuote, .depth, .brokers, .participantBrokerIDs,
            .trades, .intraday, .candlesticks, .optionChainDates, .optionChainStrikes, .warrantIssuers, .warrantFilter,
            .capitalFlowIntraday, .capitalFlowDistribution, .calculatedIndexes, .historyCandlesticks, nil:
            throw .unknownCommand(command)
        }
    }

    private func read<Push: Message>(_ command: UInt8, _ body: [UInt8]) throws(PushFault) -> Push {
        do throws(ProtobufError) { return try Push.decode(body) } catch { throw .unreadable(command: command) }
    }

    private func quoteChanged(_ push: Longbridge.Quote.PushQuote) {
        guard let update = feed.merge(push, at: .now()) else { return }
        let quote = update.quote.value
        if wanted.contains(MarketTopic(.quote, quote.symbol)) {
            onEvent?(.quote(quote, receivedAt: update.quote.at, isSnapshot: false))
        }
        if push.tradeSession == .normalTrade { buildCandles(of: quote, push: push) }
        if update.needsRecord {
            plan.needsRecord(push.symbol)
            subscribe()
        }
    }

    private func depthChanged(_ push: Longbridge.Quote.PushDepth) {
        guard let symbol = Symbol(push.symbol), wanted.contains(MarketTopic(.depth, symbol)),
            let update = feed.merge(push, symbol: symbol, at: .now())
        else { return }
        onEvent?(.depth(update.book.value, receivedAt: update.book.at, isSnapshot: update.isFirst))
    }

    private func traded(_ push: Longbridge.Quote.PushTrade) {
        guard let symbol = Symbol(push.symbol), plan.isWanted(push.symbol, MarketTopicKind.trade.subscriptionType),
            feed.takes(push)
        else { return }
        let trades = push.trade.compactMap { trade in
            BrokerModel.Trade(trade).map { trade in
                var trade = trade
                trade.sequence = push.sequence == 0 ? nil : push.sequence
                return trade
            }
        }
        guard !trades.isEmpty else { return }
        buildCandles(of: symbol, trades: trades)
        if wanted.contains(MarketTopic(.trade, symbol)) { onEvent?(.trades(symbol, trades, receivedAt: .now())) }
    }
}
