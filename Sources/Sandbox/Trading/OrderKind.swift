/// How an order is priced, and what sets it off. One case for each way the exchanges and the broker know.
enum OrderKind: CaseIterable, Sendable {
    case market
    case limit
    /// Up to ten rows of the book at once; what is left rests at its limit.
    case enhancedLimit
    /// At the auction's price: here the book's, at the next look.
    case auction
    case auctionLimit
    /// Less than a board lot.
    case oddLot
    /// Up to ten rows of the book at once; what is left is withdrawn.
    case specialLimit
    /// Becomes a limit order when the price touches its trigger.
    case limitIfTouched
    /// Becomes a market order when the price touches its trigger.
    case marketIfTouched
    /// Becomes a limit order when the price comes back from its best by an amount.
    case trailingLimitAmount
    /// Likewise by a percentage.
    case trailingLimitPercent
    /// Becomes a market order when the price comes back from its best by an amount.
    case trailingMarketAmount
    /// Likewise by a percentage.
    case trailingMarketPercent

    /// Whether it waits for something before it is an order in the book.
    var isConditional: Bool { isTouched || isTrailing }

    /// Whether a trigger price sets it off.
    var isTouched: Bool { self == .limitIfTouched || self == .marketIfTouched }

    /// Whether it follows the price.
    var isTrailing: Bool { isTrailingLimit || self == .trailingMarketAmount || self == .trailingMarketPercent }

    /// Whether its limit is made when it is set off.
    var isTrailingLimit: Bool { self == .trailingLimitAmount || self == .trailingLimitPercent }

    /// Whether its trail is a percentage.
    var isPercent: Bool { self == .trailingLimitPercent || self == .trailingMarketPercent }

    /// Whether who gives it names its limit.
    var needsLimit: Bool {
        switch self {
        case .limit, .enhancedLimit, .auctionLimit, .oddLot, .specialLimit, .limitIfTouched: true
        case .market, .auction, .marketIfTouched, .trailingLimitAmount, .trailingLimitPercent, .trailingMarketAmount,
            .trailingMarketPercent:
            false
        }
    }

    /// Whether it takes any price once it is in the book.
    var isPriceless: Bool { !needsLimit && !isTrailingLimit }

    /// Rows of the book it may take at one look.
    var levels: Int { self == .enhancedLimit || self == .specialLimit ? 10 : .max }

    /// Whether it is of the Hong Kong exchange only.
    var isHongKongOnly: Bool {
        switch self {
        case .enhancedLimit, .auction, .auctionLimit, .oddLot, .specialLimit: true
        default: false
        }
    }
}
