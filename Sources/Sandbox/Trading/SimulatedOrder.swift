internal import Bytes
internal import Clocks

/// An order at the simulated broker. Money and prices are thousandths, quantities whole shares.
struct SimulatedOrder: Sendable, Equatable {
    enum Side: String, Sendable { case buy, sell }

    /// How it is priced, and what sets it off.
    enum Kind: Sendable, Equatable {
        /// Against the book at once, whatever the price.
        case market
        /// Not worse than its limit.
        case limit
        /// Becomes a limit order when the price touches its trigger.
        case limitIfTouched
        /// Becomes a market order when the price touches its trigger.
        case marketIfTouched
        /// Becomes a market order when the price comes back from its best by the trail.
        case trailingMarket
        /// Becomes a limit order then, `limitOffset` beyond.
        case trailingLimit
    }

    enum Lifetime: String, Sendable { case day, goodTilCancelled, goodTilDate }

    enum Status: Sendable, Equatable {
        /// Waits for its trigger.
        case waiting
        case open
        case partiallyFilled
        case filled, cancelled, rejected, expired

        var isFinal: Bool {
            switch self {
            case .filled, .cancelled, .rejected, .expired: true
            case .waiting, .open, .partiallyFilled: false
            }
        }
    }

    /// One line of its history.
    struct Step: Sendable, Equatable {
        var time: WallTime
        var status: Status
        var price: Int64
        var quantity: Int64
        var message: String
    }

    struct Fill: Sendable, Equatable {
        var id: String
        var order: Int64
        var symbol: String
        var side: Side
        var price: Int64
        var quantity: Int64
        var time: WallTime
    }

    let id: Int64
    let symbol: String
    let side: Side
    let kind: Kind
    /// The wire's word for the type; the engine only hands it on.
    var typeName: String
    var quantity: Int64
    var limit: Int64?
    var trigger: Int64?
    /// In thousandths of the currency; of a percent for `isTrailPercent`.
    var trail: Int64?
    var isTrailPercent = false
    var limitOffset: Int64?
    var lifetime = Lifetime.day
    var expires: CivilDate?
    /// The wire's word for the sessions it may be done in.
    var outside = ""
    var remark = ""
    var submitted: WallTime
    var updated: WallTime
    var triggered: WallTime?
    var status = Status.open
    var filled: Int64 = 0
    /// Price times quantity of all fills.
    var filledValue: Int64 = 0
    var last: Int64?
    var lastQuantity: Int64 = 0
    var fees: Int64 = 0
    var message = ""
    var history: [Step] = []
    /// The best price since it trails.
    var best: Int64?
    /// Cash held back for it.
    var held: Int64 = 0

    var remaining: Int64 { quantity - filled }
    /// Rounded to a thousandth.
    var average: Int64 { filled == 0 ? 0 : (filledValue + filled / 2) / filled }

    /// Whether it waits for something before it is an order in the book.
    var isConditional: Bool {
        switch kind {
        case .market, .limit: false
        case .limitIfTouched, .marketIfTouched, .trailingMarket, .trailingLimit: true
        }
    }

    /// The worst price it takes now; `nil` for any.
    var worst: Int64? {
        switch kind {
        case .market, .marketIfTouched, .trailingMarket: nil
        case .limit, .limitIfTouched, .trailingLimit: limit
        }
    }

    mutating func note(_ status: Status, price: Int64, quantity: Int64, _ message: String = "", at time: WallTime) {
        self.status = status
        updated = time
        history.append(Step(time: time, status: status, price: price, quantity: quantity, message: message))
    }
}
