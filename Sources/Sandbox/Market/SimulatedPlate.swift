/// A group of shares of one market, as the gateway's wire sorts them. Codes are made up, in the vendor's form.
struct SimulatedPlate: Equatable, Sendable {
    /// By the gateway's numbers.
    enum Kind: Int32, Sendable {
        case industry = 1, region, concept, other
    }

    let code: String
    let name: String
    let market: SimulatedMarket
    let kind: Kind
    /// Symbols, the heaviest first.
    let members: [String]

    static let all: [SimulatedPlate] = [
        plate(
            "BK1001", "Internet Services", .hongKong, .industry,
            ["700", "9988", "3690", "9618", "9999", "9888", "1024"]),
        plate("BK1002", "Banks", .hongKong, .industry, ["5", "939", "1398", "3988", "11"]),
        plate("BK1003", "Insurance", .hongKong, .industry, ["1299", "2318"]),
        plate("BK1004", "Oil & Gas", .hongKong, .industry, ["883", "857"]),
        plate("BK1005", "Property", .hongKong, .industry, ["16", "1", "823"]),
        plate("BK1006", "Automobiles", .hongKong, .industry, ["1211"]),
        plate("BK1910", "Technology Leaders", .hongKong, .concept, ["700", "9988", "3690", "1810", "9618"]),
        plate("BK1911", "High Dividend", .hongKong, .concept, ["5", "941", "939", "1398", "857", "823"]),
        plate("LIST22910", "Blue Chips", .hongKong, .other, ["700", "5", "9988", "1299", "388", "941", "2318"]),
        plate("BK2001", "Consumer Electronics", .unitedStates, .industry, ["AAPL"]),
        plate("BK2002", "Semiconductors", .unitedStates, .industry, ["NVDA", "AMD", "INTC"]),
        plate("BK2003", "Software", .unitedStates, .industry, ["MSFT", "GOOGL", "META"]),
        plate(
            "BK2901", "Megacaps", .unitedStates, .concept,
            ["AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA"]),
        plate("BK0001", "Liquor", .mainland, .industry, ["600519"]),
        plate("BK0002", "Finance", .mainland, .industry, ["601318", "000001"]),
        plate("BK0003", "New Energy", .mainland, .concept, ["300750"]),
        plate("BK0004", "Guangdong", .mainland, .region, ["000001", "601318"]),
    ]

    static let byCode: [String: SimulatedPlate] = Dictionary(
        all.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    /// Members that the simulation does not know are left out.
    private static func plate(
        _ code: String, _ name: String, _ market: SimulatedMarket, _ kind: Kind, _ members: [String]
    ) -> SimulatedPlate {
        let endings =
            switch market {
            case .hongKong: ["HK"]
            case .unitedStates: ["US"]
            case .mainland: ["SH", "SZ"]
            case .singapore: ["SG"]
            }
        let symbols = members.compactMap { member in
            endings.map { "\(member).\($0)" }.first { SimulatedSecurity.bySymbol[$0] != nil }
        }
        return SimulatedPlate(code: code, name: name, market: market, kind: kind, members: symbols)
    }
}
