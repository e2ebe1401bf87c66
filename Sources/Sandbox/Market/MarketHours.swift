internal import Clocks

/// When the simulated markets trade.
public enum MarketHours: String, Sendable, CaseIterable {
    /// Around the clock, weekends and holidays included, so that a demonstration works at any hour: the regular session
    /// of a market is its whole civil day. Times are the present. Past days keep the exchange's real hours.
    case alwaysOpen = "always-open"
    /// The exchanges' own sessions, days off and half days.
    case exchangeHours = "exchange-hours"
}

/// The vendor's number of a session.
enum TradingSession: Int32, CaseIterable, Sendable {
    case regular = 0
    case preMarket = 1
    case postMarket = 2
    case overnight = 3
}

/// One session of one trading day, in Unix seconds.
struct SessionSpan: Equatable, Sendable {
    let session: TradingSession
    /// The trading day it belongs to; an overnight session begins on the evening before.
    let date: CivilDate
    /// In order, without overlap; two of them around a lunch break.
    let parts: [Range<Int64>]

    var start: Int64 { parts.first?.lowerBound ?? 0 }
    var end: Int64 { parts.last?.upperBound ?? 0 }
    /// Seconds of trading.
    var duration: Int64 { parts.reduce(0) { $0 + Int64($1.count) } }

    func contains(_ second: Int64) -> Bool { parts.contains { $0.contains(second) } }

    /// Seconds of trading before `second`.
    func elapsed(at second: Int64) -> Int64 {
        parts.reduce(0) { $0 + max(0, min(second, $1.upperBound) - $1.lowerBound) }
    }

    /// The start of each minute of trading.
    var minutes: [Int64] { parts.flatMap { Array(stride(from: $0.lowerBound, to: $0.upperBound, by: 60)) } }

    /// The start of the bar of `minutes` minutes that holds `second`: cut from the start of each part.
    func barStart(of second: Int64, minutes: Int64) -> Int64 {
        let part = parts.last { $0.lowerBound <= second }?.lowerBound ?? start
        return part + (second - part) / (minutes * 60) * (minutes * 60)
    }
}

/// The sessions of each market.
enum SessionTable {
    /// One row of the vendor's table: from and to as hours times 100 plus minutes, on the exchange's clock.
    struct Row: Sendable {
        let begin: Int
        let end: Int
        let session: TradingSession
    }

    /// What the vendor tells about trading periods. Overnight is left at its end of 23:59: its client cannot read 2400.
    static func rows(_ market: SimulatedMarket, _ hours: MarketHours = .exchangeHours) -> [Row] {
        guard hours == .exchangeHours else { return [Row(begin: 0, end: 2359, session: .regular)] }
        return switch market {
        case .unitedStates:
            [
                Row(begin: 930, end: 1600, session: .regular), Row(begin: 400, end: 930, session: .preMarket),
                Row(begin: 1600, end: 2000, session: .postMarket), Row(begin: 2000, end: 2359, session: .overnight),
                Row(begin: 0, end: 400, session: .overnight),
            ]
        case .hongKong: [Row(begin: 930, end: 1200, session: .regular), Row(begin: 1300, end: 1600, session: .regular)]
        case .mainland: [Row(begin: 930, end: 1130, session: .regular), Row(begin: 1300, end: 1457, session: .regular)]
        case .singapore:
            [Row(begin: 900, end: 1200, session: .regular), Row(begin: 1300, end: 1700, session: .regular)]
        }
    }

    /// A session of `date` by the exchange's hours; `nil` if the market has none of that kind then.
    static func span(_ market: SimulatedMarket, _ session: TradingSession, _ date: CivilDate) -> SessionSpan? {
        let day = TradingCalendar.day(market, date)
        guard day != .closed, session == .regular || market == .unitedStates else { return nil }
        let isHalf = day == .half
        let minutes: [Range<Int>] =
            switch (session, market) {
            case (.regular, .unitedStates): [570..<(isHalf ? 780 : 960)]
            case (.regular, .hongKong): isHalf ? [570..<720] : [570..<720, 780..<960]
            case (.regular, .mainland): [570..<690, 780..<900]
            case (.regular, .singapore): [540..<720, 780..<1020]
            case (.preMarket, _): [240..<570]
            case (.postMarket, _): isHalf ? [780..<1020] : [960..<1200]
            case (.overnight, _): [-240..<240]
            }
        let zone = market.zone
        return SessionSpan(
            session: session, date: date,
            parts: minutes.map {
                let start = zone.wallTime(date, secondOfDay: $0.lowerBound * 60).seconds
                return start..<(start + Int64($0.count) * 60)
            })
    }

    /// The whole civil day as one regular session.
    static func wholeDay(_ market: SimulatedMarket, _ date: CivilDate) -> SessionSpan {
        let start = market.zone.wallTime(date, secondOfDay: 0).seconds
        let end = market.zone.wallTime(date.adding(days: 1), secondOfDay: 0).seconds
        return SessionSpan(session: .regular, date: date, parts: [start..<end])
    }

    /// The latest session of each kind that has begun by `now`: at most one of them still runs.
    static func latest(_ market: SimulatedMarket, hours: MarketHours, hasExtended: Bool, now: WallTime) -> [SessionSpan]
    {
        let today = market.zone.civil(at: now).date
        var spans: [SessionSpan] = []
        var newest = now.seconds
        if hours == .alwaysOpen {
            let day = wholeDay(market, today)
            spans.append(day)
            newest = day.start
        }
        for session in TradingSession.allCases where session == .regular ? hours == .exchangeHours : hasExtended {
            // An overnight session belongs to tomorrow.
            var date = today.adding(days: 1)
            for _ in 0..<21 {
                if let span = span(market, session, date),
                    hours == .alwaysOpen ? span.end <= newest : span.start <= newest
                {
                    spans.append(span)
                    break
                }
                date = date.adding(days: -1)
            }
        }
        return spans
    }
}
