internal import Clocks
internal import OpenDWire

/// A security as the gateway's wire names it: a market and a code without prefix.
struct GatewayCode: Hashable, Sendable {
    /// The gateway's number of the market; the obsolete one of Hong Kong's futures is Hong Kong's.
    let market: Int32
    let code: String

    static let hongKong: Int32 = 1
    static let unitedStates: Int32 = 11
    static let shanghai: Int32 = 21
    static let shenzhen: Int32 = 22
    static let singapore: Int32 = 31

    init(_ market: Int32, _ code: String) {
        self.market = market == 2 ? GatewayCode.hongKong : market
        self.code = code
    }

    init(_ security: OpenD.QotCommon.Security) {
        self.init(security.market, security.code)
    }

    /// The name of a security of the simulation.
    init(_ security: SimulatedSecurity) {
        let code = String(security.symbol.prefix(upTo: security.symbol.lastIndex(of: ".") ?? security.symbol.endIndex))
        switch security.market {
        case .hongKong:
            self.init(GatewayCode.hongKong, GatewayCode.hongKongIndexes[code] ?? GatewayCode.padded(code))
        case .unitedStates: self.init(GatewayCode.unitedStates, code)
        case .mainland:
            self.init(security.symbol.hasSuffix(".SH") ? GatewayCode.shanghai : GatewayCode.shenzhen, code)
        case .singapore: self.init(GatewayCode.singapore, code)
        }
    }

    /// Hong Kong's indexes have numbers here.
    private static let hongKongIndexes = ["HSI": "800000", "HSTECH": "800700"]

    private static func padded(_ code: String) -> String {
        guard code.allSatisfy(\.isNumber) else { return code }
        return String(repeating: "0", count: max(0, 5 - code.count)) + code
    }

    var message: OpenD.QotCommon.Security {
        var security = OpenD.QotCommon.Security()
        security.market = market
        security.code = code
        return security
    }

    /// `HK.00700`, for people.
    var text: String {
        let prefix =
            switch market {
            case GatewayCode.hongKong: "HK"
            case GatewayCode.unitedStates: "US"
            case GatewayCode.shanghai: "SH"
            case GatewayCode.shenzhen: "SZ"
            case GatewayCode.singapore: "SG"
            default: "\(market)"
            }
        return "\(prefix).\(code)"
    }

    /// The market of the simulation it belongs to.
    var simulated: SimulatedMarket? {
        switch market {
        case GatewayCode.hongKong: .hongKong
        case GatewayCode.unitedStates: .unitedStates
        case GatewayCode.shanghai, GatewayCode.shenzhen: .mainland
        case GatewayCode.singapore: .singapore
        default: nil
        }
    }

    /// The symbol of a share or an index; `nil` if the code cannot be one.
    var symbol: String? {
        switch market {
        case GatewayCode.hongKong:
            if let index = GatewayCode.hongKongIndexes.first(where: { $0.value == code })?.key { return "\(index).HK" }
            guard code.count == 5, code.allSatisfy(\.isNumber) else { return nil }
            let digits = code.drop { $0 == "0" }
            return digits.isEmpty ? nil : "\(digits).HK"
        case GatewayCode.unitedStates: return "\(code).US"
        case GatewayCode.shanghai: return "\(code).SH"
        case GatewayCode.shenzhen: return "\(code).SZ"
        case GatewayCode.singapore: return "\(code).SG"
        default: return nil
        }
    }
}
