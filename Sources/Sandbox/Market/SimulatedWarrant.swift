internal import Clocks

/// A derivative warrant or callable contract on a Hong Kong share. Codes and issuers are made up.
struct SimulatedWarrant: Sendable {
    /// By the vendor's numbers.
    enum Kind: Int32, CaseIterable, Sendable {
        case call, put, bull, bear, inline

        var word: String {
            switch self {
            case .call: "Call"
            case .put: "Put"
            case .bull: "Bull"
            case .bear: "Bear"
            case .inline: "Inline"
            }
        }
    }

    let underlying: SimulatedSecurity
    let symbol: String
    let kind: Kind
    let issuer: SimulatedIssuer
    /// Its number among those of its underlying.
    let number: Int

    /// Warrants of one underlying.
    static let perUnderlying = 30

    private init(_ underlying: SimulatedSecurity, index: Int, number: Int) {
        self.underlying = underlying
        self.number = number
        kind = Kind(rawValue: Int32(number % 5)) ?? .call
        issuer = SimulatedIssuer.all[(index + number) % SimulatedIssuer.all.count]
        // Warrants have codes below 30000, inline ones from 47000, bull and bear contracts from 50000.
        let first =
            switch kind {
            case .call, .put: 13_000
            case .inline: 47_000
            case .bull, .bear: 55_000
            }
        symbol = "\(first + index * SimulatedWarrant.perUnderlying + number).HK"
    }

    static let all: [SimulatedWarrant] = SimulatedSecurity.hongKong.enumerated().flatMap { index, underlying in
        (0..<perUnderlying).map { SimulatedWarrant(underlying, index: index, number: $0) }
    }
    static let bySymbol: [String: SimulatedWarrant] = Dictionary(
        all.map { ($0.symbol, $0) }, uniquingKeysWith: { first, _ in first })

    // MARK: Terms

    /// The terms hold for a quarter and are set by its first day.
    private func quarter(_ today: CivilDate) -> CivilDate {
        CivilDate(year: today.year, month: (today.month - 1) / 3 * 3 + 1, day: 1) ?? today
    }

    /// A weekday three to twenty-one months behind the quarter's first day.
    func expiry(_ today: CivilDate) -> CivilDate {
        let day = quarter(today).adding(days: 100 + number * 17)
        return day.adding(days: day.weekday == 6 ? -1 : day.weekday == 0 ? 1 : 0)
    }

    /// Strike, bounds and call price in thousandths, set around the close of the day before the quarter.
    func terms(_ history: SimulatedHistory, _ today: CivilDate) -> WarrantTerms {
        let base = history.close(TradingCalendar.previous(.hongKong, before: quarter(today)))
        func part(_ percent: Int64) -> Int64 { TickTable.rounded(base * percent / 100, underlying) }
        let spread = Int64(number / 5)
        switch kind {
        case .call: return WarrantTerms(strike: part(95 + spread * 4))
        case .put: return WarrantTerms(strike: part(105 - spread * 4))
        case .bull: return WarrantTerms(strike: part(68 - spread * 2), callPrice: part(71 - spread * 2))
        case .bear: return WarrantTerms(strike: part(136 + spread * 2), callPrice: part(132 + spread * 2))
        case .inline: return WarrantTerms(strike: 0, lower: part(90 - spread * 2), upper: part(110 + spread * 2))
        }
    }

    /// Warrants for one share.
    var conversion: Int64 { underlying.price >= 200_000 ? 100 : 10 }
    var volatility: Double { 0.3 + Double(PricePath.hash(symbol) % 200) / 1000 }
    /// Issued, and of these in the market.
    var issued: Int64 { 100_000_000 }
    var outstanding: Int64 { Int64(PricePath.mixed(PricePath.hash(symbol), 3) % 4000) * 10_000 }
    /// 2 suspended, 3 to be listed, 4 normal.
    var status: Int32 { number % 15 == 14 ? 3 : number % 15 == 13 ? 2 : 4 }

    func name(_ today: CivilDate, language: Int32) -> String {
        let issuer = self.issuer.name(language)
        let month = expiry(today).compact.dropFirst(2).prefix(4)
        return "\(issuer)#\(underlying.symbol.dropLast(3))\(kind.word.prefix(1))\(month)\(number)"
    }

    /// In thousandths. An inline warrant pays one dollar inside its bounds.
    func price(_ terms: WarrantTerms, spot: Int64, today: CivilDate, now: WallTime) -> Int64 {
        let seconds = TimeZoneRule.hongKong.wallTime(expiry(today), secondOfDay: 16 * 3600).seconds - now.seconds
        let worth: Double
        switch kind {
        case .call, .put:
            let value = SimulatedValue(spot: spot, strike: terms.strike, volatility: volatility, seconds: seconds)
            worth = (kind == .call ? value.call : value.put) / Double(conversion)
        case .bull: worth = Double(max(0, spot - terms.strike)) / Double(conversion)
        case .bear: worth = Double(max(0, terms.strike - spot)) / Double(conversion)
        case .inline:
            let middle = Double(terms.lower + terms.upper) / 2
            let share = (Double(spot) - middle) / (Double(terms.upper - terms.lower) / 2)
            worth = max(50, 900 * (1 - min(1, share * share)))
        }
        return max(10, TickTable.rounded(Int64(worth.rounded()), underlying))
    }
}

/// What is fixed about a warrant, in thousandths; 0 where it does not apply.
struct WarrantTerms: Equatable, Sendable {
    var strike: Int64
    var callPrice: Int64 = 0
    var lower: Int64 = 0
    var upper: Int64 = 0
}

/// An issuer of warrants.
struct SimulatedIssuer: Sendable {
    let id: Int32
    let english: String
    let simplified: String
    let traditional: String

    func name(_ language: Int32) -> String {
        switch language {
        case 0: simplified
        case 2: traditional
        default: english
        }
    }

    static let all: [SimulatedIssuer] = [
        SimulatedIssuer(id: 1, english: "MB", simplified: "麦银", traditional: "麥銀"),
        SimulatedIssuer(id: 5, english: "SG", simplified: "法兴", traditional: "法興"),
        SimulatedIssuer(id: 12, english: "CT", simplified: "花旗", traditional: "花旗"),
        SimulatedIssuer(id: 14, english: "HS", simplified: "汇丰", traditional: "滙豐"),
        SimulatedIssuer(id: 15, english: "UB", simplified: "瑞银", traditional: "瑞銀"),
    ]
}
