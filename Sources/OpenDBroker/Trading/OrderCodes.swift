internal import BrokerModel
internal import OpenDWire

/// The gateway's numbers for orders, and our words.
///
/// - Source: `futu-opend`, section 12, tables of order types, statuses and times in force; section 18, enumerations.
enum OrderCodes {
    private typealias Wire = OpenD.TrdCommon

    /// The number of an order type and, for those that trail, of what they trail by; `nil` for one the broker has not.
    ///
    /// The broker's plain limit order is the enhanced one in Hong Kong, so both of our words lead to it; it is read back
    /// as `limit`.
    static func type(_ type: OrderType) -> (type: Int32, trail: Int32?)? {
        switch type {
        case .limit, .enhancedLimit: (Wire.OrderType.normal.rawValue, nil)
        case .market: (Wire.OrderType.market.rawValue, nil)
        case .atAuction: (Wire.OrderType.auction.rawValue, nil)
        case .atAuctionLimit: (Wire.OrderType.auctionLimit.rawValue, nil)
        case .specialLimit: (Wire.OrderType.specialLimit.rawValue, nil)
        case .stop: (Wire.OrderType.stop.rawValue, nil)
        case .stopLimit: (Wire.OrderType.stopLimit.rawValue, nil)
        case .marketIfTouched: (Wire.OrderType.marketifTouched.rawValue, nil)
        case .limitIfTouched: (Wire.OrderType.limitifTouched.rawValue, nil)
        case .trailingStopAmount: (Wire.OrderType.trailingStop.rawValue, Wire.TrailType.amount.rawValue)
        case .trailingStopPercent: (Wire.OrderType.trailingStop.rawValue, Wire.TrailType.ratio.rawValue)
        case .trailingStopLimitAmount: (Wire.OrderType.trailingStopLimit.rawValue, Wire.TrailType.amount.rawValue)
        case .trailingStopLimitPercent: (Wire.OrderType.trailingStopLimit.rawValue, Wire.TrailType.ratio.rawValue)
        case .oddLot: nil
        }
    }

    /// `nil` for a type we have no word for: absolute limits, all-or-nothing, TWAP, VWAP.
    static func type(_ type: Int32, trail: Int32?) -> OrderType? {
        if type == Wire.OrderType.normal.rawValue { return .limit }
        return OrderType.allCases.first { word in
            guard word != .limit, word != .enhancedLimit, let code = OrderCodes.type(word) else { return false }
            return code.type == type && (code.trail == nil || code.trail == trail)
        }
    }

    /// What is documented for the market; the gateway refuses what a security or an account lacks beyond that.
    static func isOffered(_ type: OrderType, in market: Market) -> Bool {
        switch type {
        case .limit: true
        case .market, .stop, .stopLimit, .marketIfTouched, .limitIfTouched, .trailingStopAmount, .trailingStopPercent,
            .trailingStopLimitAmount, .trailingStopLimitPercent:
            market == .hongKong || market == .unitedStates || market == .singapore
        case .enhancedLimit, .atAuction, .atAuctionLimit, .specialLimit: market == .hongKong
        case .oddLot: false
        }
    }

    /// Clients say which way, never whether shares are borrowed: that follows from what is held.
    static func side(_ side: OrderSide) -> Int32 {
        side.isBuying ? Wire.TrdSide.buy.rawValue : Wire.TrdSide.sell.rawValue
    }

    static func side(_ code: Int32) -> OrderSide? {
        switch code {
        case Wire.TrdSide.buy.rawValue: .buy
        case Wire.TrdSide.sell.rawValue: .sell
        case Wire.TrdSide.sellShort.rawValue: .sellShort
        case Wire.TrdSide.buyBack.rawValue: .buyToCover
        default: nil
        }
    }

