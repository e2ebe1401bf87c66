internal import BrokerModel
internal import OpenDWire

/// The account at the broker that an alias stands for.
struct TradingAccount: Equatable, Sendable {
    /// Goes with every request; never shown.
    let id: UInt64
    /// Simulated by the broker.
    let isPaper: Bool
    /// `TrdMarket` of everything it trades.
    let markets: [Int32]
    /// `SecurityFirm`; real accounts only.
    let firm: Int32?
    /// `TrdAccType`.
    let kind: Int32?
    /// `SimAccType`; paper accounts only.
    let paperKind: Int32?
    /// What the user sees of it, and the universal account's number.
    private let cards: [String]
    /// Closed, or of a role that takes no orders.
    let isUsable: Bool

    init(_ listed: OpenD.TrdCommon.TrdAcc) {
        id = listed.accID
        isPaper = listed.trdEnv != OpenD.TrdCommon.TrdEnv.real.rawValue
        markets = listed.trdMarketAuthList
        firm = listed.securityFirm.flatMap { $0 == 0 ? nil : $0 }
        kind = listed.accType
        paperKind = listed.simAccType
        cards = [listed.cardNum, listed.uniCardNum].compactMap { $0 }.filter { !$0.isEmpty }
        let role = listed.accRole ?? OpenD.TrdCommon.TrdAccRole.normal.rawValue
        isUsable =
            (listed.accStatus ?? 0) == OpenD.TrdCommon.TrdAccStatus.active.rawValue
            && role != OpenD.TrdCommon.TrdAccRole.master.rawValue && role != OpenD.TrdCommon.TrdAccRole.ipo.rawValue
    }

    /// Whether it trades futures and nothing else.
    var isFutures: Bool { !markets.isEmpty && markets.allSatisfy { TradeMarkets.futures.contains($0) } }

    /// Whether it is of the kind that may not push.
    ///
    /// - Source: `futu-opend`, section 12, paper trading: accounts of type StockAndOption.
    var maySayNothing: Bool { isPaper && paperKind == OpenD.TrdCommon.SimAccType.stockAndOption.rawValue }

    /// The markets of securities it takes orders for.
    var securityMarkets: [Market] { TradeMarkets.markets(isPaper: isPaper, markets) }

    /// Where an order for a security of that market goes to; `nil` if the account does not trade it.
    func orderMarket(for market: Market) -> Int32? {
        TradeMarkets.market(for: market, isPaper: isPaper, among: markets)
    }

    /// With no market given, the account's first, as the vendor's client has it in everything that is not about one
    /// security.
    func header(_ market: Int32? = nil) -> OpenD.TrdCommon.TrdHeader {
        var header = OpenD.TrdCommon.TrdHeader()
        header.trdEnv =
            isPaper ? OpenD.TrdCommon.TrdEnv.simulate.rawValue : OpenD.TrdCommon.TrdEnv.real.rawValue
        header.accID = id
        header.trdMarket = market ?? markets.first ?? 0
        return header
    }

    /// The currency that totals are asked for when nobody says one: the firm's, or the only market's.
    var baseCurrency: String {
        if isPaper || firm == nil {
            switch markets.first {
            case 2, 11: return "USD"
            case 3, 4: return "CNH"
            case 6, 12: return "SGD"
            default: return "HKD"
            }
        }
        return switch firm {
        case 2: "USD"
        case 3: "SGD"
        case 4: "AUD"
        case 5: "CAD"
        case 6: "MYR"
        case 7: "JPY"
        default: "HKD"
        }
    }

    /// Whether its number, or one on its card, ends in these digits.
    func isNumbered(_ ending: String) -> Bool {
        (cards + [String(id)]).contains { $0.hasSuffix(ending) }
    }

    /// Enough to tell accounts apart, and not the number: its last four digits.
    var text: String {
        let number = cards.first ?? String(id)
        let places = markets.map { TradeMarkets.text($0) }.joined(separator: " ")
        let kind: String =
            isPaper
            ? "paper" + (paperKind.flatMap { OpenD.TrdCommon.SimAccType.word($0) }.map { " \($0)" } ?? "")
            : "real" + (firm.flatMap { OpenDFirm(code: $0) }.map { " \($0.rawValue)" } ?? "")
        return "…\(number.suffix(4)) (\(kind); \(places))"
    }
}

extension OpenD.TrdCommon.SimAccType {
    /// The vendor's word, without its prefix.
    fileprivate static func word(_ code: Int32) -> String? {
        names.first { $0.number == code && $0.number != 0 }.map {
            String($0.name.description.dropFirst("SimAccType_".count))
        }
    }
}
