public import Bytes
public import Clocks

/// Orders that come with another and close its position: they work once it is done, and one ends the other.
public struct AttachedOrders: Equatable, Sendable {
    /// One of the two.
    public struct Exit: Equatable, Sendable {
        /// The price that sets it off.
        public var trigger: DecimalText
        /// Its limit then; `nil` for a market order, or where a row of the book gives it.
        public var limit: DecimalText?
        /// The row of the book whose price is its limit: 1 to 5 an ask, -1 to -5 a bid.
        public var depthLevel: Int?

        /// A market order at a trigger.
        public init(trigger: DecimalText, limit: DecimalText? = nil, depthLevel: Int? = nil) {
            self.trigger = trigger
            self.limit = limit
            self.depthLevel = depthLevel
        }

        /// Whether it becomes a limit order.
        public var isLimited: Bool { limit != nil || depthLevel != nil }
    }

    /// What each of them is for. The raw value is the field's name.
    public enum Purpose: String, Sendable, CaseIterable {
        case takeProfit = "take_profit"
        case stopLoss = "stop_loss"
    }

    /// At least one.
    public var exits: [Purpose: Exit]
    /// How long they live.
    public var timeInForce: TimeInForce
    /// The last day, exchange-local; with `gtd` only.
    public var expireDate: CivilDate?
    /// US securities: when they may be done.
    public var outsideRegularHours: OutsideRegularHours?

    /// Day orders.
    public init(_ exits: [Purpose: Exit]) {
        self.exits = exits
        timeInForce = .day
    }
}

/// An attached order as the broker describes it.
public struct AttachedOrder: Equatable, Sendable {
    /// The broker's number; not one of the broker's ordinary orders.
    public var brokerOrderID: String
    /// What it is for; `nil` for a word we do not know.
    public var purpose: AttachedOrders.Purpose?
    /// Where it stands; `nil` for a status we have no word for.
    public var status: OrderStatus?
    /// The broker's word for it.
    public var brokerStatus: String
    /// What sets it off.
    public var trigger: DecimalText?
    /// Its limit.
    public var limit: DecimalText?
    /// The row of the book that gives its limit.
    public var depthLevel: Int?
    /// Shares.
    public var quantity: DecimalText?
    /// Shares done.
    public var filledQuantity: DecimalText?
    /// Their average price.
    public var averagePrice: DecimalText?
    /// How long it lives.
    public var timeInForce: TimeInForce?
    /// The last day, exchange-local.
    public var expireDate: CivilDate?
    /// When the broker last changed it.
    public var updatedAt: WallTime?

    /// An order of which nothing else is known.
    public init(brokerOrderID: String, brokerStatus: String) {
        self.brokerOrderID = brokerOrderID
        self.brokerStatus = brokerStatus
    }

    /// Whether it can still change.
    public var isLive: Bool { status?.isFinal != true }
}

/// What an amendment does to the attached orders.
public enum AttachedChange: Equatable, Sendable {
    /// Others take their place.
    case replace(AttachedOrders)
    /// They are withdrawn.
    case withdraw
}
