internal import BrokerModel
internal import Bytes

/// What the market says of a security, as far as a rule asks for it.
struct OrderFigures: Sendable, Equatable {
    /// The last price, where it is known and above zero.
    var last: DecimalText?
    /// Shares, or money a point, of one: 1, but of options and futures. `nil` where it is not known.
    var contractSize: DecimalText? = DecimalText(1)
}

/// An order, or an amendment of one, as the rules see it.
struct OrderIntent: Sendable, Equatable {
    /// What an amendment starts from.
    struct Before: Sendable, Equatable {
        var quantity: DecimalText
        var price: DecimalText?
        /// Whether nothing but the quantity is changed.
        var isOtherwiseSame = true
    }

    var symbol: Symbol
    var side: OrderSide
    var type: OrderType
    var quantity: DecimalText
    /// Its limit; where it has none, its trigger.
    var price: DecimalText?
    /// Whether the price is one that it cannot be done beyond.
    var isLimited = false
    /// The last price of the security, where it is known and above zero.
    var last: DecimalText?
    /// What one of it is of; `nil` where that is not known.
    var contractSize: DecimalText?
    /// Absent for a new order: an amendment is not one more.
    var before: Before?
    /// The orders attached to it, each as if it were placed by itself; of an amendment those it replaces or enlarges.
    var exits: [OrderIntent] = []

    init(_ request: OrderRequest, _ figures: OrderFigures) {
        symbol = request.symbol
        side = request.side
        type = request.type
        quantity = request.quantity
        price = OrderIntent.price(of: request)
        isLimited = request.prices[.limit] != nil
        last = figures.last
        contractSize = figures.contractSize
        exits =
            request.attached.map { orders in
                orders.exits.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    OrderIntent(request, $0.value, figures)
                }
            } ?? []
    }

    /// An order that is attached to another, of the other side and as large.
    private init(_ request: OrderRequest, _ exit: AttachedOrders.Exit, _ figures: OrderFigures) {
        symbol = request.symbol
        side = request.side.isBuying ? .sell : .buy
        type = request.type
        quantity = request.quantity
        price = exit.limit ?? exit.trigger
        isLimited = exit.limit != nil
        last = figures.last
        contractSize = figures.contractSize
    }

    /// An order as it would be once the change took effect.
    init(_ request: OrderRequest, changed change: OrderChange, _ figures: OrderFigures) {
        self.init(request.amended(by: change), figures)
        // Those that stay as they are were judged when they were placed.
        if change.attached == nil, quantity <= request.quantity { exits = [] }
        var same = request.amended(by: change)
        same.quantity = request.quantity
        before = Before(
            quantity: request.quantity, price: OrderIntent.price(of: request), isOtherwiseSame: same == request)
    }

    init(symbol: Symbol, side: OrderSide, type: OrderType, quantity: DecimalText, price: DecimalText?) {
        self.symbol = symbol
        self.side = side
        self.type = type
        self.quantity = quantity
        self.price = price
        contractSize = symbol.unitsPerContract
        isLimited = price != nil
    }

    private static func price(of request: OrderRequest) -> DecimalText? {
        request.prices[.limit] ?? request.prices[.trigger]
    }

    var isNew: Bool { before == nil }

    /// What it may cost or bring; `nil` where the price that takes is not known.
    ///
    /// A buy with a limit costs that at the most. Anything else may be done at the last price or beyond its own: it is
    /// valued at the higher of the two, and not at all while the last price is not known.
    var value: DecimalText? { value(quantity, price) }

    /// Of an amendment: the value it had.
    var valueBefore: DecimalText? { before.flatMap { value($0.quantity, $0.price) } }

    /// How much more than before; of a new order, all of it. Never below zero.
    var addedValue: DecimalText? {
        guard before != nil else { return value }
        guard let value, let valueBefore, let added = value.subtracting(valueBefore) else { return nil }
        return max(added, .zero)
    }

    /// Whether it is more shares than before, or new.
    var raisesQuantity: Bool { before.map { quantity > $0.quantity } ?? true }

    /// Whether it is worth more than before, or may be.
    var raisesValue: Bool { addedValue.map { $0 > .zero } ?? true }

    /// Whether nothing but fewer shares are asked for.
    var onlyLessens: Bool {
        before.map { quantity <= $0.quantity && price == $0.price && $0.isOtherwiseSame && exits.isEmpty } ?? false
    }

    /// Whether its value depends on the last price.
    var isValuedByLast: Bool { !(isLimited && side.isBuying) }

    /// The same of it or of an order attached to it.
    var isAnythingValuedByLast: Bool { isValuedByLast || exits.contains(where: \.isValuedByLast) }

    /// What has a price: it, and what is attached to it.
    var priced: [OrderIntent] { ([self] + exits).filter { $0.price != nil } }

    /// Of those that may be worth more than before, the largest value; `nil` where one is not known.
    var largestValue: DecimalText? {
        var largest = DecimalText.zero
        for intent in (raisesValue ? [self] : []) + exits {
            guard let value = intent.value else { return nil }
            largest = max(largest, value)
        }
        return largest
    }

    private func value(_ quantity: DecimalText, _ price: DecimalText?) -> DecimalText? {
        // An option's price is that of one share, and a contract is of many.
        guard let units = contractSize.flatMap({ quantity.multiplied(by: $0) }) else { return nil }
        guard isValuedByLast else { return price.flatMap { units.multiplied(by: $0) } }
        return last.flatMap { units.multiplied(by: max($0, price ?? .zero)) }
    }
}
