internal import Bytes
internal import Clocks

/// An order at the simulated broker. Money and prices are thousandths, quantities whole shares.
struct SimulatedOrder: Sendable, Equatable {
    enum Side: Sendable { case buy, sell }

    /// Until when it works.
    enum Lifetime: Sendable { case day, goodTilCancelled, goodTilDate }

    /// The sessions it may be done in.
    enum Sessions: Sendable {
        case regular
        /// Before and after the regular session too.
        case extended
        /// And at night.
        case overnight

        func include(_ session: TradingSession) -> Bool {
            switch session {
            case .regular: true
            case .preMarket, .postMarket: self != .regular
            case .overnight: self == .overnight
            }
        }
    }

    /// What an attached order closes the position for.
    enum Purpose: Sendable { case takeProfit, stopLoss }

    /// Securities in fixed proportions, on one share.
    struct Combination: Sendable, Equatable {
        struct Leg: Sendable, Equatable {
            var symbol: String
            /// Of each combination, how many.
            var ratio: Int64
            var isBought: Bool
        }

        /// The broker's word for what they are together.
        var strategy: String
        var underlying: String
        var legs: [Leg]
    }

    /// One line of its history.
    struct Step: Sendable, Equatable {
        var time: WallTime
        var status: OrderStatus
        var price: Int64
        var quantity: Int64
        var message: String
    }

    struct Fill: Sendable, Equatable {
        var id: String
        var order: Int64
        var symbol: String
        var currency: String
        var side: Side
        var price: Int64
        var quantity: Int64
        var time: WallTime

        var value: Int64 { price * quantity }
    }

    /// New terms. What is `nil` stays.
    struct Amendment: Sendable, Equatable {
        var quantity: Int64
        var limit: Int64?
        var trigger: Int64?
        var trail: Int64?
        var limitOffset: Int64?
        var depthLevel: Int?
        var triggerCount: Int?
        var monitor: Int64?
        var delay: Delay?
        var remark: String?

        /// What becomes of the time it is parked until.
        enum Delay: Sendable, Equatable {
            case until(WallTime)
            case lifted
        }
    }

    /// What is on its way to the exchange and back.
    struct Transit: Sendable, Equatable {
        enum Change: Sendable, Equatable {
            case report
            case replace(Amendment)
            case cancel
        }

        var change: Change
        /// When the next hop is done.
        var due: WallTime
    }

    let id: Int64
    let symbol: String
    let market: SimulatedMarket
    let currency: String
    let side: Side
    let kind: OrderKind
    var quantity: Int64
    var limit: Int64?
    var trigger: Int64?
    /// In thousandths of the currency; of a percent for kinds that say so.
    var trail: Int64?
    var limitOffset: Int64?
    /// The row of the book whose price a trailing limit order takes: above zero an ask, below a bid.
    var depthLevel = 0
    /// Touches within a minute that set it off; none counts as one.
    var triggerCount = 0
    /// The price that must be reached before it begins to trail.
    var monitor: Int64?
    var lifetime = Lifetime.day
    var expires: CivilDate?
    /// When it ends by itself.
    var ends: WallTime?
    var delayedUntil: WallTime?
    var sessions = Sessions.regular
    /// What whoever placed it calls the sessions; given back as it came.
    var sessionsWord = ""
    var remark = ""
    /// The exchange refuses it for this reason: a fault.
    var fate: String?
    var submitted: WallTime
    var updated: WallTime
    var triggered: WallTime?
    var status = OrderStatus.waitToNew
    var transit: Transit?
    var filled: Int64 = 0
    /// Price times quantity of all fills.
    var filledValue: Int64 = 0
    var last: Int64?
    var lastQuantity: Int64 = 0
    var charges: [Charge] = []
    var message = ""
    var history: [Step] = []
    /// The best price since it trails; for touched ones the price of the first look.
    var best: Int64?
    var touches: [WallTime] = []
    /// What one share of a kind without a limit was worth when it was taken.
    var estimate: Int64 = 0
    /// Cash held back for it.
    var held: Int64 = 0
    /// Several securities that are traded as one; `nil` for an order in one.
    var combination: Combination?
    /// What an attached order is for, and which order it belongs to; `nil` for an ordinary one.
    var purpose: Purpose?
    var parent: Int64?
    /// Its attached orders.
    var exits: [Int64] = []
    /// Whether cash or shares are held back for it; for an attached order only once it is set off.
    var isHolding = true

    var remaining: Int64 { quantity - filled }
    /// Rounded to a thousandth.
    var average: Int64 { filled == 0 ? 0 : (filledValue + filled / 2) / filled }
    var fees: Int64 { charges.reduce(0) { $0 + $1.amount } }

    /// The worst price it takes now; `nil` for any.
    var worst: Int64? { kind.isPriceless ? nil : limit }

    /// What it works as while nothing is on its way.
    var workingStatus: OrderStatus { filled > 0 ? .partiallyFilled : .open }

    mutating func note(_ status: OrderStatus, _ message: String = "", at time: WallTime) {
        note(status, price: limit ?? 0, quantity: remaining, message, at: time)
    }

    mutating func note(
        _ status: OrderStatus, price: Int64, quantity: Int64, _ message: String = "", at time: WallTime
    ) {
        self.status = status
        updated = time
        history.append(Step(time: time, status: status, price: price, quantity: quantity, message: message))
    }
}
