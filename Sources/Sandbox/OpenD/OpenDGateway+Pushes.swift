internal import Clocks
internal import OpenDWire
internal import Protobuf

/// What clients are told by itself when something trades.
extension OpenDGateway {
    /// Symbols of the simulation that subscriptions, reminders and orders look at.
    var wantedSymbols: Set<String> {
        var symbols = tradingSymbols
        for unit in subscriptions.all { if let source = source(of: unit.code) { symbols.insert(source) } }
        for code in reminders.codes { if let source = source(of: code) { symbols.insert(source) } }
        return symbols
    }

    /// The symbol of what trades behind a code. Remembered: it is asked for at every tick.
    private func source(of code: GatewayCode) -> String? {
        if let known = sources[code] { return known }
        guard let symbol = GatewayInstrument(code, at: now)?.source.symbol else { return nil }
        if sources.count > 20_000 { sources = [:] }
        sources[code] = symbol
        return symbol
    }

    /// Tells of the new trades of securities, and of what is derived from them.
    func traded(_ news: [(listing: SimulatedListing, trades: Int)]) {
        guard login.isReady, !connections.isEmpty else { return }
        let units = Dictionary(grouping: subscriptions.registered) { source(of: $0.code) ?? "" }
        for (listing, trades) in news {
            fireReminders(listing)
            for unit in units[listing.security.symbol] ?? [] { tell(unit, listing, trades) }
        }
    }

    private func tell(_ unit: SubscriptionLedger.Unit, _ listing: SimulatedListing, _ newTrades: Int) {
        guard let instrument = GatewayInstrument(unit.code, at: now) else { return }
        let view = GatewayView(instrument, listing, at: now)
        let isCandle = GatewayPeriod.bySubscription[unit.type] != nil
        var made: [PushKey: (id: UInt32, payload: any Message)] = [:]
        for connection in connections.values {
            guard let entry = subscriptions.entry(connection.id, unit) else { continue }
            for adjustment in isCandle ? entry.pushes.sorted() : Array(entry.pushes.sorted().prefix(1)) {
                let key = PushKey(adjustment: isCandle ? adjustment : 0, isExtended: entry.isExtended)
                if made[key] == nil {
                    made[key] = push(
                        unit.type, view, newTrades: newTrades, adjustment, isExtended: entry.isExtended, isFirst: false)
                }
                if let push = made[key] { later(push.id, push.payload, to: connection.id) }
            }
        }
    }

    private struct PushKey: Hashable {
        let adjustment: Int32
        let isExtended: Bool
    }

    /// The push of a type; `nil` when there is nothing to tell.
    func push(
        _ type: Int32, _ view: GatewayView, newTrades: Int, _ adjustment: Int32, isExtended: Bool, isFirst: Bool
    ) -> (id: UInt32, payload: any Message)? {
        let security = view.instrument.code.message
        switch type {
        case 1:
            guard let quote = view.basic() else { return nil }
            var update = OpenD.QotUpdateBasicQot.S2C()
            update.basicQotList = [quote]
            return (3005, update)
        case 2, 22:
            var update = OpenD.QotUpdateOrderBook.S2C()
            update.security = security
            update.name = view.name
            (update.orderBookAskList, update.orderBookBidList) = view.orderBook(.max)
            guard !update.orderBookAskList.isEmpty || !update.orderBookBidList.isEmpty else { return nil }
            update.orderBookType = type == 22 ? 1 : 0
            if let at = view.figures?.at {
                update.svrRecvTimeBid = GatewayTime.text(at, view.instrument.zone, milliseconds: true)
                update.svrRecvTimeAsk = update.svrRecvTimeBid
                update.svrRecvTimeBidTimestamp = GatewayTime.stamp(at)
                update.svrRecvTimeAskTimestamp = update.svrRecvTimeBidTimestamp
            }
            return (3013, update)
        case 4:
            var update = OpenD.QotUpdateTicker.S2C()
            update.security = security
            update.name = view.name
            update.tickerList = view.tickers(newTrades, pushed: isFirst ? 3 : 1)
            return update.tickerList.isEmpty ? nil : (3011, update)
        case 5:
            var update = OpenD.QotUpdateRT.S2C()
            update.security = security
            update.name = view.name
            update.rtList = view.timeShares(isExtended: isExtended, newest: isFirst ? .max : 1)
            return update.rtList.isEmpty ? nil : (3009, update)
        case 14:
            var update = OpenD.QotUpdateBroker.S2C()
            update.security = security
            update.name = view.name
            (update.brokerAskList, update.brokerBidList) = view.brokers()
            return update.brokerAskList.isEmpty && update.brokerBidList.isEmpty ? nil : (3015, update)
        default:
            guard let number = GatewayPeriod.bySubscription[type], let period = GatewayPeriod.period(number) else {
                return nil
            }
            var update = OpenD.QotUpdateKL.S2C()
            update.rehabType = adjustment
            update.klType = number
            update.security = security
            update.name = view.name
            update.klList = GatewayCandles(
                view: view, period: period, adjustment: adjustment, includesExtended: isExtended,
                isDatedAtStart: choices.datesBarsAtStart, now: now
            ).lines(CandleRange(count: 1))
            return update.klList.isEmpty ? nil : (3007, update)
        }
    }
}
