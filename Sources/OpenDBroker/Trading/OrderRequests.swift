internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

/// What an order and its amendments are on the wire, and what cannot be said there.
///
/// Nothing of an order is left out silently: what the gateway would cut off, or has no field for, is refused beforehand.
enum OrderRequests {
    /// The remark holds our tag and the caller's note.
    ///
    /// - Source: `futu-opend`, section 12: at most 64 bytes of UTF-8.
    static let remarkLength = 64
    /// What our tag and a blank take of it.
    static let tagLength = 24
    /// Digits behind the point that a price keeps; the gateway cuts off more.
    ///
    /// - Source: `futu-opend`, section 12: three for securities, nine for futures.
    static func priceDigits(isFuture: Bool) -> Int { isFuture ? 9 : 3 }

    // MARK: What can be asked for

    static func validate(_ request: OrderRequest, on account: TradingAccount?) throws(BrokerFailure) {
        let market = request.symbol.market
        guard OrderCodes.type(request.type) != nil, OrderCodes.isOffered(request.type, in: market) else {
            throw refusal("The broker takes no \(request.type.rawValue) orders in \(market.rawValue).", "type")
        }
        if let account, account.orderMarket(for: market) == nil {
            throw refusal("The account takes no orders in \(market.rawValue).", "symbol")
        }
        if request.side == .sellShort || request.side == .buyToCover, market != .unitedStates, market != .hongKong {
            throw refusal("Securities of \(market.rawValue) are not sold short.", "side")
        }
        try checkHours(request)
        if request.timeInForce != .day, market == .shanghai || market == .shenzhen {
            throw refusal("Orders on the mainland last for the day.", "time_in_force")
        }
        if let note = request.note, note.utf8.count > remarkLength - tagLength {
            throw refusal("The broker keeps \(remarkLength - tagLength) bytes of a note.", "note")
        }
        try checkExtras(request)
        try checkQuantity(request.quantity)
        try checkPrices(request.prices, isFuture: account?.isFutures ?? false)
    }

    /// What the gateway's messages have no fields for.
    private static func checkExtras(_ request: OrderRequest) throws(BrokerFailure) {
        let unknown: [(field: String, isGiven: Bool)] = [
            ("attached", request.attached != nil), ("monitor_price", request.prices[.monitor] != nil),
            ("limit_depth_level", request.conditions.depthLevel != nil),
            ("trigger_count", request.conditions.triggerCount != nil),
            ("delayed_until", request.conditions.delayedUntil != nil),
            ("outside_regular_hours", request.outsideRegularHours == .optionPreMarket),
        ]
        if let field = unknown.first(where: \.isGiven)?.field {
            throw refusal("The broker's interface has no \(field) for orders.", field)
        }
    }

    private static func checkExtras(_ change: OrderChange) throws(BrokerFailure) {
        let unknown: [(field: String, isGiven: Bool)] = [
            ("attached", change.attached != nil), ("limit_depth_level", change.depthLevel != nil),
            ("trigger_count", change.triggerCount != nil), ("delayed_until", change.delay != nil),
        ]
        if let field = unknown.first(where: \.isGiven)?.field {
            throw refusal("The broker's interface has no \(field) for orders.", field)
        }
    }

    private static func checkHours(_ request: OrderRequest) throws(BrokerFailure) {
        guard let hours = request.outsideRegularHours else { return }
        guard request.symbol.market == .unitedStates else {
            throw refusal(
                "Hours outside the regular session are for US securities only.", "outside_regular_hours")
        }
        guard hours == .regular || request.type == .limit else {
            throw refusal("Only limit orders are done outside the regular session.", "outside_regular_hours")
        }
    }

    /// The gateway cuts off fractions of a share.
    static func checkQuantity(_ quantity: DecimalText) throws(BrokerFailure) {
        guard quantity.wholeNumber != nil, quantity.normalized.text.utf8.count <= 15 else {
            throw refusal("The broker takes whole shares.", "quantity")
        }
    }

