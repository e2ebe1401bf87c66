internal import Clocks
internal import OpenDWire

/// What a code of the wire stands for. Options and warrants live through the trades of what they are derived from.
struct GatewayInstrument: Sendable {
    enum Kind: Sendable {
        case share, index
        case future(lastDay: CivilDate)
        case option(SimulatedOption)
        case warrant(SimulatedWarrant)
    }

    let code: GatewayCode
    let kind: Kind
    /// What trades: itself, or what it is derived from.
    let source: SimulatedSecurity

    /// `nil` for a code that nothing is listed under at `now`.
    init?(_ code: GatewayCode, at now: WallTime) {
        self.code = code
        guard let market = code.simulated else { return nil }
        let today = market.zone.civil(at: now).date
        if let symbol = code.symbol, let security = SimulatedSecurity.bySymbol[symbol] {
            source = security
            kind = security.isIndex ? .index : .share
        } else if market == .hongKong, let lastDay = SimulatedFuture.lastDay(of: code.code, today) {
            source = SimulatedFuture.hangSeng
            kind = .future(lastDay: lastDay)
        } else if market == .hongKong, let warrant = SimulatedWarrant.bySymbol["\(code.code).HK"] {
            source = warrant.underlying
            kind = .warrant(warrant)
        } else if market == .unitedStates, let option = SimulatedOption("\(code.code).US", today: today) {
            source = option.underlying
            kind = .option(option)
        } else {
            return nil
        }
    }

    init(_ security: SimulatedSecurity) {
        code = GatewayCode(security)
        kind = security.isIndex ? .index : .share
        source = security
    }

    init(_ option: SimulatedOption) {
        code = GatewayCode(GatewayCode.unitedStates, String(option.symbol.dropLast(3)))
        kind = .option(option)
        source = option.underlying
    }

    init(_ warrant: SimulatedWarrant) {
        code = GatewayCode(GatewayCode.hongKong, String(warrant.symbol.dropLast(3)))
        kind = .warrant(warrant)
        source = warrant.underlying
    }

    var market: SimulatedMarket { source.market }
    var zone: TimeZoneRule { source.market.zone }

    /// Whether it moves by itself.
    var isListed: Bool {
        switch kind {
        case .share, .index, .future: true
        case .option, .warrant: false
        }
    }

    /// Whether it has a book and trades.
    var hasBook: Bool {
        if case .index = kind { return false }
        return true
    }

    /// Board lot; for contracts, what one stands for.
    var lotSize: Int64 {
        switch kind {
        case .share, .index: source.lotSize
        case .future: SimulatedFuture.multiplier
        case .option: 100
        case .warrant: 10_000
        }
    }

    /// By the gateway's numbers.
    var type: Int32 {
        switch kind {
        case .share: source.symbol == "2800.HK" || source.symbol == "823.HK" ? 4 : 3
        case .index: 6
        case .future: 10
        case .option: 8
        case .warrant: 5
        }
    }

    func name(_ today: CivilDate) -> String {
        switch kind {
        case .share, .index: source.nameEnglish
        case .future: code.code == "HSImain" ? source.nameEnglish : "HSI Futures \(code.code.suffix(4))"
        case .option(let option):
            "\(option.underlying.nameEnglish) \(option.expiry.compact.dropFirst(2)) \(option.strike / 1000)\(option.isCall ? "C" : "P")"
        case .warrant(let warrant): warrant.name(today, language: 1)
        }
    }

    /// By the gateway's numbers of exchanges.
    var exchange: Int32 {
        switch kind {
        case .option: return 8
        case .future: return 3
        case .warrant: return 1
        case .share, .index: break
        }
        return switch source.exchange {
        case "SEHK", "HKEX": 1
        case "NYSE", "DJI": 4
        case "SSE": 14
        case "SZSE": 15
        case "SGX": 17
        default: 5
        }
    }
}
