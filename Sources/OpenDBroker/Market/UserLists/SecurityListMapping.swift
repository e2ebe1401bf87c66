internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import OpenDWire

extension SecurityCategory {
    /// `SecurityType`; `nil` for a list the gateway does not have.
    var securityType: Int32? {
        switch self {
        case .overnight: nil
        case .bond: 1
        case .stock: 3
        case .etf: 4
        case .warrant: 5
        case .index: 6
        case .future: 10
        }
    }
}

extension SecurityListing {
    /// `nil` for a security that is none of ours, or is no longer listed. The gateway's one name is in its own language.
    init?(_ info: OpenD.QotCommon.SecurityStaticInfo) {
        guard info.basic.delisting != true, let symbol = Symbol(info.basic.security) else { return nil }
        self.init(symbol: symbol)
        let name = info.basic.name
        guard !name.isEmpty else { return }
        if name.utf8.allSatisfy({ $0 < 0x80 }) { nameEnglish = name } else { nameSimplifiedChinese = name }
    }
}

/// The gateway's call for lists of securities.
///
/// - Source: Futu OpenAPI, "Get Static Information": by market and type, all in one answer.
@LoopActor
struct OpenDSecurityLists {
    let calls: any OpenDCalls

    func securities(
        _ market: Market, _ category: SecurityCategory, wait: Duration
    ) async throws(BrokerFailure) -> [SecurityListing] {
        guard let type = category.securityType else {
            throw BrokerFailure(.notSupported, "The broker does not have this list.", field: "category")
        }
        var request = OpenD.QotGetStaticInfo.C2S()
        request.market = market.quoteMarket
        request.secType = type
        return try await calls.read(request, wait: wait).staticInfoList.compactMap { SecurityListing($0) }
    }
}
