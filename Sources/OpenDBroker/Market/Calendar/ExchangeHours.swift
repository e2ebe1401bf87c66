internal import BrokerModel

extension MarketHours {
    /// The exchanges' own hours: the gateway tells what a market is doing, not when it does. An overnight session of the
    /// United States begins in the evening and ends in the morning.
    ///
    /// - Source: hkex.com.hk, nyse.com, sse.com.cn, szse.cn, sgx.com, trading hours, as of 2026-11; the overnight session
    ///   is the one brokers offer from 20:00 to 4:00.
    static let exchanges: [MarketHours] = [
        hours(.hongKong, [(.regular, 570, 720), (.regular, 780, 960)]),
        hours(
            .unitedStates,
            [
                (.preMarket, 240, 570), (.regular, 570, 960), (.postMarket, 960, 1200), (.overnight, 1200, 1440),
                (.overnight, 0, 240),
            ]),
        hours(.shanghai, [(.regular, 570, 690), (.regular, 780, 900)]),
        hours(.shenzhen, [(.regular, 570, 690), (.regular, 780, 900)]),
        hours(.singapore, [(.regular, 540, 720), (.regular, 780, 1020)]),
    ]

    private static func hours(_ market: Market, _ stretches: [(TradingSession, Int, Int)]) -> MarketHours {
        MarketHours(
            market: market, sessions: stretches.map { SessionHours(session: $0.0, begin: $0.1, end: $0.2) })
    }
}
