internal import BrokerModel

/// The vendor's words for orders, and ours.
///
/// - Source: Longbridge OpenAPI, "Definition" and "Submit Order"; the statuses and their suffixes are as the vendor's
///   client 5.3.0 sends and accepts them.
enum TradeWords {
    static func type(_ type: OrderType) -> String? {
        switch type {
        case .limit: "LO"
        case .enhancedLimit: "ELO"
        case .market: "MO"
        case .atAuction: "AO"
        case .atAuctionLimit: "ALO"
        case .oddLot: "ODD"
        case .specialLimit: "SLO"
        case .limitIfTouched: "LIT"
        case .marketIfTouched: "MIT"
        case .trailingStopLimitAmount: "TSLPAMT"
        case .trailingStopLimitPercent: "TSLPPCT"
        case .trailingStopAmount: "TSMAMT"
        case .trailingStopPercent: "TSMPCT"
        // The vendor has no stop orders; one that is touched goes the other way.
        case .stop, .stopLimit: nil
        }
    }

    static let types: [String: OrderType] = Dictionary(
        OrderType.allCases.compactMap { type in TradeWords.type(type).map { ($0, type) } },
        uniquingKeysWith: { first, _ in first })

    /// - Source: the table of order types by market; the trailing market types are in the enumeration only.
    static func isOffered(_ type: OrderType, in market: Market) -> Bool {
        switch type {
        case .limit, .market, .limitIfTouched, .marketIfTouched, .trailingStopLimitAmount, .trailingStopLimitPercent,
            .trailingStopAmount, .trailingStopPercent:
            true
        case .enhancedLimit, .atAuction, .atAuctionLimit, .oddLot, .specialLimit: market == .hongKong
        case .stop, .stopLimit: false
        }
    }

    static func side(_ side: OrderSide) -> String { side.isBuying ? "Buy" : "Sell" }

    static func side(_ word: String?) -> OrderSide? {
        switch word {
        case "Buy": .buy
        case "Sell": .sell
        default: nil
        }
    }

    static func timeInForce(_ word: String?) -> TimeInForce? {
        switch word {
        case "Day": .day
        case "GTC": .gtc
        case "GTD": .gtd
        default: nil
        }
    }

    static func timeInForce(_ value: TimeInForce) -> String {
        switch value {
        case .day: "Day"
        case .gtc: "GTC"
        case .gtd: "GTD"
        }
    }

    static func outside(_ value: OutsideRegularHours) -> String {
        switch value {
        case .regular: "RTH_ONLY"
        case .extended: "ANY_TIME"
        case .overnight: "OVERNIGHT"
        case .optionPreMarket: "OPTION_PRE_MARKET"
        }
    }

    static func outside(_ word: String?) -> OutsideRegularHours? {
        switch word {
        case "RTH_ONLY": .regular
        case "ANY_TIME": .extended
        case "OVERNIGHT": .overnight
        case "OPTION_PRE_MARKET": .optionPreMarket
        default: nil
        }
    }

    static func attachedType(_ purposes: Set<AttachedOrders.Purpose>) -> String {
        purposes == [.takeProfit] ? "PROFIT_TAKER" : purposes == [.stopLoss] ? "STOP_LOSS" : "BRACKET"
    }

    static func purpose(_ word: String?) -> AttachedOrders.Purpose? {
        switch word {
        case "PROFIT_TAKER": .takeProfit
        case "STOP_LOSS": .stopLoss
        default: nil
        }
    }

    /// `nil` for a word we do not know: what it means for the order is then unknown too.
    static func status(_ word: String) -> OrderStatus? {
        switch word {
        case "NotReported", "ReplacedNotReported", "ProtectedNotReported", "VarietiesNotReported",
            "DelayedNotReported", "WaitToNew", "NewStatus", "ReplacedStatus":
            .open
        case "PartialFilledStatus": .partiallyFilled
        case "FilledStatus": .filled
        case "WaitToReplace", "PendingReplaceStatus": .pendingReplace
        case "WaitToCancel", "PendingCancelStatus": .pendingCancel
        // Some of it was done, and the rest withdrawn.
        case "CanceledStatus", "PartialWithdrawal": .cancelled
        case "RejectedStatus": .rejected
        case "ExpiredStatus": .expired
        default: nil
        }
    }

    private static let unreported: Set<String> = [
        "NotReported", "ReplacedNotReported", "ProtectedNotReported", "VarietiesNotReported", "DelayedNotReported",
    ]
    private static let changing: Set<String> = [
        "ReplacedStatus", "WaitToReplace", "PendingReplaceStatus", "WaitToCancel", "PendingCancelStatus",
    ]
    private static let working: Set<String> = ["WaitToNew", "NewStatus", "PartialFilledStatus", "ReplacedStatus"]

    /// The vendor's times are of whole seconds, and an order may go through all of these in one.
    ///
    /// - Source: `longbridge-http`, section 6.4.
    static let successions: [String: BrokerOrder.Succession] = [
        "WaitToNew": .init(unreported),
        "NewStatus": .init(unreported.union(["WaitToNew"]), ofSameFigures: changing),
        "PartialFilledStatus": .init(unreported.union(["WaitToNew", "NewStatus"]), ofSameFigures: changing),
        "WaitToReplace": .init([], ofSameFigures: unreported.union(working)),
        "PendingReplaceStatus": .init([], ofSameFigures: unreported.union(working).union(["WaitToReplace"])),
        "ReplacedStatus": .init(unreported.union(["WaitToNew", "WaitToReplace", "PendingReplaceStatus"])),
        "WaitToCancel": .init(unreported.union(working).union(["WaitToReplace", "PendingReplaceStatus"])),
        "PendingCancelStatus": .init(
            unreported.union(working).union(["WaitToReplace", "PendingReplaceStatus", "WaitToCancel"])),
    ]
}
