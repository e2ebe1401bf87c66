internal import BrokerModel
internal import Clocks
internal import LongbridgeWire
internal import Protobuf

/// Makes complete events of the broker's pushes.
extension LongbridgeBroker {
    func pushed(_ command: UInt8, _ body: [UInt8]) throws(PushFault) {
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
        onEvent?(.quote(update.quote.value, receivedAt: update.quote.at, isSnapshot: false))
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
        guard let symbol = Symbol(push.symbol), wanted.contains(MarketTopic(.trade, symbol)), feed.takes(push)
        else { return }
        let trades = push.trade.compactMap { BrokerModel.Trade($0) }
        if !trades.isEmpty { onEvent?(.trades(symbol, trades, receivedAt: .now())) }
    }
}
