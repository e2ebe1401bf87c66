internal import Clocks
internal import OpenDWire

/// An order as it was asked for, read and checked as far as the market has no say.
struct OrderTicket {
    var order: SimulatedOrder
    var terms: GatewayOrderTerms

    init(
        _ c2s: OpenD.TrdPlaceOrder.C2S, _ instrument: GatewayInstrument, id: Int64, hours: MarketHours, now: WallTime
    ) throws(GatewayRefusal) {
        guard let symbol = instrument.tradingSymbol else {
            throw GatewayRefusal("\(instrument.code.text) cannot be traded in the simulation")
        }
        let isHongKong = instrument.market == .hongKong
        let side: SimulatedOrder.Side
        switch c2s.trdSide {
        case 1: side = .buy
        case 2: side = .sell
        default: throw .invalid("trdSide")
        }
        var terms = GatewayOrderTerms()
        terms.type = c2s.orderType
        terms.timeInForce = c2s.timeInForce ?? 0
        terms.isFilledOutside = c2s.fillOutsideRTH ?? false
        terms.session = instrument.market == .unitedStates ? c2s.session : nil
        terms.trailType = c2s.trailType
        let kind = try OrderTicket.kind(c2s, terms)
        guard isHongKong || !kind.isHongKongOnly || terms.timeInForce == 2 else {
            throw GatewayRefusal("The order type is not supported by the market")
        }
        let quantity = try OrderTicket.quantity(c2s.qty, instrument)
        var limit: Int64?
        if kind.needsLimit {
            limit = try OrderTicket.price(
                c2s.price, instrument, adjusts: c2s.adjustPrice == true, reach: c2s.adjustSideAndLimit ?? 0)
        }
        var order = SimulatedOrder(
            id: id, symbol: symbol, market: instrument.market, currency: instrument.source.currency, side: side,
            kind: kind, quantity: quantity, limit: limit, submitted: now, updated: now)
        if terms.expectsTrigger {
            guard let aux = OrderTicket.thousandths(c2s.auxPrice), aux > 0 else { throw .invalid("auxPrice") }
            order.trigger = aux
        }
        if terms.isTrailing {
            guard let trail = OrderTicket.thousandths(c2s.trailValue), trail > 0 else { throw .invalid("trailValue") }
            order.trail = trail
            if terms.type == 15 {
                guard let spread = OrderTicket.thousandths(c2s.trailSpread), spread >= 0 else {
                    throw .invalid("trailSpread")
                }
                order.limitOffset = spread
            }
        }
        guard (c2s.remark ?? "").utf8.count <= 64 else { throw .invalid("remark") }
        order.remark = c2s.remark ?? ""
        order.sessions = OrderTicket.sessions(c2s, instrument)
        switch terms.timeInForce {
        case 0, 2: order.lifetime = .day
        case 1: order.lifetime = .goodTilCancelled
        case 3:
            guard let text = c2s.expireTime, let day = GatewayTime.day(text.prefix(10)),
                day >= instrument.zone.civil(at: now).date
            else { throw .invalid("expireTime") }
            order.lifetime = .goodTilDate
            order.expires = day
            terms.expires = text
        default: throw .invalid("timeInForce")
        }
        order.ends = OrderEnd.of(
            order.lifetime, expires: order.expires, sessions: order.sessions, instrument.market, hours, now: now)
        self.order = order
        self.terms = terms
    }

    private static func kind(
        _ c2s: OpenD.TrdPlaceOrder.C2S, _ terms: GatewayOrderTerms
    ) throws(GatewayRefusal) -> OrderKind {
        let isImmediate = terms.timeInForce == 2
        let isPercent = c2s.trailType == 1
        if terms.isTrailing, !isPercent, c2s.trailType != 2 { throw .invalid("trailType") }
        switch c2s.orderType {
        // What is not done at once is withdrawn.
        case 1, 5: return isImmediate ? .specialLimit : .limit
        case 2: return .market
        case 6: return .auction
        case 7: return .auctionLimit
        case 8, 9: return .specialLimit
        case 10, 12: return .marketIfTouched
        case 11, 13: return .limitIfTouched
        case 14: return isPercent ? .trailingMarketPercent : .trailingMarketAmount
        case 15: return isPercent ? .trailingLimitPercent : .trailingLimitAmount
        default: throw GatewayRefusal("The order type is not supported")
        }
    }

    private static func sessions(
        _ c2s: OpenD.TrdPlaceOrder.C2S, _ instrument: GatewayInstrument
    ) -> SimulatedOrder.Sessions {
        guard instrument.market == .unitedStates else { return .regular }
        switch c2s.session ?? 0 {
        case 3, 4: return .overnight
        case 2: return .extended
        default: return c2s.fillOutsideRTH == true ? .extended : .regular
        }
    }

    /// A number of the wire in thousandths, what is behind them cut off; `nil` for what is none.
    static func thousandths(_ value: Double?) -> Int64? {
        guard let value, value.isFinite, abs(value) < 1e12 else { return nil }
        let scaled = value * 1000
        // A decimal of three places is not always a double: what is this near is meant.
        return Int64((scaled + (scaled < 0 ? -1e-4 : 1e-4)).rounded(.towardZero))
    }

    static func quantity(_ value: Double, _ instrument: GatewayInstrument) throws(GatewayRefusal) -> Int64 {
        guard value.isFinite, value >= 1, value < 1e12 else { throw .invalid("qty") }
        let quantity = Int64(value)
        guard quantity.isMultiple(of: instrument.lotSize) || instrument.market == .unitedStates else {
            throw GatewayRefusal("The quantity must be a multiple of the lot size \(instrument.lotSize)")
        }
        return quantity
    }

    /// A price on the grid, moved there if that was asked for.
    static func price(
        _ value: Double?, _ instrument: GatewayInstrument, adjusts: Bool, reach: Double
    ) throws(GatewayRefusal) -> Int64 {
        guard let price = thousandths(value), price > 0 else { throw .invalid("price") }
        let step = TickTable.step(instrument.source, at: price)
        let down = price / step * step
        guard down != price else { return price }
        guard adjusts, reach.isFinite else { throw GatewayRefusal("The price is not a multiple of the price spread") }
        let moved = reach < 0 ? down : down + step
        guard moved > 0, Double(abs(moved - price)) <= abs(reach) * Double(price) else {
            throw GatewayRefusal("The price cannot be adjusted within the limit")
        }
        return moved
    }
}
