public import Bytes
public import Clocks

/// An order as the broker describes it at one moment, in our words.
public struct BrokerOrder: Equatable, Sendable {
    /// The broker's number.
    public var brokerOrderID: String
    /// What stands in its remark: our tag, and the caller's note.
    public var remark: String
    /// The security.
    public var symbol: Symbol
    /// Its name, as the broker writes it.
    public var name: String?
    /// Which way.
    public var side: OrderSide
    /// How it is priced; `nil` for a type we have no word for.
    public var type: OrderType?
    /// Where it stands; `nil` for a status we have no word for.
    public var status: OrderStatus?
    /// The broker's word for it.
    public var brokerStatus: String
    /// Shares wanted.
    public var quantity: DecimalText
    /// Shares done.
    public var filledQuantity: DecimalText
    /// The average price of those.
    public var averagePrice: DecimalText?
    /// The figures it has.
    public var prices: [OrderPrice: DecimalText]
    /// ISO 4217.
    public var currency: String?
    /// How long it lives.
    public var timeInForce: TimeInForce?
    /// The last day, exchange-local.
    public var expireDate: CivilDate?
    /// When it may be done.
    public var outsideRegularHours: OutsideRegularHours?
    /// What sets it off, or lets it go; `nil` where the news does not say (a push).
    public var conditions: OrderConditions?
    /// Its attached orders; `nil` where the news does not say (a push).
    public var attachedOrders: [AttachedOrder]?
    /// Why it was refused, in the broker's words.
    public var message: String?
    /// When the broker took it.
    public var submittedAt: WallTime?
    /// When the broker last changed it.
    public var updatedAt: WallTime?
    /// What its word comes after where the broker's times do not tell; `nil` where they do, or the word is not known.
    public var succession: Succession?

    /// The words of the broker's that another one of its words comes after, for news that bear the same time.
    public struct Succession: Equatable, Sendable {
        /// Words it comes after.
        public var words: Set<String>
        /// Words it comes after if quantity and prices are the same: otherwise it may be from before a change of them.
        public var wordsOfSameFigures: Set<String>

        /// What one word comes after.
        public init(_ words: Set<String>, ofSameFigures wordsOfSameFigures: Set<String> = []) {
            self.words = words
            self.wordsOfSameFigures = wordsOfSameFigures
        }
    }

    /// An order with nothing else known.
    public init(
        brokerOrderID: String, symbol: Symbol, side: OrderSide, quantity: DecimalText, brokerStatus: String,
        status: OrderStatus?
    ) {
        self.brokerOrderID = brokerOrderID
        self.symbol = symbol
        self.side = side
        self.quantity = quantity
        self.brokerStatus = brokerStatus
        self.status = status
        remark = ""
        filledQuantity = .zero
        prices = [:]
    }
}

/// One fill of an order.
public struct Execution: Equatable, Sendable {
    /// The broker's number of the fill; unique in the account.
    public var id: String
    /// The broker's number of the order.
    public var brokerOrderID: String
    /// The security.
    public var symbol: Symbol
    /// Which way; `nil` where the broker does not say.
    public var side: OrderSide?
    /// Its price.
    public var price: DecimalText
    /// Shares.
    public var quantity: DecimalText
    /// When it was done.
    public var time: WallTime

    /// One fill.
    public init(
        id: String, brokerOrderID: String, symbol: Symbol, side: OrderSide?, price: DecimalText, quantity: DecimalText,
        time: WallTime
    ) {
        self.id = id
        self.brokerOrderID = brokerOrderID
        self.symbol = symbol
        self.side = side
        self.price = price
        self.quantity = quantity
        self.time = time
    }
}

/// What the broker tells of an order beyond the list.
public struct BrokerOrderDetail: Equatable, Sendable {
    /// One line of what it cost.
    public struct Charge: Equatable, Sendable {
        /// `broker`, `third_party`, or as the broker writes it.
        public var category: String
        /// The fee's name.
        public var name: String
        /// Money.
        public var amount: DecimalText?
        /// ISO 4217.
        public var currency: String?

        /// One line.
        public init(category: String, name: String, amount: DecimalText?, currency: String?) {
            self.category = category
            self.name = name
            self.amount = amount
            self.currency = currency
        }
    }

    /// One step of its life, as the broker keeps it.
    public struct Step: Equatable, Sendable {
        /// When.
        public var time: WallTime?
        /// The broker's word for the status.
        public var status: String
        /// Price of the step.
        public var price: DecimalText?
        /// Shares of the step.
        public var quantity: DecimalText?
        /// The broker's words.
        public var message: String?

        /// One step.
        public init(
            time: WallTime?, status: String, price: DecimalText?, quantity: DecimalText?, message: String?
        ) {
            self.time = time
            self.status = status
            self.price = price
            self.quantity = quantity
            self.message = message
        }
    }

    /// The order.
    public var order: BrokerOrder
    /// What it cost, in all; `nil` until the broker knows.
    public var totalCharges: DecimalText?
    /// ISO 4217.
    public var chargesCurrency: String?
    /// Line by line.
    public var charges: [Charge]
    /// Oldest first.
    public var history: [Step]

    /// An order with no charges known.
    public init(order: BrokerOrder) {
        self.order = order
        charges = []
        history = []
    }
}
