public import BrokerModel
public import Clocks
public import EventLoops

/// What became of a request that changes something at the broker.
public enum WriteOutcome: Sendable {
    /// The broker took it; for a submit with its number of the order.
    case accepted(brokerOrderID: String)
    /// The broker refused it for good: a code that is in the table of definite refusals.
    case refused(BrokerFailure)
    /// Provably not sent, or provably not taken: it may be repeated.
    case notSent(BrokerFailure)
    /// Sent, and nobody knows.
    case unknown(BrokerFailure)
}

/// What a trade link tells without being asked.
public enum TradeEvent: Sendable {
    /// An order changed. It may be late, doubled or out of order.
    case order(BrokerOrder)
    /// A fill. It may be late, doubled, or of an order nobody has told of yet.
    case execution(Execution)
    /// Pushes flow from now on; what happened before has to be asked for.
    case ready
    /// Pushes may be missed from now on.
    case lost
}

/// A page of a list at the broker.
public struct BrokerPage<Element: Sendable>: Sendable {
    /// The elements.
    public var elements: [Element]
    /// What to ask for next; `nil` at the end.
    public var next: String?

    /// One page.
    public init(_ elements: [Element], next: String? = nil) {
        self.elements = elements
        self.next = next
    }
}

/// What a list of past orders or fills is asked for.
public struct PastRequest: Sendable {
    /// The first moment.
    public var start: WallTime
    /// The last moment.
    public var end: WallTime
    /// One security; `nil` for all.
    public var symbol: Symbol?
    /// Where the last page ended.
    public var cursor: String?

    /// One request.
    public init(start: WallTime, end: WallTime, symbol: Symbol? = nil, cursor: String? = nil) {
        self.start = start
        self.end = end
        self.symbol = symbol
        self.cursor = cursor
    }
}

/// The trading side of an account's session. Reads throw ``BrokerFailure``; writes never throw, they have an outcome.
///
/// Every call waits for the broker's limits up to `wait`. A write is sent at most once, whatever happens.
@LoopActor
public protocol TradingBroker: AnyObject {
    /// Order types it takes.
    var orderTypes: Set<OrderType> { get }
    /// Told of pushes. Set once, before the start; called on the loop.
    var onTradeEvent: (@LoopActor (TradeEvent) -> Void)? { get set }
    /// Whether pushes flow.
    var isPushing: Bool { get }

    /// What it would refuse without asking anybody: a field that does not fit the type, the market or the broker.
    func validate(_ request: OrderRequest) throws(BrokerFailure)
    /// Sends an order once. `tag` goes with it and comes back in its remark; `note` stands behind.
    func submit(_ request: OrderRequest, id: OrderID, wait: Duration) async -> WriteOutcome
    /// Asks for an amendment. `order` is the order as it stands.
    func replace(_ order: Order, _ change: OrderChange, wait: Duration) async -> WriteOutcome
    /// Asks for a cancellation.
    func cancel(_ order: Order, wait: Duration) async -> WriteOutcome

    /// Opens trading with the stored secret, as a person asked for.
    func unlock(wait: Duration) async throws(BrokerFailure)

    /// The orders of the running trading day, and those that live on from earlier ones.
    func todaysOrders(wait: Duration) async throws(BrokerFailure) -> [BrokerOrder]
    /// Orders of earlier days.
    func pastOrders(_ request: PastRequest, wait: Duration) async throws(BrokerFailure) -> BrokerPage<BrokerOrder>
    /// One order with its charges; `nil` if the broker has none of that number.
    func detail(brokerOrderID: String, wait: Duration) async throws(BrokerFailure) -> BrokerOrderDetail?
    /// The fills of the running trading day.
    func todaysExecutions(wait: Duration) async throws(BrokerFailure) -> [Execution]
    /// Fills of earlier days.
    func pastExecutions(_ request: PastRequest, wait: Duration) async throws(BrokerFailure) -> BrokerPage<Execution>

    /// What the account is worth; in `currency`, if the broker can convert.
    func balances(currency: String?, wait: Duration) async throws(BrokerFailure) -> [AccountBalance]
    /// Securities held; all, or some.
    func positions(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> [Position]
    /// Funds held.
    func fundPositions(wait: Duration) async throws(BrokerFailure) -> [FundPosition]
    /// Movements of money. `type` is `cash`, `stock` or `fund`.
    func cashFlow(_ request: PastRequest, type: String?, wait: Duration) async throws(BrokerFailure)
        -> BrokerPage<CashFlowEntry>
    /// How much of a position must be covered.
    func marginRatio(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> MarginRatio
    /// The most that can be bought or sold.
    func maximumQuantity(_ request: OrderRequest, replacing: String?, wait: Duration) async throws(BrokerFailure)
        -> MaximumQuantity
}

extension TradingBroker {
    /// There is no lock.
    public func unlock(wait: Duration) async throws(BrokerFailure) {
        throw BrokerFailure(.notSupported, "The account's broker does not lock trading.")
    }
}