    static func timeInForce(_ value: TimeInForce) -> Int32 {
        switch value {
        case .day: Wire.TimeInForce.day.rawValue
        case .gtc: Wire.TimeInForce.gtc.rawValue
        case .gtd: Wire.TimeInForce.gtd.rawValue
        }
    }

    /// `nil` for one we have no word for: immediate or cancel.
    static func timeInForce(_ code: Int32?) -> TimeInForce? {
        switch code {
        case Wire.TimeInForce.day.rawValue: .day
        case Wire.TimeInForce.gtc.rawValue: .gtc
        case Wire.TimeInForce.gtd.rawValue: .gtd
        default: nil
        }
    }

    /// `session` and `fillOutsideRTH` of an order in the United States.
    static func hours(_ value: OutsideRegularHours) -> (session: Int32, fillsOutside: Bool) {
        switch value {
        // The options' session of their own is refused before it comes here.
        case .regular, .optionPreMarket: (OpenD.Common.Session.rth.rawValue, false)
        case .extended: (OpenD.Common.Session.eth.rawValue, true)
        case .overnight: (OpenD.Common.Session.overnight.rawValue, true)
        }
    }

    /// Older gateways tell the flag alone. All sessions together are more than we have a word for.
    static func hours(session: Int32?, fillsOutside: Bool?) -> OutsideRegularHours? {
        switch session {
        case OpenD.Common.Session.rth.rawValue: .regular
        case OpenD.Common.Session.eth.rawValue: .extended
        case OpenD.Common.Session.overnight.rawValue: .overnight
        case nil, OpenD.Common.Session.none.rawValue: fillsOutside == true ? .extended : nil
        default: nil
        }
    }

    /// Where an order stands; `nil` for a number that says nothing: what it means for the order is then unknown too.
    static func status(_ code: Int32) -> OrderStatus? {
        switch code {
        case Wire.OrderStatus.unsubmitted.rawValue, Wire.OrderStatus.waitingSubmit.rawValue,
            Wire.OrderStatus.submitting.rawValue, Wire.OrderStatus.submitted.rawValue,
            // It is out of the market and can be put back.
            Wire.OrderStatus.disabled.rawValue:
            .open
        // The gateway itself does not know what became of it.
        case Wire.OrderStatus.timeOut.rawValue: .unknown
        case Wire.OrderStatus.filledPart.rawValue: .partiallyFilled
        case Wire.OrderStatus.filledAll.rawValue: .filled
        case Wire.OrderStatus.cancellingPart.rawValue, Wire.OrderStatus.cancellingAll.rawValue: .pendingCancel
        case Wire.OrderStatus.cancelledPart.rawValue, Wire.OrderStatus.cancelledAll.rawValue,
            Wire.OrderStatus.deleted.rawValue, Wire.OrderStatus.fillCancelled.rawValue:
            .cancelled
        case Wire.OrderStatus.submitFailed.rawValue, Wire.OrderStatus.failed.rawValue: .rejected
        default: nil
        }
    }

    /// The vendor's word for a status, as `broker_status` shows it; the number for one without a word.
    static func statusName(_ code: Int32) -> String {
        guard let name = Wire.OrderStatus.names.first(where: { $0.number == code })?.name.description else {
            return String(code)
        }
        return name.hasPrefix("OrderStatus_") ? String(name.dropFirst("OrderStatus_".count)) : name
    }
}

/// The gateway's currencies, ISO 4217 but for the offshore renminbi.
enum CurrencyCodes {
    private static let codes: [(code: Int32, text: String)] = [
        (1, "HKD"), (2, "USD"), (3, "CNH"), (4, "JPY"), (5, "SGD"), (6, "AUD"), (7, "CAD"), (8, "MYR"), (9, "NZD"),
    ]

    /// `nil` for one that is not known.
    static func text(_ code: Int32?) -> String? { codes.first { $0.code == code }?.text }

    /// `nil` for one the gateway has no number for.
    static func code(_ text: String) -> Int32? { codes.first { $0.text == text }?.code }
}
