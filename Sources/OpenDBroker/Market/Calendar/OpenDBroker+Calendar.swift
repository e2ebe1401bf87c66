public import BrokerModel
public import Clocks
internal import EventLoops

/// When markets trade.
extension OpenDBroker {
    /// The days a market trades, as far as the gateway knows them.
    public func tradingDays(
        _ market: Market, from: CivilDate, through: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> TradingDays {
        try await OpenDCalendar(calls: link).tradingDays(
            market, from: from, through: through, today: market.timeZone.civil(at: .now()).date, wait: wait)
    }

    /// The exchanges' hours of a full day.
    public func marketHours(wait: Duration) async throws(BrokerFailure) -> [BrokerModel.MarketHours] {
        BrokerModel.MarketHours.exchanges
    }
}
