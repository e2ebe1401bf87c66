internal import BrokerModel
internal import OpenDWire

extension Symbol {
    /// The gateway's form: Hong Kong codes of five digits, options without the strike's leading zeros, continuous
    /// futures with their ending in small letters.
    ///
    /// - Source: Futu OpenAPI, "Quote", definition of codes; the vendor's Python client passes codes on as they are.
    var security: OpenD.QotCommon.Security {
        var security = OpenD.QotCommon.Security()
        security.market = market.quoteMarket
        security.code = gatewayCode
        return security
    }

    /// The code as the gateway writes it.
    var gatewayCode: String {
        switch market {
        case .hongKong where code.utf8.allSatisfy(Symbol.isDigit):
            String(repeating: "0", count: max(0, 5 - code.utf8.count)) + code
        case .hongKong, .singapore:
            Symbol.continuous.first { code.hasSuffix($0.uppercased()) && code.utf8.count > $0.utf8.count }
                .map { code.dropLast($0.utf8.count) + $0 } ?? code
        case .unitedStates: OptionCode(code)?.shortText ?? code
        case .shanghai, .shenzhen: code
        }
    }

    /// `nil` for a market or a code that is none of ours.
    init?(_ security: OpenD.QotCommon.Security) {
        guard let market = Market(quoteMarket: security.market) else { return nil }
        self.init(code: security.code, market: market)
    }

    /// The endings of contracts that roll on.
    private static let continuous = ["main", "current", "next"]

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension Market {
    /// `QotMarket`.
    var quoteMarket: Int32 {
        switch self {
        case .hongKong: 1
        case .unitedStates: 11
        case .shanghai: 21
        case .shenzhen: 22
        case .singapore: 31
        }
    }

    /// Hong Kong's futures had a number of their own once.
    init?(quoteMarket: Int32) {
        switch quoteMarket {
        case 1, 2: self = .hongKong
        case 11: self = .unitedStates
        case 21: self = .shanghai
        case 22: self = .shenzhen
        case 31: self = .singapore
        default: return nil
        }
    }

    /// `TrdSecMarket`: the security's market in orders.
    var orderMarket: Int32 {
        switch self {
        case .hongKong: 1
        case .unitedStates: 2
        case .shanghai: 31
        case .shenzhen: 32
        case .singapore: 41
        }
    }

    /// `nil` for a market that is none of ours.
    init?(orderMarket: Int32) {
        switch orderMarket {
        case 1: self = .hongKong
        case 2: self = .unitedStates
        case 31: self = .shanghai
        case 32: self = .shenzhen
        case 41: self = .singapore
        default: return nil
        }
    }
}
