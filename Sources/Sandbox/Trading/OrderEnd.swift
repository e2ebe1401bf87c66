internal import Clocks

/// When orders end by themselves.
enum OrderEnd {
    /// - Returns: `nil` for an order that works until it is withdrawn.
    static func of(
        _ lifetime: SimulatedOrder.Lifetime, expires: CivilDate?, sessions: SimulatedOrder.Sessions,
        _ market: SimulatedMarket, _ hours: MarketHours, now: WallTime
    ) -> WallTime? {
        let zone = market.zone
        switch lifetime {
        case .goodTilCancelled: return nil
        case .goodTilDate: return expires.map { zone.wallTime($0.adding(days: 1), secondOfDay: 0) }
        case .day:
            let today = zone.civil(at: now).date
            guard hours == .exchangeHours else { return zone.wallTime(today.adding(days: 1), secondOfDay: 0) }
            let last: TradingSession = sessions == .regular || market != .unitedStates ? .regular : .postMarket
            for ahead in 0..<21 {
                guard let span = SessionTable.span(market, last, today.adding(days: ahead)), span.end > now.seconds
                else { continue }
                return WallTime(seconds: span.end)
            }
            return nil
        }
    }
}
