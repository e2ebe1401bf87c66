internal import BrokerModel
internal import Clocks
internal import OpenDWire

/// Makes events of the gateway's pushes. Whatever is not wanted any more is dropped.
extension OpenDBroker {
    func registerPushes() {
        link.onPush(OpenD.QotUpdateBasicQot.S2C.self) { [weak self] push in self?.quotesChanged(push) }
        link.onPush(OpenD.QotUpdateOrderBook.S2C.self) { [weak self] push in self?.bookChanged(push) }
        link.onPush(OpenD.QotUpdateBroker.S2C.self) { [weak self] push in self?.queueChanged(push) }
        link.onPush(OpenD.QotUpdateTicker.S2C.self) { [weak self] push in self?.traded(push) }
        link.onPush(OpenD.QotUpdateKL.S2C.self) { [weak self] push in self?.candlesChanged(push) }
    }

    private func quotesChanged(_ push: OpenD.QotUpdateBasicQot.S2C) {
        let now = WallTime.now()
        for record in push.basicQotList {
            guard let symbol = Symbol(record.security), wanted.contains(MarketTopic(.quote, symbol)) else { continue }
            let quote = Quote(record, symbol: symbol)
            let isFirst = feed.quotes.updateValue(Received(quote, at: now), forKey: symbol) == nil
            onEvent?(.quote(quote, receivedAt: now, isSnapshot: isFirst))
        }
    }

    private func bookChanged(_ push: OpenD.QotUpdateOrderBook.S2C) {
        // Odd lots have a book of their own, which is none of ours.
        guard let symbol = Symbol(push.security), wanted.contains(MarketTopic(.depth, symbol)),
            push.orderBookType ?? 0 == 0
        else { return }
        let now = WallTime.now()
        let book = OrderBook(symbol: symbol, bids: push.orderBookBidList, asks: push.orderBookAskList)
        let isFirst = feed.books.updateValue(Received(book, at: now), forKey: symbol) == nil
        onEvent?(.depth(book, receivedAt: now, isSnapshot: isFirst))
    }

    private func queueChanged(_ push: OpenD.QotUpdateBroker.S2C) {
        guard let symbol = Symbol(push.security), wanted.contains(MarketTopic(.brokerQueue, symbol)) else { return }
        let now = WallTime.now()
        let queue = BrokerQueue(symbol: symbol, bids: push.brokerBidList, asks: push.brokerAskList)
        let isFirst = feed.queues.updateValue(Received(queue, at: now), forKey: symbol) == nil
        onEvent?(.brokerQueue(queue, receivedAt: now, isSnapshot: isFirst))
    }

    /// Trades that were told before, as the gateway repeats some when it comes back, are told once. Old ones that it pushes
    /// when a security is first subscribed are no news; after a loss those that were missed are.
    private func traded(_ push: OpenD.QotUpdateTicker.S2C) {
        guard let symbol = Symbol(push.security), wanted.contains(MarketTopic(.trade, symbol)) else { return }
        let last = feed.trades[symbol]
        let fresh = push.tickerList.filter { ticker in last.map { ticker.sequence > $0 } ?? true }
        guard let newest = fresh.map(\.sequence).max() else { return }
        feed.trades[symbol] = newest
        let news = last == nil ? fresh.filter { ($0.pushDataType ?? 1) == 1 } : fresh
        let trades = news.compactMap { Trade($0, market: symbol.market, rule: sessionRule) }
        guard !trades.isEmpty else { return }
        onEvent?(.trades(symbol, trades, receivedAt: .now()))
    }

    private func candlesChanged(_ push: OpenD.QotUpdateKL.S2C) {
        guard push.rehabType == 0, let symbol = Symbol(push.security),
            let type = SubscriptionType(candleType: push.klType),
            let topics = candlesByItem[.init(symbol, type)]
        else { return }
        let now = WallTime.now()
        for topic in topics {
            let reader = CandleReader(
                interval: topic.interval, sessions: topic.sessions, market: symbol.market, now: now,
                rule: sessionRule)
            for candle in reader.candles(push.klList) {
                var candle = candle
                // A bar that is pushed may still change, whatever the clocks say; time ends it, or the next one.
                candle.isFinal = false
                tell(candle, topic, at: now)
            }
        }
    }

    private func tell(_ candle: Candle, _ topic: CandleTopic, at now: WallTime) {
        let (told, isFirst) = feed.take(candle, topic, at: now)
        for candle in told { onEvent?(.candle(topic, candle, receivedAt: now, isSnapshot: isFirst)) }
    }

    /// Time has passed: candles end also where nothing trades any more.
    func endCandles() {
        let now = WallTime.now()
        for (topic, candle) in feed.running {
            let end = topic.interval.end(ofCandleAt: candle.start, zone: topic.symbol.market.timeZone)
            guard end + OpenDBroker.closingAuction(topic.symbol.market) <= now else { continue }
            var candle = candle
            candle.isFinal = true
            tell(candle, topic, at: now)
        }
    }

    /// What trades in a closing auction belongs to the last candle of the day.
    private static func closingAuction(_ market: Market) -> Duration { .seconds(market == .hongKong ? 600 : 30) }
}
