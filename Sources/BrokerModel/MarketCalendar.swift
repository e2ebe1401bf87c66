public import Clocks

/// One stretch of a market's full trading day, on the exchange's clock.
public struct SessionHours: Equatable, Sendable {
    /// What is traded in it.
    public var session: TradingSession
    /// Minutes since midnight.
    public var begin: Int
    /// Minutes since midnight, up to 1440; the first minute behind it.
    public var end: Int

    /// One stretch.
    public init(session: TradingSession, begin: Int, end: Int) {
        self.session = session
        self.begin = begin
        self.end = end
    }
}

/// When a market trades on a full day.
public struct MarketHours: Equatable, Sendable {
    /// The market.
    public var market: Market
    /// As the broker lists them.
    public var sessions: [SessionHours]

    /// One market's hours.
    public init(market: Market, sessions: [SessionHours]) {
        self.market = market
        self.sessions = sessions
    }
}

/// The days a market trades, within a range that was asked for.
public struct TradingDays: Equatable, Sendable {
    /// Full days, ascending.
    public var full: [CivilDate]
    /// Half days, ascending, not among the full ones.
    public var half: [CivilDate]

    /// Days of two kinds.
    public init(full: [CivilDate] = [], half: [CivilDate] = []) {
        self.full = full
        self.half = half
    }

    /// What kind of day `date` is.
    public func kind(of date: CivilDate) -> TradingDayKind {
        half.contains(date) ? .half : full.contains(date) ? .full : .closed
    }
}

/// What kind of day it is for a market.
public enum TradingDayKind: String, Sendable, CaseIterable {
    case full, half, closed
}

/// What a market is doing at a moment.
public enum MarketState: String, Sendable, CaseIterable {
    case closed
    case preMarket = "pre_market"
    case regular
    case lunchBreak = "lunch_break"
    case postMarket = "post_market"
    case overnight

    /// The state at `now`, by the hours of a full day and the days that trade.
    ///
    /// A half day ends with its first regular stretch; in the United States at 13:00, with a shorter post-market behind it.
    /// An overnight session belongs to the trading day it leads into.
    public init(_ hours: MarketHours, _ days: TradingDays, at now: WallTime) {
        let (date, second) = hours.market.timeZone.civil(at: now)
        let minute = second / 60
        let today = hours.on(days.kind(of: date))
        let tomorrow = days.kind(of: date.adding(days: 1))
        for stretch in hours.sessions where stretch.session == .overnight && stretch.begin >= 720 {
            if minute >= stretch.begin, tomorrow != .closed {
                self = .overnight
                return
            }
        }
        guard let stretch = today.first(where: { ($0.begin..<$0.end).contains(minute) }) else {
            let regular = today.filter { $0.session == .regular }
            let isBetween = regular.contains { $0.end <= minute } && regular.contains { $0.begin > minute }
            self = isBetween ? .lunchBreak : .closed
            return
        }
        switch stretch.session {
        case .regular: self = .regular
        case .preMarket: self = .preMarket
        case .postMarket: self = .postMarket
        case .overnight: self = .overnight
        }
    }
}

extension MarketHours {
    /// The stretches of a day of this kind, without the overnight session of its evening.
    ///
    /// - Source: the exchanges' half days: Hong Kong 12:00, New York 13:00 (extended trading until 17:00), Singapore 12:15.
    public func on(_ kind: TradingDayKind) -> [SessionHours] {
        let day = sessions.filter { !($0.session == .overnight && $0.begin >= 720) }
        switch kind {
        case .closed: return []
        case .full: return day
        case .half:
            guard market == .unitedStates else {
                guard let first = day.filter({ $0.session == .regular }).min(by: { $0.begin < $1.begin }) else {
                    return day
                }
                return day.filter { $0.session == .overnight || $0.session == .preMarket } + [first]
            }
            return day.map { stretch in
                var stretch = stretch
                if stretch.session == .regular { stretch.end = min(stretch.end, 780) }
                if stretch.session == .postMarket { (stretch.begin, stretch.end) = (780, 1020) }
                return stretch
            }
        }
    }
}
