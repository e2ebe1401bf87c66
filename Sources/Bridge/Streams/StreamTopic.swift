internal import BrokerModel

/// One thing a stream can carry: a security's figures at an account, an account's session, its orders or its fills.
enum StreamTopic: Hashable, Sendable {
    case market(account: String, MarketTopic)
    case candle(account: String, CandleTopic)
    case session(account: String)
    case orders(account: String)
    case executions(account: String)

    /// Whether its events stand in the journal: none may be missed, ever.
    var isJournaled: Bool {
        switch self {
        case .orders, .executions: true
        case .market, .candle, .session: false
        }
    }

    /// The topic of a journal's entry.
    init?(_ entry: JournalEntry) {
        switch entry.topic {
        case "orders": self = .orders(account: entry.account)
        case "executions": self = .executions(account: entry.account)
        default: return nil
        }
    }

    /// Whether a slow reader gets the newest event only.
    var isMerged: Bool {
        switch self {
        case .market, .candle: true
        case .session, .orders, .executions: false
        }
    }

    /// As the API writes it.
    var text: String {
        switch self {
        case .market(_, let topic): "\(topic.kind.rawValue):\(topic.symbol.text)"
        case .candle(_, let topic): "candle:\(topic.text)"
        case .session(let account): "session:\(account)"
        case .orders(let account): "orders:\(account)"
        case .executions(let account): "executions:\(account)"
        }
    }
}

/// Where a stream stands: which run and which of its events, and which entry of the journal, which outlives runs.
struct EventPosition: Equatable, Sendable {
    let epoch: String
    let number: UInt64
    let journal: Int64

    var text: String { "\(epoch)-\(number)-\(journal)" }

    init(epoch: String, number: UInt64, journal: Int64) {
        self.epoch = epoch
        self.number = number
        self.journal = journal
    }

    /// The same place in the run, with another entry of the journal.
    func with(journal: Int64) -> EventPosition { EventPosition(epoch: epoch, number: number, journal: journal) }

    /// `nil` for anything that is not an id of ours.
    init?(_ text: String) {
        guard text.utf8.count <= 64 else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let number = UInt64(parts[1]), let journal = Int64(parts[2]),
            journal >= 0
        else { return nil }
        epoch = String(parts[0])
        self.number = number
        self.journal = journal
    }
}
