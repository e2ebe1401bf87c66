internal import BrokerModel
internal import Bytes
internal import Clocks

extension JSONWriter {
    /// A market and its state.
    mutating func market(_ hours: MarketHours, _ days: TradingDays, at now: WallTime) {
        let zone = hours.market.timeZone
        let date = zone.civil(at: now).date
        beginObject()
        key("market")
        string(hours.market.rawValue)
        key("time_zone")
        string(zone.identifier)
        key("date")
        self.date(date)
        key("day")
        string(days.kind(of: date).rawValue)
        key("state")
        string(MarketState(hours, days, at: now).rawValue)
        key("next_trading_day")
        self.date((days.full + days.half).filter { $0 > date }.min())
        endObject()
    }

    /// A stretch of the trading day, on the exchange's clock.
    mutating func stretch(_ hours: SessionHours) {
        beginObject()
        key("session")
        string(hours.session.rawValue)
        key("begin")
        string(JSONWriter.clock(hours.begin))
        key("end")
        string(JSONWriter.clock(hours.end))
        endObject()
    }

    /// `09:30`; the end of the day is `24:00`.
    private static func clock(_ minutes: Int) -> String {
        let text = String(10_000 + minutes / 60 * 100 + minutes % 60).dropFirst()
        return "\(text.prefix(2)):\(text.suffix(2))"
    }
}
