public import BrokerModel
public import EventLoops

/// A call of the broker's own interface, as a caller wrote it.
public struct RawCall: Sendable {
    /// `GET`, `POST`, `PUT`, `DELETE`.
    public var method: String
    /// From the first slash on; ASCII letters, digits, `-._~` and `/` only.
    public var path: String
    /// As it came, escapes included; empty for none.
    public var query: String
    /// JSON; `nil` for none.
    public var body: [UInt8]?

    /// One call.
    public init(method: String, path: String, query: String, body: [UInt8]?) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    /// Whether it may change something, by its method.
    public var isWrite: Bool { method != "GET" }
}

/// What may be done with a call.
public enum RawPermission: Sendable, Equatable {
    /// It may go.
    case allowed
    /// It would place, change or cancel an order past the ledger; there are routes of our own for that.
    case usesOrders
    /// It is not on the list of writes that may go.
    case notListed
}

/// The broker's own interface, for what ours does not cover.
@LoopActor
public protocol RawCalls: AnyObject {
    /// The word in the path, `longbridge` or `opend`.
    var name: String { get }
    /// Whether the call may change something at the broker.
    func isWrite(_ call: RawCall) -> Bool
    /// Whether the call may go.
    func permission(_ call: RawCall) -> RawPermission
    /// Makes the call and gives its data as JSON, as it came. A write whose answer is lost is `.timedOut` or
    /// `.connectionLost`: nobody knows then.
    func call(_ call: RawCall, wait: Duration) async throws(BrokerFailure) -> [UInt8]
}

extension RawCalls {
    /// By its method.
    public func isWrite(_ call: RawCall) -> Bool { call.isWrite }
}
