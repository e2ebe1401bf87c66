internal import Clocks
internal import LongbridgeWire

/// Options and warrants among securities: they have a description and a quote, but neither book nor trades of their own.
extension QuoteAnswers {
    private static func option(_ symbol: String, _ now: WallTime) -> SimulatedOption? {
        SimulatedOption(symbol, today: TimeZoneRule.newYork.civil(at: now).date)
    }

    static func isDerivative(_ symbol: String, _ now: WallTime) -> Bool {
        SimulatedWarrant.bySymbol[symbol] != nil || option(symbol, now) != nil
    }

    static func derivativeInfo(_ symbol: String, _ now: WallTime) -> Quote.StaticInfo? {
        var info = Quote.StaticInfo()
        info.symbol = symbol
        if let warrant = SimulatedWarrant.bySymbol[symbol] {
            let today = TimeZoneRule.hongKong.civil(at: now).date
            (info.nameCn, info.nameEn, info.nameHk) = (
                warrant.name(today, language: 0), warrant.name(today, language: 1), warrant.name(today, language: 2)
            )
            (info.exchange, info.currency, info.board) = ("SEHK", "HKD", "HKWarrant")
            info.lotSize = 10_000
            info.totalShares = warrant.issued
            info.circulatingShares = warrant.outstanding
        } else if let option = option(symbol, now) {
            let terms =
                "\(option.expiry.compact.dropFirst(2)) \(price(option.strike)) \(option.isCall ? "Call" : "Put")"
            info.nameEn = "\(option.underlying.nameEnglish) \(terms)"
            info.nameCn = "\(option.underlying.nameSimplified) \(terms)"
            info.nameHk = "\(option.underlying.nameTraditional) \(terms)"
            (info.exchange, info.currency, info.board) = ("OPRA", option.underlying.currency, "USOption")
            info.lotSize = 1
        } else {
            return nil
        }
        return info
    }

    /// The figures that its own command gives too.
    mutating func derivativeQuote(_ symbol: String, _ now: WallTime) throws(BrokerRefusal) -> Quote.SecurityQuote? {
        var request = Quote.MultiSecurityRequest()
        request.symbol = [symbol]
        var quote = Quote.SecurityQuote()
        quote.symbol = symbol
        if let found = try warrantQuotes(request, now).secuQuote.first {
            (quote.lastDone, quote.prevClose, quote.open) = (found.lastDone, found.prevClose, found.open)
            (quote.high, quote.low, quote.turnover) = (found.high, found.low, found.turnover)
            (quote.timestamp, quote.volume, quote.tradeStatus) = (found.timestamp, found.volume, found.tradeStatus)
        } else if let found = try optionQuotes(request, now).secuQuote.first {
            (quote.lastDone, quote.prevClose, quote.open) = (found.lastDone, found.prevClose, found.open)
            (quote.high, quote.low, quote.turnover) = (found.high, found.low, found.turnover)
            (quote.timestamp, quote.volume, quote.tradeStatus) = (found.timestamp, found.volume, found.tradeStatus)
        } else {
            return nil
        }
        return quote
    }
}
