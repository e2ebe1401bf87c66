/// One seat in the queue of a price row.
public struct QueuedBroker: Equatable, Sendable {
    /// The exchange's number of the seat.
    public var id: Int
    /// Who holds it, in the session's language; `nil` where the participants are not known.
    public var name: String?

    /// One seat.
    public init(id: Int, name: String? = nil) {
        self.id = id
        self.name = name
    }
}

/// The brokers queued at one price row, first in line first. A broker may stand in it more than once.
public struct QueueRow: Equatable, Sendable {
    /// The price row, 1 is the best.
    public var position: Int
    /// Empty where nobody stands.
    public var brokers: [QueuedBroker]

    /// One row.
    public init(position: Int, brokers: [QueuedBroker]) {
        self.position = position
        self.brokers = brokers
    }
}

/// Who stands at the best prices of a security (Hong Kong).
public struct BrokerQueue: Equatable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// Buy side.
    public var bids: [QueueRow]
    /// Sell side.
    public var asks: [QueueRow]
    /// The broker's sequence number, where it gives one.
    public var sequence: Int64?

    /// One queue.
    public init(symbol: Symbol, bids: [QueueRow], asks: [QueueRow], sequence: Int64?) {
        self.symbol = symbol
        self.bids = bids
        self.asks = asks
        self.sequence = sequence
    }
}

/// A member of an exchange and its seats.
public struct Participant: Equatable, Sendable {
    /// The numbers of its seats.
    public var ids: [Int]
    /// Name in English.
    public var nameEnglish: String?
    /// Name in simplified Chinese.
    public var nameSimplifiedChinese: String?
    /// Name in traditional Chinese.
    public var nameTraditionalChinese: String?

    /// A member without a name.
    public init(ids: [Int]) {
        self.ids = ids
    }
}
