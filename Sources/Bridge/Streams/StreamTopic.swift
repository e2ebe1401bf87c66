internal import BrokerModel

/// One thing a stream can carry: a security's figures at an account, or an account's session.
enum StreamTopic: Hashable, Sendable {
    case market(account: String, MarketTopic)
    case candle(account: String, CandleTopic)
    case session(account: String)

    /// Whether a slow reader gets the newest event only.
    var isMerged: Bool {
        switch self {
        case .market, .candle: true
        case .session: false
        }
    }

    /// As the API writes it.
    var text: String {
        switch self {
        case .market(_, let topic): "\(topic.kind.rawValue):\(topic.symbol.text)"
        case .candle(_, let topic): "candle:\(topic.text)"
        case .session(let account): "session:\(account)"
        }
    }
}

/// Where the journal of events stands: which run, and which event of it.
struct EventPosition: Equatable, Sendable {
    let epoch: String
    let number: UInt64

    var text: String { "\(epoch)-\(number)" }

    init(epoch: String, number: UInt64) {
        self.epoch = epoch
        self.number = number
    }

    /// `nil` for anything that is not an id of ours.
    init?(_ text: String) {
        guard text.utf8.count <= 64, let dash = text.lastIndex(of: "-"),
            let number = UInt64(text[text.index(after: dash)...])
        else { return nil }
        epoch = String(text[..<dash])
        self.number = number
    }
}