    static func checkPrices(_ prices: [OrderPrice: DecimalText], isFuture: Bool) throws(BrokerFailure) {
        let digits = priceDigits(isFuture: isFuture)
        for price in OrderPrice.allCases {
            guard let value = prices[price] else { continue }
            let normalized = value.normalized
            // Fifteen digits survive a double.
            guard normalized.scale <= digits, normalized.text.utf8.count <= 15,
                DecimalText(double: normalized.double) == normalized
            else {
                throw BrokerFailure(
                    .invalidPrice, "The broker keeps \(digits) digits behind the point.", field: price.rawValue)
            }
        }
    }

    private static func refusal(_ message: String, _ field: String) -> BrokerFailure {
        BrokerFailure(.invalidRequest, message, field: field)
    }

    // MARK: What is sent

    /// `nil` for an order that ``validate(_:on:)`` refuses.
    static func place(_ request: OrderRequest, id: OrderID, on account: TradingAccount) -> OpenD.TrdPlaceOrder.C2S? {
        guard let type = OrderCodes.type(request.type),
            let orderMarket = account.orderMarket(for: request.symbol.market)
        else { return nil }
        var place = OpenD.TrdPlaceOrder.C2S()
        place.header = account.header(orderMarket)
        place.trdSide = OrderCodes.side(request.side)
        place.orderType = type.type
        place.code = request.symbol.gatewayCode
        place.secMarket = request.symbol.market.orderMarket
        place.qty = request.quantity.normalized.double
        // Types without a price must have one all the same; it is ignored.
        place.price = request.prices[.limit]?.normalized.double ?? 0
        place.auxPrice = request.prices[.trigger]?.normalized.double
        if let trail = type.trail {
            place.trailType = trail
            place.trailValue = (request.prices[.trailingAmount] ?? request.prices[.trailingPercent])?.normalized.double
            place.trailSpread = request.prices[.limitOffset]?.normalized.double
        }
        place.remark = request.note.map { "\(id.tag) \($0)" } ?? id.tag
        place.timeInForce = OrderCodes.timeInForce(request.timeInForce)
        // The day counts to its end.
        place.expireTime = request.expireDate.map { "\($0.iso) 23:59:59" }
        place.fillOutsideRTH = false
        if let hours = request.outsideRegularHours {
            (place.session, place.fillOutsideRTH) = OrderCodes.hours(hours)
        }
        return place
    }

    /// What an amendment sends: all the figures of the order's type, changed or not.
    ///
    /// - Throws: the reason for which the broker would not take it.
    static func replace(
        _ order: Order, _ change: OrderChange, number: String, on account: TradingAccount
    ) throws(BrokerFailure) -> OpenD.TrdModifyOrder.C2S {
        let market = order.request.symbol.market
        guard market != .shanghai, market != .shenzhen else {
            throw BrokerFailure(.orderRefused, "Orders on the mainland can be cancelled, and not be amended.")
        }
        guard let word = order.brokerType, let type = OrderCodes.type(word) else {
            throw BrokerFailure(.orderRefused, "Orders of this type cannot be amended here.")
        }
        try checkExtras(change)
        let quantity = change.quantity ?? order.request.quantity
        let prices = order.request.prices.merging(change.prices) { $1 }
        try checkQuantity(quantity)
        try checkPrices(prices, isFuture: account.isFutures)
        var modify = self.modify(number, .normal, order, on: account)
        modify.qty = quantity.normalized.double
        modify.price = prices[.limit]?.normalized.double ?? 0
        modify.auxPrice = prices[.trigger]?.normalized.double
        if let trail = type.trail {
            modify.trailType = trail
            modify.trailValue = (prices[.trailingAmount] ?? prices[.trailingPercent])?.normalized.double
            modify.trailSpread = prices[.limitOffset]?.normalized.double
        }
        return modify
    }

    static func cancel(_ order: Order, number: String, on account: TradingAccount) -> OpenD.TrdModifyOrder.C2S {
        modify(number, .cancel, order, on: account)
    }

    private static func modify(
        _ number: String, _ operation: OpenD.TrdCommon.ModifyOrderOp, _ order: Order, on account: TradingAccount
    ) -> OpenD.TrdModifyOrder.C2S {
        var modify = OpenD.TrdModifyOrder.C2S()
        modify.header = account.header(account.orderMarket(for: order.request.symbol.market))
        modify.orderID = 0  // the text counts
        modify.orderIDEx = number
        modify.modifyOrderOp = operation.rawValue
        modify.forAll = false
        return modify
    }
}
