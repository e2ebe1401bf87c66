internal import Clocks

/// A period of candles, by the vendor's numbers.
enum CandlePeriod: Equatable, Sendable {
    case minutes(Int64)
    case day, week, month, quarter, year

    /// - Source: Longbridge OpenAPI, the enumeration of periods.
    init?(_ number: Int32) {
        switch number {
        case 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 120, 180, 240: self = .minutes(Int64(number))
        case 1000: self = .day
        case 2000: self = .week
        case 3000: self = .month
        case 3500: self = .quarter
        case 4000: self = .year
        default: return nil
        }
    }

    /// The first day of the span of days which holds `date` and whose bars are made together.
    func first(_ date: CivilDate) -> CivilDate {
        switch self {
        case .minutes, .day: date
        case .week: date.adding(days: -((date.weekday + 6) % 7))
        case .month: CivilDate(year: date.year, month: date.month, day: 1) ?? date
        case .quarter: CivilDate(year: date.year, month: (date.month - 1) / 3 * 3 + 1, day: 1) ?? date
        case .year: CivilDate(year: date.year, month: 1, day: 1) ?? date
        }
    }

    /// The first day of the span after the one that begins on `date`.
    func next(_ date: CivilDate) -> CivilDate {
        switch self {
        case .minutes, .day: date.adding(days: 1)
        case .week: date.adding(days: 7)
        case .month: first(date.adding(days: 31))
        case .quarter: first(date.adding(days: 92))
        case .year: first(date.adding(days: 366))
        }
    }
}

/// Which candles are wanted, by their start; both ends belong to it.
struct CandleRange: Equatable, Sendable {
    var from: WallTime?
    var through: WallTime?
    var count: Int
    /// Whether those next to `from` are wanted when there are more than `count`, rather than those next to `through`.
    var isForward = false

    func contains(_ start: WallTime) -> Bool {
        if let from, start < from { return false }
        if let through, start > through { return false }
        return true
    }
}

/// Candles of one security out of its listing, what it traded before, and the archive.
struct SimulatedCandles {
    let listing: SimulatedListing
    let period: CandlePeriod
    /// Whether minutes of the sessions before, after and between the regular ones are wanted.
    let includesExtended: Bool
    let now: WallTime

    private var market: SimulatedMarket { listing.security.market }

    /// The candles of `range`, oldest first.
    func bars(_ range: CandleRange) -> [SimulatedBar] {
        let first = period.first(archiveStart)
        let last = period.first(latestDay)
        var found: [[SimulatedBar]] = []
        var count = 0
        func take(_ date: CivilDate) {
            let bars = chunk(date).filter { range.contains($0.start) }
            count += bars.count
            found.append(bars)
        }
        if range.isForward {
            var date = max(first, range.from.map { period.first(market.zone.civil(at: $0).date) } ?? first)
            while date <= last, count < range.count {
                take(date)
                date = period.next(date)
            }
            return Array(found.joined().prefix(range.count))
        }
        // Overnight minutes begin on the evening before their day.
        var date = min(last, range.through.map { period.first(market.zone.civil(at: $0).date.adding(days: 1)) } ?? last)
        let oldest = max(first, range.from.map { period.first(market.zone.civil(at: $0).date) } ?? first)
        while date >= oldest, count < range.count {
            take(date)
            date = period.first(date.adding(days: -1))
        }
        return Array(found.reversed().joined().suffix(range.count))
    }

    private var archiveStart: CivilDate {
        if case .minutes = period { return market.firstMinuteDay }
        return market.firstDay
    }

    private var latestDay: CivilDate {
        listing.records.values.map(\.span.date).max() ?? market.firstDay
    }

    /// The bars of one span of days.
    private func chunk(_ date: CivilDate) -> [SimulatedBar] {
        switch period {
        case .minutes(let minutes): return TradingSession.inOrder.flatMap { self.minutes(date, $0, minutes) }
        case .day: return day(date).map { [$0] } ?? []
        case .week, .month, .quarter, .year:
            let end = period.next(date)
            var bars: [SimulatedBar] = []
            var day = max(date, market.firstDay)
            while day < end, day <= latestDay {
                if let bar = self.day(day) { bars.append(bar) }
                day = day.adding(days: 1)
            }
            let start = market.zone.wallTime(date, secondOfDay: 0)
            return SimulatedBar.joined(bars) { _ in start }
        }
    }

    private func record(_ session: TradingSession, _ date: CivilDate) -> SessionRecord? {
        if let record = listing.records[session], record.span.date == date { return record }
        return listing.finished[SessionSpan.Key(session, date)]
    }

    private func day(_ date: CivilDate) -> SimulatedBar? {
        if let record = record(.regular, date) {
            var bar = record.bar
            bar.start = market.zone.wallTime(date, secondOfDay: 0)
            return bar
        }
        guard date < latestDay, TradingCalendar.isTrading(market, date),
            let span = SessionTable.span(market, .regular, date), span.end <= now.seconds
        else { return nil }
        return listing.history.day(date)
    }

    private func minutes(_ date: CivilDate, _ session: TradingSession, _ minutes: Int64) -> [SimulatedBar] {
        guard session == .regular || (includesExtended && listing.security.hasExtendedSessions) else { return [] }
        if let record = record(session, date) { return record.bars(minutes: minutes) }
        guard let span = SessionTable.span(market, session, date), span.end <= now.seconds else { return [] }
        return SimulatedBar.joined(listing.history.minutes(span)) {
            WallTime(seconds: span.barStart(of: $0.start.seconds, minutes: minutes))
        }
    }
}

extension TradingSession {
    /// As they follow each other in a trading day.
    static let inOrder: [TradingSession] = [.overnight, .preMarket, .regular, .postMarket]
}
