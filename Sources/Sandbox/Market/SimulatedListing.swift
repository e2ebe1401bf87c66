internal import Bytes
internal import Clocks

/// One security as it stands: a record of the latest session of each kind, and the newest trades of them all.
struct SimulatedListing: Sendable {
    /// Trades that can be asked for.
    static let tradesKept = 1000

    let security: SimulatedSecurity
    let history: SimulatedHistory
    /// The latest session of each kind that has begun; there is always a regular one.
    private(set) var records: [TradingSession: SessionRecord] = [:]
    /// Oldest first, over all sessions.
    private(set) var trades: [SimulatedTrade] = []
    /// How many trades there have been; the version of the book.
    private(set) var tradeCount = 0
    /// The session that trades at the time it was last brought to; `nil` when the market is closed.
    private(set) var active: TradingSession?
    /// Sessions that are over and were traded here, rather than invented by the archive.
    private(set) var finished: [SessionSpan.Key: SessionRecord] = [:]
    private let hours: MarketHours
    private var random: SplitMix64

    /// Of a market at `now`.
    init(_ security: SimulatedSecurity, seed: UInt64, hours: MarketHours, now: WallTime) {
        self.security = security
        self.hours = hours
        history = SimulatedHistory(security, seed: seed)
        random = SplitMix64(seed: PricePath.mixed(seed, PricePath.hash(security.symbol)) &+ 1)
        advance(to: now)
    }

    /// The regular session that is shown: today's, or the last there was.
    var regular: SessionRecord? { records[.regular] }

    /// The session figures belong to now: the one that trades, else the regular one.
    var current: SessionRecord? { records[active ?? .regular] }

    /// Brings it to `now`: sessions end and begin, and if nobody looked for more than a minute, what was missed is traded.
    mutating func advance(to now: WallTime) {
        let spans = SessionTable.latest(
            security.market, hours: hours, hasExtended: security.hasExtendedSessions, now: now)
        // In the order they began, so that trades are in order and each knows the close before it.
        for span in spans.sorted(by: { $0.start < $1.start }) {
            if records[span.session]?.span != span { begin(span, now) }
            catchUp(span, to: min(now, WallTime(seconds: span.end - 1)))
        }
        active = spans.first { $0.contains(now.seconds) }?.session
    }

    private mutating func begin(_ span: SessionSpan, _ now: WallTime) {
        if let over = records[span.session]?.span {
            catchUp(over, to: WallTime(seconds: over.end - 1))
            finished[over.key] = records[span.session]
            let oldest = span.date.adding(days: -4)
            finished = finished.filter { $0.key.date >= oldest }
        }
        let before = trades.count
        records[span.session] = SessionRecord(
            span, history, previousClose: previousClose(before: span), now: now, trades: &trades)
        tradeCount += trades.count - before
        trim()
    }

    /// One trade for each minute that nobody looked at.
    private mutating func catchUp(_ span: SessionSpan, to end: WallTime) {
        while let last = records[span.session]?.lastTime, end - last > .seconds(90) {
            var next = last + .seconds(60)
            if !span.contains(next.seconds) {
                guard let part = span.parts.first(where: { $0.lowerBound > last.seconds }) else { return }
                next = WallTime(seconds: part.lowerBound)
            }
            guard next <= end else { return }
            trade(span.session, at: next)
        }
    }

    /// The close of the regular session before `span`; for what follows a regular session of the same day, its own.
    private func previousClose(before span: SessionSpan) -> Int64 {
        if span.session == .postMarket { return closes(span.date) }
        return closes(SessionTable.tradingDay(security.market, before: span.date, finished: finished))
    }

    private func closes(_ date: CivilDate) -> Int64 {
        if let record = records[.regular], record.span.date == date { return record.last }
        return finished[SessionSpan.Key(.regular, date)]?.last ?? history.close(date)
    }

    /// One trade in the session that is open; `false` if none is, or it was traded at a later time already.
    mutating func trade(at now: WallTime) -> Bool {
        guard let active, let record = records[active], record.span.contains(now.seconds), record.lastTime <= now else {
            return false
        }
        trade(active, at: now)
        return true
    }

    private mutating func trade(_ session: TradingSession, at now: WallTime) {
        records[session]?.trade(security, at: now, random: &random, to: &trades)
        tradeCount += 1
        trim()
    }

    private mutating func trim() {
        if trades.count > SimulatedListing.tradesKept * 2 {
            trades.removeFirst(trades.count - SimulatedListing.tradesKept)
        }
    }

    /// The newest trades, oldest first.
    func newest(_ count: Int) -> ArraySlice<SimulatedTrade> { trades.suffix(min(count, SimulatedListing.tradesKept)) }

    /// The order book around the last price of the current session.
    var book: SimulatedBook {
        SimulatedBook(
            security, last: current?.last ?? 0, isLastAsk: (trades.last?.direction ?? 0) > 0, version: tradeCount)
    }
}

extension SessionSpan {
    /// What names a session.
    struct Key: Hashable, Sendable {
        let session: TradingSession
        let date: CivilDate

        init(_ session: TradingSession, _ date: CivilDate) {
            self.session = session
            self.date = date
        }
    }

    var key: Key { Key(session, date) }
}

extension SessionTable {
    /// The day before `date` that traded: by the calendar, or because it was traded here around the clock.
    static func tradingDay(
        _ market: SimulatedMarket, before date: CivilDate, finished: [SessionSpan.Key: SessionRecord]
    ) -> CivilDate {
        let usual = TradingCalendar.previous(market, before: date)
        let traded = finished.keys.filter { $0.session == .regular && $0.date < date }.map(\.date).max()
        return traded.map { max($0, usual) } ?? usual
    }
}
