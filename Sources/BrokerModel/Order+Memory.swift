public import Bytes
public import Clocks

extension Order {
    /// Everything of an order that is kept, for storage.
    public struct Memory: Equatable, Sendable {
        /// As in ``Order``.
        public var version: Int
        /// As in ``Order``.
        public var request: OrderRequest
        /// As in ``Order``.
        public var brokerType: OrderType?
        /// As in ``Order``.
        public var brokerOrderID: String?
        /// As in ``Order``.
        public var isForeign: Bool
        /// As in ``Order``.
        public var isDuplicateSuspected: Bool
        /// As in ``Order``.
        public var name: String?
        /// As in ``Order``.
        public var settledStatus: OrderStatus
        /// As in ``Order``.
        public var brokerStatus: String?
        /// As in ``Order``.
        public var filledQuantity: DecimalText
        /// As in ``Order``.
        public var averagePrice: DecimalText?
        /// As in ``Order``.
        public var currency: String?
        /// As in ``Order``.
        public var attachedOrders: [AttachedOrder] = []
        /// As in ``Order``.
        public var outcome: Outcome
        /// As in ``Order``.
        public var rejection: Rejection?
        /// As in ``Order``.
        public var pending: Pending?
        /// As in ``Order``.
        public var createdAt: WallTime
        /// As in ``Order``.
        public var updatedAt: WallTime
        /// As in ``Order``.
        public var brokerUpdatedAt: WallTime?

        /// A memory to be filled in.
        public init(
            version: Int, request: OrderRequest, settledStatus: OrderStatus, outcome: Outcome, isForeign: Bool,
            createdAt: WallTime, updatedAt: WallTime
        ) {
            self.version = version
            self.request = request
            self.settledStatus = settledStatus
            self.outcome = outcome
            self.isForeign = isForeign
            self.createdAt = createdAt
            self.updatedAt = updatedAt
            isDuplicateSuspected = false
            filledQuantity = .zero
        }
    }

    /// What is to be kept of it.
    public var memory: Memory {
        var memory = Memory(
            version: version, request: request, settledStatus: settledStatus, outcome: outcome, isForeign: isForeign,
            createdAt: createdAt, updatedAt: updatedAt)
        memory.brokerType = brokerType
        memory.brokerOrderID = brokerOrderID
        memory.isDuplicateSuspected = isDuplicateSuspected
        memory.name = name
        memory.brokerStatus = brokerStatus
        memory.filledQuantity = filledQuantity
        memory.averagePrice = averagePrice
        memory.currency = currency
        memory.attachedOrders = attachedOrders
        memory.rejection = rejection
        memory.pending = pending
        memory.brokerUpdatedAt = brokerUpdatedAt
        return memory
    }

    /// The order that was kept.
    public init(id: OrderID, account: String, remembered memory: Memory) {
        self.id = id
        self.account = account
        version = memory.version
        request = memory.request
        brokerType = memory.brokerType
        brokerOrderID = memory.brokerOrderID
        isForeign = memory.isForeign
        isDuplicateSuspected = memory.isDuplicateSuspected
        name = memory.name
        settledStatus = memory.settledStatus
        brokerStatus = memory.brokerStatus
        filledQuantity = memory.filledQuantity
        averagePrice = memory.averagePrice
        currency = memory.currency
        attachedOrders = memory.attachedOrders
        outcome = memory.outcome
        rejection = memory.rejection
        pending = memory.pending
        createdAt = memory.createdAt
        updatedAt = memory.updatedAt
        brokerUpdatedAt = memory.brokerUpdatedAt
    }
}
