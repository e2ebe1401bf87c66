internal import Clocks
internal import OpenDWire

/// Where each market's day stands, by the gateway's numbers.
extension OpenDGateway {
    func marketState(_ market: SimulatedMarket, isFuture: Bool = false) -> Int32 {
        let hours = exchange?.hours ?? .alwaysOpen
        // Around the clock is one long afternoon.
        guard hours == .exchangeHours else { return isFuture ? 15 : 5 }
        let now = now
        let (today, second) = market.zone.civil(at: now)
        let running = SessionTable.latest(market, hours: hours, hasExtended: market == .unitedStates, now: now)
            .first { $0.contains(now.seconds) }?.session
        if isFuture { return running == nil ? 17 : 15 }
        switch running {
        case .regular: return market != .unitedStates && second < 12 * 3600 ? 3 : 5
        case .preMarket: return 8
        case .postMarket: return 10
        case .overnight: return 37
        case nil:
            guard let day = SessionTable.span(market, .regular, today), day.start < now.seconds, day.end > now.seconds
            else { return 6 }
            return 4
        }
    }

    func marketStates(_ c2s: OpenD.QotGetMarketState.C2S) throws(GatewayRefusal) -> OpenD.QotGetMarketState.S2C {
        guard c2s.securityList.count <= 400 else { throw .tooMany }
        var answer = OpenD.QotGetMarketState.S2C()
        for security in c2s.securityList {
            let instrument = try instrument(security)
            var info = OpenD.QotGetMarketState.MarketInfo()
            info.security = instrument.code.message
            info.name = instrument.name(instrument.zone.civil(at: now).date)
            var isFuture = false
            if case .future = instrument.kind { isFuture = true }
            info.marketState = marketState(instrument.market, isFuture: isFuture)
            answer.marketInfoList.append(info)
        }
        return answer
    }

    /// The vendor's markets of trading days.
    private func market(ofDays number: Int32) -> SimulatedMarket? {
        switch number {
        case 1: .hongKong
        case 2: .unitedStates
        case 3, 4, 5: .mainland
        case 7, 8: .singapore
        default: nil
        }
    }

    func tradeDates(_ c2s: OpenD.QotRequestTradeDate.C2S) throws(GatewayRefusal) -> OpenD.QotRequestTradeDate.S2C {
        let market: SimulatedMarket
        if let security = c2s.security {
            market = try instrument(security).market
        } else {
            guard let named = self.market(ofDays: c2s.market) else { throw .invalid("market") }
            market = named
        }
        guard let begin = GatewayTime.day(c2s.beginTime), let end = GatewayTime.day(c2s.endTime), begin <= end else {
            throw .invalid("beginTime or endTime")
        }
        let today = market.zone.civil(at: now).date
        let first = max(begin, today.adding(days: -3653))
        let last = min(end, CivilDate(year: today.year, month: 12, day: 31) ?? today)
        var answer = OpenD.QotRequestTradeDate.S2C()
        var day = first
        while day <= last {
            let isOpen = exchange?.hours == .alwaysOpen && day == today
            let kind = isOpen ? .full : TradingCalendar.day(market, day)
            if kind != .closed {
                var date = OpenD.QotRequestTradeDate.TradeDate()
                date.time = day.iso
                date.timestamp = GatewayTime.stamp(market.zone.wallTime(day, secondOfDay: 0))
                date.tradeDateType = kind == .half ? 1 : 0
                answer.tradeDateList.append(date)
            }
            day = day.adding(days: 1)
        }
        return answer
    }
}
