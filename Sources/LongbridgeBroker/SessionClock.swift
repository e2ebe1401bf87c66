internal import BrokerModel
internal import Clocks

/// Where candles of a security begin: the parts of each session on the exchange's clock, and the days that end early.
///
/// - Source: the tables of the vendor's client (`longbridge-socket`, section 15.1), which makes candles the same way. A
///   broker that tells a regular session of the whole day, as the simulation around the clock does, is believed.
struct SessionClock: Equatable {
    let market: Market
    private let full: [TradingSession: [Range<Int>]]
    private let half: [TradingSession: [Range<Int>]]
    /// Minutes behind the end of a part in which a trade still counts as at its end.
    private let extra: Int
    private let halfDays: Set<CivilDate>

    /// - Parameters:
    ///   - board: the vendor's word; some close later than their market.
    ///   - told: the hours of a full day as the broker tells them.
    init(_ market: Market, board: String?, told: BrokerModel.MarketHours?, halfDays: [CivilDate]) {
        self.market = market
        self.halfDays = Set(halfDays)
        let regular = told?.sessions.filter { $0.session == .regular } ?? []
        if let day = regular.first, regular.count == 1, day.begin == 0, day.end == 1440 {
            full = [.regular: [0..<1440]]
            half = full
            extra = 0
            return
        }
        switch market {
        case .hongKong:
            full = [.regular: [570..<720, 780..<960]]
            half = [.regular: [570..<720]]
            extra = 10
        case .unitedStates:
            let close = board == "USOptionS" || board == "VIXIndex" ? 975 : 960
            let early = close == 975 ? 795 : 780
            let before = board == "VIXIndex" ? [195..<565] : []
            let night = [0..<240, 1200..<1440]
            full = [
                .regular: before + [570..<close], .preMarket: [240..<570], .postMarket: [960..<1200], .overnight: night,
            ]
            half = [
                .regular: before + [570..<early], .preMarket: [240..<570], .postMarket: [780..<1020], .overnight: night,
            ]
            extra = 0
        case .shanghai, .shenzhen:
            full = [.regular: [570..<690, 780..<900]]
            half = full
            extra = 10
        case .singapore:
            full = [.regular: [540..<720, 780..<1035]]
            half = [.regular: [540..<735]]
            extra = 5
        }
    }

    /// Where the candle begins that a trade belongs to; `nil` for one outside its session.
    func start(of time: WallTime, _ session: TradingSession, _ interval: CandleInterval) -> WallTime? {
        let zone = market.timeZone
        let (date, second) = zone.civil(at: time)
        let parts = (halfDays.contains(date) ? half : full)[session] ?? []
        var minute = second / 60
        var part = parts.first { $0.contains(minute) }
        if part == nil {
            // Behind the end: counts as at it.
            part = parts.last { (($0.upperBound)..<($0.upperBound + extra)).contains(minute) }
            if let part { minute = part.upperBound }
        }
        guard let part else { return nil }
        guard let length = interval.minutes else {
            return session == .regular ? zone.wallTime(interval.firstDay(of: date), secondOfDay: 0) : nil
        }
        let start = part.lowerBound + (minute - part.lowerBound) / length * length
        return zone.wallTime(date, secondOfDay: start * 60)
    }
}
