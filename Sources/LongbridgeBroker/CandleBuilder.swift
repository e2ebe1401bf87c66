internal import BrokerModel
internal import Bytes
internal import Clocks

/// Makes the running candle of a topic out of pushes, beginning with candles that were pulled. Holds no clock.
///
/// Each session has a running candle of its own. Minutes and weeks are made of trades, days of the quote's own figures,
/// and candles of indexes, which have no trades, of quotes as if each were one.
///
/// - Source: the vendor's client (`longbridge-socket`, sections 15.3 to 15.5); the broker pushes no candles.
struct CandleBuilder {
    let topic: CandleTopic
    private let clock: SessionClock
    private let isIndex: Bool
    private let isOption: Bool
    private var running: [TradingSession: Running] = [:]

    private struct Running {
        var candle: Candle
        /// Whether a trade that sets prices belongs to it; until then its prices are the close before.
        var isPriced: Bool
    }

    /// What a trade may change.
    private enum Effect {
        case everything, volume, nothing
    }

    /// - Parameters:
    ///   - board: the vendor's word, where known.
    ///   - seed: candles as pulled, oldest first; the last of each session runs on.
    init(_ topic: CandleTopic, clock: SessionClock, board: String?, seed: [Candle]) {
        self.topic = topic
        self.clock = clock
        isIndex = board.map { CandleBuilder.indexBoards.contains($0) } ?? false
        isOption = OptionCode(topic.symbol.code) != nil && topic.symbol.market == .unitedStates
        for candle in seed {
            var candle = candle
            candle.isFinal = false
            running[candle.session ?? .regular] = Running(candle: candle, isPriced: true)
        }
    }

    private static let indexBoards: Set<String> = [
        "USDJI", "USNSDQ", "USSector", "HKHS", "HKSector", "CNIX", "CNSector", "STI", "SGSector", "SPXIndex",
        "VIXIndex",
    ]

    /// The newest candle of the sessions the topic covers.
    var latest: Candle? {
        running.filter { covers($0.key) }.values.map(\.candle).max { $0.start < $1.start }
    }

    private func covers(_ session: TradingSession) -> Bool { session == .regular || topic.sessions == .all }

    // MARK: Pushes

    /// What candles are built of.
    enum Push {
        case trades([Trade])
        case quote(Quote, volume: DecimalText, turnover: DecimalText)
    }

    /// Takes a push of either kind; the candles to tell of.
    mutating func take(_ push: Push) -> [Candle] {
        switch push {
        case .trades(let trades): take(trades)
        case .quote(let quote, let volume, let turnover): take(quote, volume: volume, turnover: turnover)
        }
    }

    /// Takes trades, oldest first; the candles to tell of: each one that ended, then the running one.
    mutating func take(_ trades: [Trade]) -> [Candle] {
        guard topic.interval != .oneDay, !isIndex else { return [] }
        var told = Told()
        for trade in trades { take(trade, &told) }
        return told.candles
    }

    private mutating func take(_ trade: Trade, _ told: inout Told) {
        let session = trade.session ?? .regular
        guard let price = trade.price, let start = clock.start(of: trade.time, session, topic.interval) else { return }
        let effect = effect(of: trade, session)
        guard effect != .nothing else { return }
        let quantity = trade.quantity ?? .zero
        // Mainland volumes are in lots of 100.
        let shares = topic.symbol.market.isMainland ? quantity.multiplied(by: DecimalText(100)) : quantity
        add(
            price: effect == .everything ? price : nil, quantity: quantity,
            turnover: shares.flatMap { $0.multiplied(by: price) } ?? .zero, start: start, session, &told)
    }

    /// Takes merged figures of the regular session; `volume` and `turnover` are what traded since the push before.
    mutating func take(_ quote: Quote, volume: DecimalText, turnover: DecimalText) -> [Candle] {
        var told = Told()
        guard let time = quote.timestamp else { return [] }
        if topic.interval == .oneDay {
            takeDay(quote, time, &told)
        } else if isIndex, let price = quote.last, let start = clock.start(of: time, .regular, topic.interval) {
            add(price: price, quantity: volume, turnover: turnover, start: start, .regular, &told)
        }
        return told.candles
    }

