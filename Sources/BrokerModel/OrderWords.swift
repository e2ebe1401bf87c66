/// Which way an order goes.
public enum OrderSide: String, Sendable, CaseIterable {
    case buy, sell
    case sellShort = "sell_short"
    case buyToCover = "buy_to_cover"

    /// Whether it takes shares in.
    public var isBuying: Bool { self == .buy || self == .buyToCover }
}

/// How an order is priced and when it becomes one.
public enum OrderType: String, Sendable, CaseIterable {
    case market, limit
    case enhancedLimit = "enhanced_limit"
    case atAuction = "at_auction"
    case atAuctionLimit = "at_auction_limit"
    case oddLot = "odd_lot"
    case specialLimit = "special_limit"
    case limitIfTouched = "limit_if_touched"
    case marketIfTouched = "market_if_touched"
    case stop
    case stopLimit = "stop_limit"
    case trailingStopAmount = "trailing_stop_amount"
    case trailingStopPercent = "trailing_stop_percent"
    case trailingStopLimitAmount = "trailing_stop_limit_amount"
    case trailingStopLimitPercent = "trailing_stop_limit_percent"

    /// What the order must state besides symbol, side, quantity. A row of the book may stand for a limit offset.
    public var needs: Set<OrderPrice> {
        switch self {
        case .market, .atAuction: []
        case .limit, .enhancedLimit, .atAuctionLimit, .oddLot, .specialLimit: [.limit]
        case .limitIfTouched, .stopLimit: [.limit, .trigger]
        case .marketIfTouched, .stop: [.trigger]
        case .trailingStopAmount: [.trailingAmount]
        case .trailingStopPercent: [.trailingPercent]
        case .trailingStopLimitAmount: [.trailingAmount, .limitOffset]
        case .trailingStopLimitPercent: [.trailingPercent, .limitOffset]
        }
    }
}

/// A figure that some order types need, and the others must not have. The raw value is the field's name.
public enum OrderPrice: String, Sendable, CaseIterable {
    case limit = "limit_price"
    case trigger = "trigger_price"
    case trailingAmount = "trailing_amount"
    case trailingPercent = "trailing_percent"
    case limitOffset = "limit_offset"
    /// The price from which on a trailing limit order follows.
    case monitor = "monitor_price"
}

/// How long an order lives.
public enum TimeInForce: String, Sendable, CaseIterable {
    case day, gtc, gtd
}

/// Whether a US order may be done outside the regular session.
public enum OutsideRegularHours: String, Sendable, CaseIterable {
    case regular, extended, overnight
    /// Options, before the regular session.
    case optionPreMarket = "option_pre_market"
}

/// Where an order stands.
public enum OrderStatus: String, Sendable, CaseIterable {
    /// Ours, durable, and not yet answered by the broker.
    case pendingSubmit = "pending_submit"
    /// Sent, and nobody knows what became of it; it is being looked for.
    case unknown
    case open
    case partiallyFilled = "partially_filled"
    case pendingReplace = "pending_replace"
    case pendingCancel = "pending_cancel"
    case filled, cancelled, rejected, expired

    /// Whether nothing can change any more.
    public var isFinal: Bool {
        switch self {
        case .filled, .cancelled, .rejected, .expired: true
        case .pendingSubmit, .unknown, .open, .partiallyFilled, .pendingReplace, .pendingCancel: false
        }
    }
}

/// How news of an order reached us.
public enum OrderOrigin: String, Sendable {
    /// The answer to a request of ours.
    case request
    /// The broker told by itself.
    case push
    /// We asked for the list.
    case poll
    /// We looked for what was lost, and found out.
    case reconciled
}
