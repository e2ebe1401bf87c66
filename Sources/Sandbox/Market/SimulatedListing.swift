internal import Bytes
internal import Clocks

/// One bar of history or of the running day; prices in thousandths.
struct SimulatedBar: Equatable, Sendable {
    var start: WallTime
    var open: Int64
    var high: Int64
    var low: Int64
    var close: Int64
    var volume: Int64
    /// In thousandths of the currency.
    var turnover: Int64

    mutating func take(_ price: Int64, _ quantity: Int64) {
        high = max(high, price)
        low = min(low, price)
        close = price
        volume += quantity
        turnover += price * quantity
    }

    mutating func join(_ later: SimulatedBar) {
        high = max(high, later.high)
        low = min(low, later.low)
        close = later.close
        volume += later.volume
        turnover += later.turnover
    }
}

/// One trade of the simulation.
struct SimulatedTrade: Equatable, Sendable {
    var price: Int64
    var quantity: Int64
    var time: WallTime
    /// -1 down, 0 unchanged, 1 up.
    var direction: Int
}

/// One security's day so far: trades move the last price, and everything else follows from them.
struct SimulatedListing: Sendable {
    let security: SimulatedSecurity
    let day: CivilDate
    let previousClose: Int64
    private(set) var today: SimulatedBar
    private(set) var last: Int64
    private(set) var lastTime: WallTime
    private(set) var trades: [SimulatedTrade] = []
    /// The minutes of the day, oldest first.
    private(set) var minutes: [SimulatedBar] = []
    private var random: SplitMix64

    private static let tradesKept = 1000

    /// The day up to `now`: minutes since the local midnight, at most 600 of them.
    init(_ security: SimulatedSecurity, seed: UInt64, previousClose: Int64, zone: TimeZoneRule, now: WallTime) {
        self.security = security
        self.previousClose = previousClose
        random = SplitMix64(seed: seed ^ SimulatedHistory.hash(security.symbol))
        let civil = zone.civil(at: now)
        day = civil.date
        let minute = Int64(civil.secondOfDay / 60)
        let start = WallTime(seconds: now.seconds - Int64(civil.secondOfDay % 60) - min(minute, 600) * 60)
        last = TickTable.rounded(previousClose, security)
        lastTime = start
        today = SimulatedBar(start: start, open: last, high: last, low: last, close: last, volume: 0, turnover: 0)
        var time = start
        while time <= now {
            trade(at: time)
            time = time + .seconds(60)
        }
    }

    /// One trade, a step up or down or none, drawn towards the previous close.
    mutating func trade(at time: WallTime) {
        let step = TickTable.step(security, at: last)
        let pull = last > previousClose ? 1 : last < previousClose ? -1 : 0
        // Of 100: 30 up, 30 down, and 4 shifted towards the previous close.
        let dice = Int(random.next(upperBound: 100 as UInt64))
        let direction = dice < 30 - 4 * pull ? 1 : dice < 60 ? -1 : 0
        let price = max(TickTable.rounded(last + Int64(direction) * step, security), step)
        let lots = 1 + Int64(random.next(upperBound: 20 as UInt64))
        let quantity = security.isIndex ? 0 : lots * (security.lotSize == 1 ? 10 : security.lotSize)
        let trade = SimulatedTrade(
            price: price, quantity: quantity, time: time, direction: price > last ? 1 : price < last ? -1 : 0)
        if trades.count >= SimulatedListing.tradesKept * 2 { trades.removeFirst(SimulatedListing.tradesKept) }
        trades.append(trade)
        if today.volume == 0, trades.count == 1 { today.open = price }
        today.take(price, quantity)
        let minute = WallTime(seconds: time.seconds - time.seconds % 60)
        if minutes.last?.start == minute {
            minutes[minutes.count - 1].take(price, quantity)
        } else {
            minutes.append(
                SimulatedBar(start: minute, open: price, high: price, low: price, close: price, volume: 0, turnover: 0))
            minutes[minutes.count - 1].take(price, quantity)
        }
        last = price
        lastTime = time
    }

    /// The newest trades, oldest first.
    func newest(_ count: Int) -> ArraySlice<SimulatedTrade> { trades.suffix(min(count, SimulatedListing.tradesKept)) }

    /// One row of the book: price in thousandths, shares, orders.
    struct Row: Sendable {
        var price: Int64
        var quantity: Int64
        var orders: Int64
    }

    /// Ten rows a side around the last price; the same state gives the same book.
    func book() -> (bids: [Row], asks: [Row]) {
        var generator = SplitMix64(
            seed: SimulatedHistory.hash(security.symbol) ^ UInt64(bitPattern: today.volume) ^ UInt64(bitPattern: last))
        func side(_ sign: Int64) -> [Row] {
            var rows: [Row] = []
            var price = last
            if sign > 0 { price += TickTable.step(security, at: last) }
            while rows.count < 10, price > 0 {
                let lots = 1 + Int64(generator.next(upperBound: 200 as UInt64))
                rows.append(
                    Row(
                        price: price, quantity: lots * (security.lotSize == 1 ? 10 : security.lotSize),
                        orders: 1 + Int64(generator.next(upperBound: 40 as UInt64))))
                price += sign * TickTable.step(security, at: sign > 0 ? price : price - 1)
            }
            return rows
        }
        return (side(-1), side(1))
    }

    /// Broker seats of one side, by price row.
    func brokers(_ salt: UInt64) -> [[Int32]] {
        var generator = SplitMix64(seed: SimulatedHistory.hash(security.symbol) ^ UInt64(bitPattern: last) ^ salt)
        let seats = SimulatedParticipant.all.flatMap(\.seats)
        return (0..<3).map { _ in
            (0..<(2 + Int(generator.next(upperBound: 6 as UInt64)))).map { _ in
                seats[Int(generator.next(upperBound: UInt64(seats.count)))]
            }
        }
    }
}

/// A Hong Kong exchange participant.
struct SimulatedParticipant: Sendable {
    let seats: [Int32]
    let english: String
    let simplified: String
    let traditional: String

    static let all: [SimulatedParticipant] = [
        SimulatedParticipant(seats: [8304, 8305], english: "HSBC", simplified: "汇丰", traditional: "滙豐"),
        SimulatedParticipant(seats: [6997, 6999], english: "UBS", simplified: "瑞银", traditional: "瑞銀"),
        SimulatedParticipant(seats: [4973, 4978], english: "Citigroup", simplified: "花旗", traditional: "花旗"),
        SimulatedParticipant(seats: [3168, 3169], english: "BOCI", simplified: "中银国际", traditional: "中銀國際"),
        SimulatedParticipant(seats: [5465], english: "Goldman Sachs", simplified: "高盛", traditional: "高盛"),
        SimulatedParticipant(
            seats: [6390, 6396, 6399], english: "China Investment", simplified: "中国投资", traditional: "中國投資"),
        SimulatedParticipant(seats: [1049], english: "Tiger", simplified: "老虎", traditional: "老虎"),
    ]
}
