internal import Clocks
internal import OpenDWire

/// An account of the gateway's user, with a matching engine of its own.
struct GatewayAccount: Sendable {
    let id: UInt64
    let isReal: Bool
    /// By the gateway's numbers of markets of trading; the first is the one queries name.
    let markets: [Int32]
    var engine: MatchingEngine
    /// What the wire knows of an order and the engine does not.
    var terms: [Int64: GatewayOrderTerms] = [:]
    /// Orders taken off the lists.
    var deleted: Set<Int64> = []

    /// One account of real money for several markets, and one of paper for each of two.
    ///
    /// The first number does not fit a double, as the vendor's do not.
    static func all(now: WallTime) -> [GatewayAccount] {
        var real = MatchingEngine(opened: now + .seconds(-86_400 * SimulatedPast.days))
        SimulatedPast.fill(&real, now: now)
        let paper = MatchingEngine(opened: now + .seconds(-86_400 * SimulatedPast.days))
        return [
            GatewayAccount(id: 281_756_455_988_247_915, isReal: true, markets: [1, 2, 4, 6], engine: real),
            GatewayAccount(id: 9_000_001, isReal: false, markets: [1], engine: paper),
            GatewayAccount(id: 9_000_002, isReal: false, markets: [2], engine: paper),
        ]
    }

    var message: OpenD.TrdCommon.TrdAcc {
        var account = OpenD.TrdCommon.TrdAcc()
        account.trdEnv = isReal ? 1 : 0
        account.accID = id
        account.trdMarketAuthList = markets
        account.accType = 2
        account.accStatus = 0
        if isReal {
            account.cardNum = "1001\(id % 1_000_000)"
            account.uniCardNum = "2001\(id % 1_000_000)"
            account.securityFirm = 1
            account.accRole = 1
        } else {
            account.simAccType = 1
        }
        return account
    }

    /// Whether it may trade in a market; queries may name any of an account's.
    func covers(_ market: Int32) -> Bool { markets.contains(market) }

    /// Currencies it holds, its own first.
    var currencies: [String] {
        if isReal { return ["HKD", "USD", "CNH"] }
        return covers(2) ? ["USD"] : ["HKD"]
    }

    /// The gateway's number of a market, as orders of this account name it.
    func market(of code: GatewayCode) -> Int32 {
        switch code.market {
        case GatewayCode.unitedStates: 2
        case GatewayCode.shanghai, GatewayCode.shenzhen: isReal ? 4 : 3
        case GatewayCode.singapore: 6
        default: 1
        }
    }

    // MARK: Orders

    /// `FT1BX7…`: the identity the wire knows an order by, besides its number.
    static func text(_ order: Int64) -> String { "FT" + String(order, radix: 36, uppercase: true) }

    /// The order of a number or a text; the text counts.
    func order(_ number: UInt64, _ text: String?) -> SimulatedOrder? {
        if let text, !text.isEmpty {
            guard text.hasPrefix("FT"), let id = Int64(text.dropFirst(2), radix: 36) else { return nil }
            return engine.orders[id]
        }
        return Int64(exactly: number).flatMap { engine.orders[$0] }
    }

    /// Whether it is of today, by its market's day, or still works.
    static func isCurrent(_ order: SimulatedOrder, at now: WallTime) -> Bool {
        !order.status.isFinal || isToday(order.submitted, order.market, at: now)
    }

    static func isToday(_ time: WallTime, _ market: SimulatedMarket, at now: WallTime) -> Bool {
        market.zone.civil(at: time).date == market.zone.civil(at: now).date
    }
}

/// Terms of an order as the wire has them.
struct GatewayOrderTerms: Sendable {
    /// The gateway's number.
    var type: Int32 = 1
    var timeInForce: Int32 = 0
    var isFilledOutside = false
    var session: Int32?
    var trailType: Int32?
    var expires: String?
    /// Whether it has a trigger, a trail, a distance of its limit.
    var expectsTrigger: Bool { (10...13).contains(type) }
    var isTrailing: Bool { type == 14 || type == 15 }
}