    /// The whole candle is replaced; it is dated by the quote, at any hour.
    private mutating func takeDay(_ quote: Quote, _ time: WallTime, _ told: inout Told) {
        let zone = clock.market.timeZone
        let start = zone.wallTime(zone.civil(at: time).date, secondOfDay: 0)
        guard start >= running[.regular]?.candle.start ?? start else { return }
        finish(.regular, before: start, &told)
        var candle = Candle(start: start, isFinal: false)
        candle.open = quote.open
        candle.high = quote.high
        candle.low = quote.low
        candle.close = quote.last
        candle.volume = quote.volume
        candle.turnover = quote.turnover
        candle.session = .regular
        running[.regular] = Running(candle: candle, isPriced: true)
        told.running = candle
    }

    /// The candles whose time is over by `now`, each told once: a security that does not trade would never end one. A push
    /// that comes later still changes such a candle, which stays final.
    mutating func finish(at now: WallTime) -> [Candle] {
        var ended: [Candle] = []
        for (session, entry) in running where covers(session) && !entry.candle.isFinal {
            let end = topic.interval.end(ofCandleAt: entry.candle.start, zone: clock.market.timeZone)
            guard end + CandleBuilder.grace <= now else { continue }
            running[session]?.candle.isFinal = true
            var candle = entry.candle
            candle.isFinal = true
            ended.append(candle)
        }
        return ended.sorted { $0.start < $1.start }
    }

    /// How late pushes usually are at the most.
    static let grace = Duration.seconds(15)

    // MARK: Candles

    /// What is to be told at the end of a push: candles that ended, and the running one as it is then.
    private struct Told {
        var ended: [Candle] = []
        var running: Candle?
        var candles: [Candle] { ended + (running.map { [$0] } ?? []) }
    }

    private mutating func finish(_ session: TradingSession, before start: WallTime, _ told: inout Told) {
        guard var old = running[session]?.candle, old.start < start, !old.isFinal, covers(session) else { return }
        old.isFinal = true
        told.ended.append(old)
    }

    /// - Parameter price: `nil` for a trade that changes volume only.
    private mutating func add(
        price: DecimalText?, quantity: DecimalText, turnover: DecimalText, start: WallTime, _ session: TradingSession,
        _ told: inout Told
    ) {
        var entry: Running
        if let current = running[session], current.candle.start >= start {
            guard current.candle.start == start else { return }
            entry = current
        } else {
            guard let first = price ?? running[session]?.candle.close else { return }
            finish(session, before: start, &told)
            var candle = Candle(start: start, isFinal: false)
            (candle.open, candle.high, candle.low, candle.close) = (first, first, first, first)
            (candle.volume, candle.turnover) = (.zero, .zero)
            candle.session = session
            entry = Running(candle: candle, isPriced: price != nil)
        }
        if let price {
            if !entry.isPriced { entry.candle.open = price }
            entry.isPriced = true
            entry.candle.high = max(entry.candle.high ?? price, price)
            entry.candle.low = min(entry.candle.low ?? price, price)
            entry.candle.close = price
        }
        entry.candle.volume = (entry.candle.volume ?? .zero).adding(quantity)
        entry.candle.turnover = (entry.candle.turnover ?? .zero).adding(turnover)
        running[session] = entry
        if covers(session) { told.running = entry.candle }
    }

    private func effect(of trade: Trade, _ session: TradingSession) -> Effect {
        switch topic.symbol.market {
        case .hongKong:
            switch trade.type {
            case nil, "U": .everything
            case "D", "M", "P", "X", "Y": .volume
            default: .nothing
            }
        case .unitedStates:
            switch trade.type {
            case nil, "A", "B", "D", "E", "F", "K", "S", "X", "1": .everything
            case "I": isOption || session == .preMarket || session == .postMarket ? .everything : .volume
            case "C", "G", "H", "V", "W": .volume
            default: .nothing
            }
        case .shanghai, .shenzhen, .singapore: .everything
        }
    }
}

extension Market {
    /// Whether it is one of mainland China's.
    var isMainland: Bool { self == .shanghai || self == .shenzhen }
}
