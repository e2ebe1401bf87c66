internal import Bytes
internal import Clocks
internal import LongbridgeWire

/// Options of the simulation: priced from their underlying, whose day they share.
extension QuoteAnswers {
    /// A share of a number with four decimals.
    static func fraction(_ value: Double) -> String {
        DecimalText(units: Int64((value * 10_000).rounded()), scale: 4).text
    }

    private func today(_ now: WallTime) -> CivilDate { TimeZoneRule.newYork.civil(at: now).date }

    func optionExpirations(_ request: Quote.SecurityRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.OptionChainDateListResponse
    {
        guard let underlying = SimulatedSecurity.bySymbol[request.symbol] else { throw .notFound }
        var response = Quote.OptionChainDateListResponse()
        response.expiryDate = OptionCalendar.expirations(underlying, today: today(now)).map(\.compact)
        guard !response.expiryDate.isEmpty else { throw .noQuotes }
        return response
    }

    /// The contracts of one expiry; none for a day that is no expiry.
    func optionChain(_ symbol: String, _ expiry: String, _ now: WallTime) throws(BrokerRefusal) -> [(
        call: SimulatedOption, put: SimulatedOption
    )] {
        guard let underlying = SimulatedSecurity.bySymbol[symbol] else { throw .notFound }
        guard let date = CivilDate(compact: expiry) else { throw .invalid }
        guard OptionCalendar.expirations(underlying, today: today(now)).contains(date) else { return [] }
        return OptionCalendar.strikes(underlying).map { strike in
            (
                SimulatedOption(underlying, date, isCall: true, strike: strike),
                SimulatedOption(underlying, date, isCall: false, strike: strike)
            )
        }
    }

    func optionStrikes(_ request: Quote.OptionChainDateStrikeInfoRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.OptionChainDateStrikeInfoResponse
    {
        var response = Quote.OptionChainDateStrikeInfoResponse()
        response.strikePriceInfo = try optionChain(request.symbol, request.expiryDate, now).map { call, put in
            var row = Quote.StrikePriceInfo()
            row.price = QuoteAnswers.price(call.strike)
            row.callSymbol = call.symbol
            row.putSymbol = put.symbol
            row.standard = true
            return row
        }
        return response
    }

    mutating func optionQuotes(_ request: Quote.MultiSecurityRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.OptionQuoteResponse
    {
        guard request.symbol.count <= QuoteAnswers.symbolLimit else { throw .tooMany }
        var response = Quote.OptionQuoteResponse()
        for symbol in request.symbol {
            guard let option = SimulatedOption(symbol, today: today(now)),
                let record = market.listing(option.underlying.symbol, at: now)?.regular
            else { continue }
            var quote = Quote.OptionQuote()
            quote.symbol = symbol
            let at = record.lastTime
            let (top, bottom) =
                option.isCall ? (record.bar.high, record.bar.low) : (record.bar.low, record.bar.high)
            quote.lastDone = QuoteAnswers.price(option.price(spot: record.last, now: at))
            quote.prevClose = QuoteAnswers.price(
                option.price(spot: record.previousClose, now: at + .seconds(-86_400)))
            quote.open = QuoteAnswers.price(option.price(spot: record.bar.open, now: at))
            quote.high = QuoteAnswers.price(option.price(spot: top, now: at))
            quote.low = QuoteAnswers.price(option.price(spot: bottom, now: at))
            quote.timestamp = at.seconds
            quote.volume = option.openInterest / 4
            quote.turnover = QuoteAnswers.price(quote.volume * 100 * option.price(spot: record.last, now: at))
            var extend = Quote.OptionExtend()
            extend.impliedVolatility = QuoteAnswers.fraction(option.volatility)
            extend.openInterest = option.openInterest
            extend.expiryDate = option.expiry.compact
            extend.strikePrice = QuoteAnswers.price(option.strike)
            extend.contractMultiplier = "100"
            extend.contractType = "A"
            extend.contractSize = "100"
            extend.direction = option.isCall ? "C" : "P"
            extend.historicalVolatility = QuoteAnswers.fraction(option.volatility * 0.9)
            extend.underlyingSymbol = option.underlying.symbol
            quote.optionExtend = extend
            response.secuQuote.append(quote)
        }
        return response
    }

    /// The indexes of an option; `nil` for what is none.
    mutating func optionIndexes(_ symbol: String, _ wanted: Set<Int32>, _ now: WallTime) -> Quote.SecurityCalcIndex? {
        guard let option = SimulatedOption(symbol, today: today(now)),
            let record = market.listing(option.underlying.symbol, at: now)?.regular
        else { return nil }
        var index = Quote.SecurityCalcIndex()
        index.symbol = symbol
        let at = record.lastTime
        let value = option.value(spot: record.last, now: at)
        let last = option.price(spot: record.last, now: at)
        let before = option.price(spot: record.previousClose, now: at + .seconds(-86_400))
        if wanted.contains(1) { index.lastDone = QuoteAnswers.price(last) }
        if wanted.contains(2) { index.changeVal = QuoteAnswers.price(last - before) }
        if wanted.contains(3) { index.changeRate = QuoteAnswers.percent(last - before, of: before) }
        if wanted.contains(4) { index.volume = option.openInterest / 4 }
        if wanted.contains(5) { index.turnover = QuoteAnswers.price(option.openInterest / 4 * 100 * last) }
        if wanted.contains(19) { index.expiryDate = option.expiry.compact }
        if wanted.contains(20) { index.strikePrice = QuoteAnswers.price(option.strike) }
        let distance = option.isCall ? option.strike + last - record.last : record.last - option.strike + last
        if wanted.contains(25) { index.premium = QuoteAnswers.percent(distance, of: record.last) }
        if wanted.contains(27) { index.impliedVolatility = QuoteAnswers.hundredths(Int64(option.volatility * 10_000)) }
        if wanted.contains(35) { index.openInterest = option.openInterest }
        if wanted.contains(36) { index.delta = QuoteAnswers.fraction(option.isCall ? value.delta : value.delta - 1) }
        if wanted.contains(37) { index.gamma = QuoteAnswers.fraction(value.gamma) }
        // These come a hundredfold.
        if wanted.contains(38) { index.theta = QuoteAnswers.fraction(value.theta / 10) }
        if wanted.contains(39) { index.vega = QuoteAnswers.fraction(value.vega / 10) }
        if wanted.contains(40) {
            index.rho = QuoteAnswers.fraction(
                (option.isCall ? value.rho : value.rho - value.strike * value.years / 100) / 10)
        }
        return index
    }
}
