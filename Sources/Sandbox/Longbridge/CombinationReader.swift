internal import Bytes
internal import Clocks

/// Orders of several options that are traded as one.
///
/// - Source: `longbridge-http`, section 5.2.4; strategies and members as the vendor's client 5.3.0 sends and reads them.
///   Which legs are bought, the strategy and the side say there; here it is the simulation's guess.
extension LongbridgeSandbox {
    func submitCombination(_ body: [UInt8]) throws(TradeRefusal) -> [UInt8] {
        let reader = try TradeOrderReader(body)
        let now = clock()
        let identifier = reader.text("client_request_id")
        if let identifier, let first = desk.placed(under: identifier, at: now) { return Self.number(first) }
        let order = try reader.combinationOrder(id: desk.engine.nextID(at: now), now: now)
        tell(desk.engine.rest(order, at: now))
        if let identifier { desk.remember(order.id, under: identifier, at: now) }
        return Self.number(order.id)
    }
}

extension TradeOrderReader {
    /// What is taken; those of one side have every leg as the order is, the others turn the later ones.
    private static let strategies: [String: Bool] = [
        "CoveredCall": false, "CoveredPut": false, "VerticalCallSpread": false, "VerticalPutSpread": false,
        "Collar": false, "Straddle": true, "Strangle": true, "CalendarCallSpread": false, "CalendarPutSpread": false,
    ]

    fileprivate func combinationOrder(id: Int64, now: WallTime) throws(TradeRefusal) -> SimulatedOrder {
        guard let strategy = text("strategy"), let isOneSided = Self.strategies[strategy] else {
            throw .invalid("invalid strategy")
        }
        guard let side = text("side"), side == "Buy" || side == "Sell" else { throw .invalid("invalid side") }
        let kind: OrderKind
        switch text("order_type") {
        case "LO": kind = .limit
        case "MO": kind = .market
        default: throw .invalid("invalid order_type")
        }
        let legs = try legs(isBought: side == "Buy", isOneSided: isOneSided, now: now)
        let combination = SimulatedOrder.Combination(
            strategy: strategy, underlying: legs.underlying, legs: legs.members)
        var order = SimulatedOrder(
            id: id, symbol: legs.first, market: .unitedStates, currency: "USD", side: side == "Buy" ? .buy : .sell,
            kind: kind, quantity: try quantity("submitted_quantity"), submitted: now, updated: now)
        order.combination = combination
        if kind == .limit {
            guard let price = try money("submitted_price") else { throw .invalid("submitted_price is required") }
            order.limit = price
        }
        order.remark = text("remark") ?? ""
        guard order.remark.unicodeScalars.count <= 255 else { throw .invalid("remark too long") }
        return order
    }

    /// At least two, of one share.
    private func legs(
        isBought: Bool, isOneSided: Bool, now: WallTime
    ) throws(TradeRefusal) -> (underlying: String, first: String, members: [SimulatedOrder.Combination.Leg]) {
        let today = TimeZoneRule.newYork.civil(at: now).date
        var members: [SimulatedOrder.Combination.Leg] = []
        var underlyings: Set<String> = []
        var option: String?
        for leg in json["legs"]?.arrayValue ?? [] {
            let reader = TradeOrderReader(part: leg)
            guard let symbol = reader.text("symbol") else { throw .invalid("invalid legs") }
            if let found = SimulatedOption(symbol, today: today) {
                underlyings.insert(found.underlying.symbol)
                option = option ?? symbol
            } else if let share = SimulatedSecurity.bySymbol[symbol], share.market == .unitedStates, !share.isIndex {
                underlyings.insert(symbol)
            } else {
                throw .invalid("symbol not found")
            }
            members.append(
                .init(
                    symbol: symbol, ratio: try reader.quantity("ratio_quantity"),
                    isBought: isOneSided || members.isEmpty ? isBought : !isBought))
        }
        guard members.count >= 2, underlyings.count == 1, let underlying = underlyings.first, let option else {
            throw .invalid("invalid legs")
        }
        return (underlying, option, members)
    }
}

extension SimulatedOrder {
    /// What it is about: the share, for a combination of its options.
    var security: SimulatedSecurity? { SimulatedSecurity.bySymbol[combination?.underlying ?? symbol] }
}

extension JSONWriter {
    /// The member `multi_leg` of an order.
    mutating func combination(_ combination: SimulatedOrder.Combination, of order: SimulatedOrder) {
        let today = TimeZoneRule.newYork.civil(at: order.submitted).date
        key("multi_leg")
        beginObject()
        member("strategy", combination.strategy)
        member("strategy_name", combination.strategy)
        member("multileg_id", order.id)
        member("code", order.symbol)
        key("legs")
        beginArray()
        for leg in combination.legs {
            let option = SimulatedOption(leg.symbol, today: today)
            beginObject()
            member("symbol", leg.symbol)
            member("side", leg.isBought ? "Buy" : "Sell")
            member("position", leg.isBought ? "LONG" : "SHORT")
            member("ratio_quantity", leg.ratio)
            member("strike_price", thousandths: option?.strike)
            member("contract_direction", option.map { $0.isCall ? "Call" : "Put" } ?? "")
            member("expire_date", option?.expiry.compact ?? "")
            endObject()
        }
        endArray()
        endObject()
    }
}
