internal import Clocks
internal import OpenDWire

/// Orders and fills of an account as the gateway's messages have them.
extension GatewayAccount {
    typealias Trade = OpenD.TrdCommon

    func header(_ market: Int32? = nil) -> Trade.TrdHeader {
        var header = Trade.TrdHeader()
        header.trdEnv = isReal ? 1 : 0
        header.accID = id
        header.trdMarket = market ?? markets.first ?? 1
        return header
    }

    func message(_ order: SimulatedOrder) -> Trade.Order {
        let instrument = GatewayInstrument(trading: order.symbol)
        let zone = order.market.zone
        let terms = self.terms[order.id] ?? GatewayOrderTerms()
        var message = Trade.Order()
        message.trdSide = order.side == .buy ? 1 : 2
        message.orderType = terms.type
        message.orderStatus = deleted.contains(order.id) ? 23 : GatewayAccount.status(order)
        message.orderID = UInt64(clamping: order.id)
        message.orderIDEx = GatewayAccount.text(order.id)
        message.code = instrument?.code.code ?? order.symbol
        message.name = instrument?.name(zone.civil(at: order.submitted).date) ?? ""
        message.qty = Double(order.quantity)
        message.price = GatewayView.amount(order.limit ?? 0)
        message.createTime = GatewayTime.text(order.submitted, zone, milliseconds: true)
        message.updateTime = GatewayTime.text(order.updated, zone, milliseconds: true)
        message.createTimestamp = GatewayTime.stamp(order.submitted)
        message.updateTimestamp = GatewayTime.stamp(order.updated)
        message.fillQty = Double(order.filled)
        message.fillAvgPrice = order.filled == 0 ? 0 : Double(order.filledValue) / Double(order.filled) / 1000
        message.lastErrMsg = order.message
        if let instrument {
            message.secMarket = instrument.code.orderMarket
            message.trdMarket = market(of: instrument.code)
        }
        message.remark = order.remark
        message.timeInForce = terms.timeInForce
        message.fillOutsideRTH = terms.isFilledOutside
        if terms.expectsTrigger { message.auxPrice = order.trigger.map(GatewayView.amount) }
        if terms.isTrailing {
            message.trailType = terms.trailType
            message.trailValue = order.trail.map(GatewayView.amount)
            if terms.type == 15 { message.trailSpread = order.limitOffset.map(GatewayView.amount) }
        }
        message.currency = GatewayAccount.currency(order.currency)
        message.session = terms.session
        message.expireTime = terms.expires
        return message
    }

    /// By the gateway's numbers.
    static func status(_ order: SimulatedOrder) -> Int32 {
        switch order.status {
        case .delayed, .notReported, .replacedNotReported, .waiting: 1
        case .waitToNew: 2
        case .open, .waitToReplace, .pendingReplace, .replaced: order.filled > 0 ? 10 : 5
        case .partiallyFilled: 10
        case .waitToCancel, .pendingCancel: order.filled > 0 ? 12 : 13
        case .filled: 11
        case .cancelled, .expired: order.filled > 0 ? 14 : 15
        case .rejected: 21
        }
    }

    func message(_ fill: SimulatedOrder.Fill) -> Trade.OrderFill {
        let instrument = GatewayInstrument(trading: fill.symbol)
        let zone = instrument?.zone ?? .hongKong
        var message = Trade.OrderFill()
        message.trdSide = fill.side == .buy ? 1 : 2
        message.fillID = PricePath.hash(fill.id) >> 1
        message.fillIDEx = fill.id
        message.orderID = UInt64(clamping: fill.order)
        message.orderIDEx = GatewayAccount.text(fill.order)
        message.code = instrument?.code.code ?? fill.symbol
        message.name = instrument?.name(zone.civil(at: fill.time).date) ?? ""
        message.qty = Double(fill.quantity)
        message.price = GatewayView.amount(fill.price)
        message.createTime = GatewayTime.text(fill.time, zone, milliseconds: true)
        message.createTimestamp = GatewayTime.stamp(fill.time)
        message.updateTimestamp = message.createTimestamp
        message.status = 0
        if let instrument {
            message.secMarket = instrument.code.orderMarket
            message.trdMarket = market(of: instrument.code)
            if instrument.market == .hongKong, let participant = SimulatedParticipant.all.first {
                message.counterBrokerID = participant.seats.first.map { Int32(clamping: $0) }
                message.counterBrokerName = participant.english
            }
        }
        return message
    }

    /// By the gateway's numbers.
    static func currency(_ code: String) -> Int32 {
        switch code {
        case "HKD": 1
        case "USD": 2
        case "CNH", "CNY": 3
        case "SGD": 5
        default: 0
        }
    }
}

extension GatewayInstrument {
    /// The instrument of an order; `nil` for what is not traded here.
    init?(trading symbol: String) {
        if let security = SimulatedSecurity.bySymbol[symbol] {
            self.init(security)
        } else if let warrant = SimulatedWarrant.bySymbol[symbol] {
            self.init(warrant)
        } else {
            return nil
        }
    }

    /// The name its orders have at the matching engine; `nil` for what cannot be traded in the simulation: indexes, and
    /// contracts that stand for several units.
    var tradingSymbol: String? {
        switch kind {
        case .share: source.symbol
        case .warrant(let warrant): warrant.symbol
        case .index, .future, .option: nil
        }
    }
}

extension GatewayCode {
    /// The gateway's number of the market in orders (`TrdSecMarket`).
    var orderMarket: Int32 {
        switch market {
        case GatewayCode.unitedStates: 2
        case GatewayCode.shanghai: 31
        case GatewayCode.shenzhen: 32
        case GatewayCode.singapore: 41
        default: 1
        }
    }

    /// The code of an order: by its own market, or, without one, by the market of its header.
    init?(orderMarket: Int32?, tradeMarket: Int32, code: String) {
        switch orderMarket ?? 0 {
        case 1: self.init(GatewayCode.hongKong, code)
        case 2: self.init(GatewayCode.unitedStates, code)
        case 31: self.init(GatewayCode.shanghai, code)
        case 32: self.init(GatewayCode.shenzhen, code)
        case 41: self.init(GatewayCode.singapore, code)
        case 0:
            switch tradeMarket {
            case 1: self.init(GatewayCode.hongKong, code)
            case 2: self.init(GatewayCode.unitedStates, code)
            case 3, 4: self.init(code.hasPrefix("6") ? GatewayCode.shanghai : GatewayCode.shenzhen, code)
            case 6: self.init(GatewayCode.singapore, code)
            default: return nil
            }
        default: return nil
        }
    }
}
