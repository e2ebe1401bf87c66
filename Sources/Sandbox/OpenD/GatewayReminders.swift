internal import Clocks
internal import OpenDWire

/// Reminders of prices and other figures.
struct GatewayReminders: Sendable {
    struct Reminder: Sendable {
        var key: Int64 = 0
        var code: GatewayCode
        /// By the gateway's numbers.
        var type: Int32
        var value: Double
        var note: String
        /// 1 always, 2 once a day, 3 once.
        var frequency: Int32
        var sessions: [Int32]
        var isEnabled = true
        /// Whether the figure was beyond the value when it was last looked at.
        var wasReached: Bool?
        /// The day it was told of last, for those told once a day.
        var firedOn: CivilDate?

        /// The figure it looks at; `nil` when there is none.
        func current(_ view: GatewayView, _ figures: GatewayView.Figures) -> Double? {
            func rate(over minutes: Int) -> Double? {
                guard let before = view.minutesAgo(minutes), before > 0 else { return nil }
                return GatewayView.rounded(Double(figures.last - before) / Double(before) * 100)
            }
            switch type {
            case 1, 2: return GatewayView.amount(figures.last)
            case 3, 4: return figures.changeRate
            case 5, 6: return rate(over: 5)
            case 7: return Double(figures.volume)
            case 8: return GatewayView.amount(figures.turnover)
            case 9: return view.turnoverRate
            case 10: return view.book.bids.first.map { GatewayView.amount($0.price) }
            case 11: return view.book.asks.first.map { GatewayView.amount($0.price) }
            case 12: return view.book.bids.first.map { Double($0.quantity) }
            case 13: return view.book.asks.first.map { Double($0.quantity) }
            case 14, 15: return rate(over: 3)
            default: return nil
            }
        }

        func isReached(_ current: Double) -> Bool {
            switch type {
            case 2, 11: current <= value
            // Falls are given as they are shown, without a sign or with one.
            case 4, 6, 15: current <= -abs(value)
            default: current >= value
            }
        }

        var message: OpenD.QotGetPriceReminder.PriceReminderItem {
            var item = OpenD.QotGetPriceReminder.PriceReminderItem()
            item.key = key
            item.type = type
            item.value = value
            item.note = note
            item.freq = frequency
            item.isEnable = isEnabled
            item.reminderSessionList = sessions
            return item
        }
    }

    private(set) var all: [Int64: Reminder] = [:]
    private var nextKey: Int64 = 1_700_000_000_001
    /// The most reminders.
    static let bound = 1000

    /// Securities it must be told of.
    var codes: Set<GatewayCode> { Set(all.values.filter(\.isEnabled).map(\.code)) }

    func count(_ code: GatewayCode, _ type: Int32) -> Int { all.values.count { $0.code == code && $0.type == type } }

    /// Returns its key.
    mutating func add(_ reminder: Reminder) -> Int64 {
        var kept = reminder
        kept.key = nextKey
        all[nextKey] = kept
        nextKey += 1
        return kept.key
    }

    mutating func remove(_ isUnwanted: (Reminder) -> Bool) { all = all.filter { !isUnwanted($0.value) } }

    /// Switches one on or off, or changes what the request names.
    mutating func change(_ key: Int64, _ c2s: OpenD.QotSetPriceReminder.C2S) {
        switch c2s.op {
        case 3: all[key]?.isEnabled = true
        case 4: all[key]?.isEnabled = false
        default:
            if let type = c2s.type, (1...15).contains(type) { all[key]?.type = type }
            if let value = c2s.value, value.isFinite { all[key]?.value = value }
            if let note = c2s.note { all[key]?.note = String(note.prefix(100)) }
            if let frequency = c2s.freq, (1...3).contains(frequency) { all[key]?.frequency = frequency }
            all[key]?.wasReached = nil
        }
    }

    /// Whether a reminder is told of now: when its figure gets beyond the value, as often as it is wanted.
    mutating func isSetOff(_ key: Int64, isReached: Bool, today: CivilDate) -> Bool {
        guard let reminder = all[key], reminder.isEnabled else { return false }
        all[key]?.wasReached = isReached
        guard isReached, reminder.wasReached != true else { return false }
        if reminder.frequency == 2, reminder.firedOn == today { return false }
        all[key]?.firedOn = today
        if reminder.frequency == 3 { all[key]?.isEnabled = false }
        return true
    }
}
