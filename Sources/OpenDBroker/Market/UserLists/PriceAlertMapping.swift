internal import BrokerModel
internal import Bytes
internal import OpenDWire

/// `SetPriceReminderOp`.
enum ReminderOperation: Int32 {
    case add = 1
    case delete = 2
    case enable = 3
    case disable = 4
    case modify = 5
}

/// An alert as the product has it, with what the gateway wants back when it is modified.
struct KeptAlert {
    /// Its id is the gateway's key and the security, since the gateway wants both.
    var alert: PriceAlert
    var key: Int64
    var note: String
    /// `PriceReminderMarketStatus`, United States only.
    var sessions: [Int32]

    init(_ item: OpenD.QotGetPriceReminder.PriceReminderItem, symbol: Symbol) {
        alert = PriceAlert(
            id: "\(item.key)-\(symbol.text)", symbol: symbol,
            condition: AlertCondition.allCases.first { $0.reminderType == item.type },
            value: DecimalText(double: item.value),
            frequency: AlertFrequency.allCases.first { $0.reminderFrequency == item.freq }, isEnabled: item.isEnable)
        alert.text = item.note.isEmpty ? nil : item.note
        key = item.key
        note = item.note
        sessions = item.reminderSessionList
    }

    /// All of an answer; securities that are none of ours are left out.
    static func list(_ answer: OpenD.QotGetPriceReminder.S2C) -> [KeptAlert] {
        answer.priceReminderList.flatMap { entry in
            guard let symbol = Symbol(entry.security) else { return [KeptAlert]() }
            return entry.itemList.map { KeptAlert($0, symbol: symbol) }
        }
    }

    /// The key and the security of an id; `nil` for a text that is none.
    static func parts(_ id: String) -> (key: Int64, symbol: Symbol)? {
        let parts = id.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let key = Int64(parts[0]), let symbol = Symbol(String(parts[1])) else { return nil }
        return (key, symbol)
    }
}

extension OpenD.QotSetPriceReminder.C2S {
    /// A reminder that is made or modified.
    init(_ alert: PriceAlert, operation: ReminderOperation) throws(BrokerFailure) {
        guard let condition = alert.condition, let value = alert.value else {
            throw BrokerFailure(
                .notSupported, "An alert of this condition can be seen, turned on and off, and dropped only.")
        }
        // The gateway would cut off what is behind the third, and wait for another value than was asked for.
        guard value.normalized.scale <= 3 else {
            throw BrokerFailure(.invalidRequest, "The broker takes values of up to three decimals.", field: "value")
        }
        self.init()
        security = alert.symbol.security
        op = operation.rawValue
        type = condition.reminderType
        self.value = value.double
        freq = (alert.frequency ?? .once).reminderFrequency
    }
}

extension AlertCondition {
    /// `PriceReminderType`; percent fields hold 5 for 5 %, as ours do.
    var reminderType: Int32 {
        switch self {
        case .priceAbove: 1
        case .priceBelow: 2
        case .risePercent: 3
        case .fallPercent: 4
        }
    }
}

extension AlertFrequency {
    /// `PriceReminderFreq`.
    var reminderFrequency: Int32 {
        switch self {
        case .everyTime: 1
        case .daily: 2
        case .once: 3
        }
    }
}
