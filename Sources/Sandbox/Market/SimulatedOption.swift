internal import Clocks

/// One listed option on a share in the United States, in the vendor's writing: `AAPL261218C230000.US`.
struct SimulatedOption: Equatable, Sendable {
    let underlying: SimulatedSecurity
    let expiry: CivilDate
    let isCall: Bool
    /// In thousandths.
    let strike: Int64

    static func == (left: SimulatedOption, right: SimulatedOption) -> Bool { left.symbol == right.symbol }

    init(_ underlying: SimulatedSecurity, _ expiry: CivilDate, isCall: Bool, strike: Int64) {
        self.underlying = underlying
        self.expiry = expiry
        self.isCall = isCall
        self.strike = strike
    }

    /// `nil` for anything that is not listed on `today`.
    init?(_ symbol: String, today: CivilDate) {
        guard symbol.hasSuffix(".US") else { return nil }
        let code = symbol.dropLast(3)
        guard let letter = code.lastIndex(where: { !$0.isNumber }), code[letter] == "C" || code[letter] == "P",
            let strike = Int64(code[code.index(after: letter)...]), "\(strike)" == code[code.index(after: letter)...],
            code[..<letter].count > 6, let expiry = CivilDate(compact: "20" + code[..<letter].suffix(6)),
            let underlying = SimulatedSecurity.bySymbol[code[..<letter].dropLast(6) + ".US"],
            OptionCalendar.expirations(underlying, today: today).contains(expiry),
            OptionCalendar.strikes(underlying).contains(strike)
        else { return nil }
        self.init(underlying, expiry, isCall: code[letter] == "C", strike: strike)
    }

    var symbol: String {
        "\(underlying.symbol.dropLast(3))\(expiry.compact.dropFirst(2))\(isCall ? "C" : "P")\(strike).US"
    }

    /// The same for all options of an underlying and expiry, so that prices stay in order over strikes.
    var volatility: Double {
        let hash = PricePath.mixed(PricePath.hash(underlying.symbol), UInt64(bitPattern: Int64(expiry.daysSinceEpoch)))
        return 0.25 + Double(hash % 300) / 1000
    }

    /// When it ends: 16:00 in New York.
    var end: WallTime { TimeZoneRule.newYork.wallTime(expiry, secondOfDay: 16 * 3600) }

    func value(spot: Int64, now: WallTime) -> SimulatedValue {
        SimulatedValue(spot: spot, strike: strike, volatility: volatility, seconds: end.seconds - now.seconds)
    }

    /// In thousandths, whole cents, at least one.
    func price(spot: Int64, now: WallTime) -> Int64 {
        let value = value(spot: spot, now: now)
        return max(10, Int64(((isCall ? value.call : value.put) / 10).rounded(.up)) * 10)
    }

    /// Contracts open; more near the money and in near months.
    var openInterest: Int64 {
        Int64(PricePath.mixed(PricePath.hash(symbol), 7) % 20_000) + 10
    }
}

/// Which options there are.
enum OptionCalendar {
    /// The next eight Fridays, then the third Friday of each of six more months; a holiday moves it to the day before.
    static func expirations(_ underlying: SimulatedSecurity, today: CivilDate) -> [CivilDate] {
        guard underlying.market == .unitedStates, !underlying.isIndex else { return [] }
        var days: [CivilDate] = []
        let friday = today.adding(days: (5 - today.weekday + 7) % 7)
        for week in 0..<8 { days.append(friday.adding(days: week * 7)) }
        var month = CivilDate(year: today.year, month: today.month, day: 1) ?? today
        while days.count < 14 {
            let third = month.adding(days: (5 - month.weekday + 7) % 7 + 14)
            if let last = days.last, third > last { days.append(third) }
            let next = month.adding(days: 31)
            month = CivilDate(year: next.year, month: next.month, day: 1) ?? next
        }
        return days.map { day in
            TradingCalendar.isTrading(.unitedStates, day) ? day : TradingCalendar.previous(.unitedStates, before: day)
        }
    }

    /// Strikes from 60 to 140 percent of what the price moves around, in steps that suit it. Fixed, so that a contract stays.
    static func strikes(_ underlying: SimulatedSecurity) -> [Int64] {
        let step: Int64 =
            switch underlying.price {
            case ..<25_000: 500
            case ..<100_000: 2500
            case ..<250_000: 5000
            default: 10_000
            }
        let first = underlying.price * 60 / 100 / step * step
        return Array(stride(from: max(step, first), through: underlying.price * 140 / 100, by: Int(step)))
    }
}
