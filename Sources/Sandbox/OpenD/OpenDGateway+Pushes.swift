internal import Clocks
internal import OpenDWire
internal import Protobuf

/// What clients are told by itself when something trades.
extension OpenDGateway {
    /// Symbols of the simulation that subscriptions, reminders and orders look at.
    var wantedSymbols: Set<String> {
        var symbols: Set<String> = []
        for unit in subscriptions.all {
            if let instrument = GatewayInstrument(unit.code, at: now) { symbols.insert(instrument.source.symbol) }
        }
        for code in reminders.codes {
            if let instrument = GatewayInstrument(code, at: now) { symbols.insert(instrument.source.symbol) }
        }
        return symbols.union(tradingSymbols)
    }

    /// Tells of the new trades of a security, and of what is derived from it.
    func traded(_ listing: SimulatedListing, newTrades: Int) {
        guard login.isReady else { return }
        fireReminders(listing)
        var made: [PushKey: (id: UInt32, payload: any Message)] = [:]
        for unit in subscriptions.registered {
            guard let instrument = GatewayInstrument(unit.code, at: now),
                instrument.source.symbol == listing.security.symbol
            else { continue }
            let view = GatewayView(instrument, listing, at: now)
            for connection in connections.values {
                guard let entry = subscriptions.entry(connection.id, unit) else { continue }
                for adjustment in entry.pushes.sorted() {
                    let isCandle = GatewayPeriod.bySubscription[unit.type] != nil
                    if !isCandle, adjustment != entry.pushes.min() { continue }
                    let key = PushKey(unit: unit, adjustment: isCandle ? adjustment : 0, isExtended: entry.isExtended)
                    if made[key] == nil {
                        made[key] = push(
                            unit.type, view, newTrades: newTrades, adjustment, isExtended: entry.isExtended,
                            isFirst: false)
                    }
                    if let push = made[key] { later(push.id, push.payload, to: connection.id) }
                }
            }
        }
    }

    private struct PushKey: Hashable {
        let unit: SubscriptionLedger.Unit
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
