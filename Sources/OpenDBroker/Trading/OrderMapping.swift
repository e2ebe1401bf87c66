internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

extension Symbol {
    /// The security of an order, a fill or a holding. Older gateways leave its market out; where orders go to then says
    /// it, and on the mainland the code: Shanghai's begin with 5, 6 or 9. `nil` for a market or code that is none of ours.
    init?(traded code: String, securityMarket: Int32?, orderMarket: Int32?) {
        if let number = securityMarket, number != 0 {
            guard let market = Market(orderMarket: number) else { return nil }
            self.init(code: code, market: market)
        } else if let number = orderMarket, let market = TradeMarkets.market(of: number, code: code) {
            self.init(code: code, market: market)
        } else {
            return nil
        }
    }
}

extension BrokerOrder {
    /// `nil` for an order without a number, a security we can name, a side or a quantity.
    init?(_ order: OpenD.TrdCommon.Order, header: OpenD.TrdCommon.TrdHeader) {
        guard
            let symbol = Symbol(
                traded: order.code, securityMarket: order.secMarket, orderMarket: order.trdMarket ?? header.trdMarket),
            let side = OrderCodes.side(order.trdSide), let quantity = DecimalText(double: order.qty),
            !order.orderIDEx.isEmpty
        else { return nil }
        self.init(
            brokerOrderID: order.orderIDEx, symbol: symbol, side: side, quantity: quantity,
            brokerStatus: OrderCodes.statusName(order.orderStatus), status: OrderCodes.status(order.orderStatus))
        let zone = symbol.market.timeZone
        remark = order.remark ?? ""
        name = order.name.isEmpty ? nil : order.name
        type = OrderCodes.type(order.orderType, trail: order.trailType)
        filledQuantity = order.fillQty.flatMap { DecimalText(double: $0) } ?? .zero
        averagePrice = filledQuantity.isZero ? nil : order.fillAvgPrice.flatMap { DecimalText(double: $0) }
        prices = Self.prices(order, of: type)
        currency = CurrencyCodes.text(order.currency)
        timeInForce = OrderCodes.timeInForce(order.timeInForce)
        if timeInForce == .gtd { expireDate = order.expireTime.flatMap { ExchangeTime.day($0) } }
        if symbol.market == .unitedStates {
            outsideRegularHours = OrderCodes.hours(session: order.session, fillsOutside: order.fillOutsideRTH)
        }
        message = order.lastErrMsg.flatMap { $0.isEmpty ? nil : String($0.prefix(500)) }
        submittedAt = ExchangeTime.read(order.createTimestamp, or: order.createTime, zone: zone)
        updatedAt = ExchangeTime.read(order.updateTimestamp, or: order.updateTime, zone: zone)
    }

    /// The figures that the type has. A figure that is not used is absent, or zero, or what the gateway happened to have:
    /// a market order tells the price of the moment.
    private static func prices(_ order: OpenD.TrdCommon.Order, of type: OrderType?) -> [OrderPrice: DecimalText] {
        var prices: [OrderPrice: DecimalText] = [:]
        func take(_ price: OrderPrice, _ value: Double?) {
            guard type?.needs.contains(price) ?? (price == .limit || price == .trigger), let value,
                let decimal = DecimalText(double: value), !decimal.isZero
            else { return }
            prices[price] = decimal
        }
        take(.limit, order.price)
        take(.trigger, order.auxPrice)
        take(.trailingAmount, order.trailValue)
        take(.trailingPercent, order.trailValue)
        take(.limitOffset, order.trailSpread)
        return prices
    }
}

extension Execution {
    /// `nil` for a fill that was taken back, and for one without a number, an order, a security or a time.
    init?(_ fill: OpenD.TrdCommon.OrderFill, header: OpenD.TrdCommon.TrdHeader) {
        guard fill.status != OpenD.TrdCommon.OrderFillStatus.cancelled.rawValue,
            let symbol = Symbol(
                traded: fill.code, securityMarket: fill.secMarket, orderMarket: fill.trdMarket ?? header.trdMarket),
            let price = DecimalText(double: fill.price), let quantity = DecimalText(double: fill.qty),
            let order = fill.orderIDEx, !order.isEmpty, !fill.fillIDEx.isEmpty || fill.fillID != 0,
            let time = ExchangeTime.read(fill.createTimestamp, or: fill.createTime, zone: symbol.market.timeZone)
        else { return nil }
        self.init(
            id: fill.fillIDEx.isEmpty ? String(fill.fillID) : fill.fillIDEx, brokerOrderID: order, symbol: symbol,
            side: OrderCodes.side(fill.trdSide), price: price, quantity: quantity, time: time)
    }
}
