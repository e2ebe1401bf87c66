internal import BrokerModel
internal import OpenDWire

/// Where orders go to (`TrdMarket`), and the markets of securities.
///
/// - Source: `futu-opend`, section 10, table of markets; section 12, accounts.
enum TradeMarkets {
    /// Futures, of a real account and of paper accounts by market.
    static let futures: Set<Int32> = [5, 10, 11, 12, 13]
    /// Funds, by market.
    static let funds: Set<Int32> = [113, 123, 124, 125, 126]

    /// Where an order for a security of that market goes to, among those an account has; `nil` if it has none.
    static func market(for market: Market, isPaper: Bool, among authorized: [Int32]) -> Int32? {
        let candidates: [Int32] =
            switch market {
            case .hongKong: [1, isPaper ? 10 : 5]
            case .unitedStates: [2, isPaper ? 11 : 5]
            case .shanghai, .shenzhen: isPaper ? [3] : [4, 3]
            case .singapore: [6, isPaper ? 12 : 5]
            }
        return candidates.first { authorized.contains($0) }
    }

    /// The markets of securities that such an account takes orders for, in our order.
    static func markets(isPaper: Bool, _ authorized: [Int32]) -> [Market] {
        Market.allCases.filter { market(for: $0, isPaper: isPaper, among: authorized) != nil }
    }

    /// The market of a security whose own market is not told; `nil` where that cannot be known.
    static func market(of number: Int32, code: String) -> Market? {
        switch number {
        case 1, 10, 113: .hongKong
        case 2, 11, 123: .unitedStates
        case 3, 4:
            switch code.utf8.first {
            case UInt8(ascii: "5"), UInt8(ascii: "6"), UInt8(ascii: "9"): .shanghai
            case UInt8(ascii: "0"), UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "3"): .shenzhen
            default: nil
            }
        case 6, 12, 124: .singapore
        default: nil
        }
    }

    /// For people.
    static func text(_ number: Int32) -> String {
        let name = OpenD.TrdCommon.TrdMarket.names.first { $0.number == number }?.name.description
        return name.map { String($0.dropFirst("TrdMarket_".count)) } ?? String(number)
    }
}
