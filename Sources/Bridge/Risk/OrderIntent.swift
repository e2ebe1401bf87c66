internal import BrokerModel
internal import Bytes

/// An order, or an amendment of one, as the rules see it.
struct OrderIntent: Sendable, Equatable {
    /// What an amendment starts from.
    struct Before: Sendable, Equatable {
        var quantity: DecimalText
        var price: DecimalText?
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
    /// Absent for a new order: an amendment is not one more.
    var before: Before?

    init(_ request: OrderRequest, last: DecimalText?) {
        symbol = request.symbol
        side = request.side
        type = request.type
        quantity = request.quantity
        price = OrderIntent.price(of: request)
        isLimited = request.prices[.limit] != nil
        self.last = last
    }

    /// An order as it would be once the change took effect.
    init(_ request: OrderRequest, changed change: OrderChange, last: DecimalText?) {
        var amended = request
        amended.quantity = change.quantity ?? amended.quantity
        amended.prices.merge(change.prices) { $1 }
        self.init(amended, last: last)
        before = Before(quantity: request.quantity, price: OrderIntent.price(of: request))
    }

    init(symbol: Symbol, side: OrderSide, type: OrderType, quantity: DecimalText, price: DecimalText?) {
        self.symbol = symbol
        self.side = side
        self.type = type
        self.quantity = quantity
        self.price = price
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
    var onlyLessens: Bool { before.map { quantity <= $0.quantity && price == $0.price } ?? false }

    /// Whether its value depends on the last price.
    var isValuedByLast: Bool { !(isLimited && side.isBuying) }

    private func value(_ quantity: DecimalText, _ price: DecimalText?) -> DecimalText? {
        guard isValuedByLast else { return price.flatMap { quantity.multiplied(by: $0) } }
        return last.flatMap { quantity.multiplied(by: max($0, price ?? .zero)) }
    }
}
