internal import BrokerModel
internal import Bytes
internal import Clocks

/// What one submit or amendment counts for.
struct RiskEntry: Sendable, Equatable {
    /// The order's; of an amendment, with the version it was asked for at.
    var id: String
    var account: String
    /// The name of the key.
    var holder: String
    var market: Market
    /// Whether it is one more order, and not an amendment.
    var isOrder: Bool
    /// What it adds to the day's sum, where that is known.
    var value: DecimalText?
    var at: WallTime
}

/// What was submitted lately, by one account or one key.
///
/// It keeps the instants of the last minute and, for two days of each market, a count and a sum: no more, whatever is
/// submitted. A minute with more submits than it keeps counts as that many.
struct RiskHistory: Sendable, Equatable {
    /// A day of a market, on its own clock.
    struct Day: Hashable, Sendable {
        var market: Market
        var date: CivilDate

        init(_ market: Market, at time: WallTime) {
            self.market = market
            date = market.timeZone.civil(at: time).date
        }
    }

    private struct Sum: Equatable, Sendable {
        var orders = 0
        var notional = DecimalText.zero
    }

    private static let kept = 5000
    private var minute: [WallTime] = []
    private var days: [Day: Sum] = [:]

    /// Takes in what is about to be sent.
    mutating func submitted(_ entry: RiskEntry) {
        minute.removeAll { !RiskHistory.isWithinMinute($0, of: entry.at) }
        if entry.isOrder, minute.count < RiskHistory.kept { minute.append(entry.at) }
        let day = Day(entry.market, at: entry.at)
        let oldest = day.date.adding(days: -2)
        days = days.filter { $0.key.date > oldest }
        if entry.isOrder { days[day, default: Sum()].orders += 1 }
        if let value = entry.value, let sum = notional(on: day).adding(value) {
            days[day, default: Sum()].notional = sum
        }
    }

    /// Takes one back that was provably not taken by the broker: it does not weigh on the day's sum. It was an attempt all
    /// the same, and counts as one.
    mutating func released(_ entry: RiskEntry) {
        let day = Day(entry.market, at: entry.at)
        guard let value = entry.value, let sum = days[day]?.notional.subtracting(value) else { return }
        days[day]?.notional = max(sum, .zero)
    }

    /// Takes one back that became nothing, not even an attempt: its key had been used.
    mutating func undone(_ entry: RiskEntry) {
        released(entry)
        guard entry.isOrder else { return }
        if let index = minute.lastIndex(of: entry.at) { minute.remove(at: index) }
        let day = Day(entry.market, at: entry.at)
        if let orders = days[day]?.orders, orders > 0 { days[day]?.orders = orders - 1 }
    }

    func count(inMinuteBefore now: WallTime) -> Int { minute.count { RiskHistory.isWithinMinute($0, of: now) } }
    func orders(on day: Day) -> Int { days[day]?.orders ?? 0 }
    func notional(on day: Day) -> DecimalText { days[day]?.notional ?? .zero }

    /// The days it has something of.
    var today: [(day: Day, orders: Int, notional: DecimalText)] {
        days.map { ($0.key, $0.value.orders, $0.value.notional) }
            .sorted { ($0.day.market.rawValue, $0.day.date) < ($1.day.market.rawValue, $1.day.date) }
    }

    /// A clock that stepped back makes no submit forgotten.
    private static func isWithinMinute(_ time: WallTime, of now: WallTime) -> Bool { now - time < .seconds(60) }
}
