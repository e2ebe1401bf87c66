internal import Bytes
internal import Clocks
internal import LongbridgeWire

/// Warrants of the simulation: priced from their underlying, whose day they share.
extension QuoteAnswers {
    /// A warrant with its figures; prices in thousandths.
    private struct Row {
        var warrant: SimulatedWarrant
        var terms: WarrantTerms
        var expiry: CivilDate
        var spot: Int64
        var last: Int64
        var before: Int64
        var volume: Int64
        var delta: Double
        var at: WallTime

        var leverage: Double { Double(spot) / (Double(last) * Double(warrant.conversion)) }
        private var isCallLike: Bool { warrant.kind == .call || warrant.kind == .bull }
        /// Where the holder neither gains nor loses, in thousandths.
        var breakEven: Int64 {
            isCallLike ? terms.strike + last * warrant.conversion : terms.strike - last * warrant.conversion
        }
        var premium: Double { Double(isCallLike ? breakEven - spot : spot - breakEven) / Double(spot) }
        var moneyness: Double { Double(isCallLike ? spot - terms.strike : terms.strike - spot) / Double(spot) }
        var toCall: Double {
            Double(warrant.kind == .bull ? spot - terms.callPrice : terms.callPrice - spot) / Double(spot)
        }
    }

    private mutating func row(_ warrant: SimulatedWarrant, _ now: WallTime) -> Row? {
        guard let listing = market.listing(warrant.underlying.symbol, at: now), let record = listing.regular else {
            return nil
        }
        let today = TimeZoneRule.hongKong.civil(at: now).date
        let terms = warrant.terms(listing.history, today)
        let at = record.lastTime
        let expiry = warrant.expiry(today)
        let value = SimulatedValue(
            spot: record.last, strike: max(1, terms.strike), volatility: warrant.volatility,
            seconds: TimeZoneRule.hongKong.wallTime(expiry, secondOfDay: 16 * 3600).seconds - at.seconds)
        let delta: Double =
            switch warrant.kind {
            case .call: value.delta
            case .put: value.delta - 1
            case .bull: 1
            case .bear: -1
            case .inline: 0
            }
        return Row(
            warrant: warrant, terms: terms, expiry: expiry, spot: record.last,
            last: warrant.price(terms, spot: record.last, today: today, now: at),
            before: warrant.price(terms, spot: record.previousClose, today: today, now: at),
            volume: warrant.status == 4 ? warrant.outstanding / 8 / 10_000 * 10_000 : 0, delta: delta, at: at)
    }

    func warrantIssuers() -> Quote.IssuerInfoResponse {
        var response = Quote.IssuerInfoResponse()
        response.issuerInfo = SimulatedIssuer.all.map { issuer in
            var info = Quote.IssuerInfo()
            info.id = issuer.id
            info.nameEn = issuer.english
            info.nameCn = issuer.simplified
            info.nameHk = issuer.traditional
            return info
        }
        return response
    }

    mutating func warrantQuotes(_ request: Quote.MultiSecurityRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.WarrantQuoteResponse
    {
        guard request.symbol.count <= QuoteAnswers.symbolLimit else { throw .tooMany }
        var response = Quote.WarrantQuoteResponse()
        for symbol in request.symbol {
            guard let warrant = SimulatedWarrant.bySymbol[symbol], let row = row(warrant, now) else { continue }
            var quote = Quote.WarrantQuote()
            quote.symbol = symbol
            quote.lastDone = QuoteAnswers.price(row.last)
            quote.prevClose = QuoteAnswers.price(row.before)
            quote.open = QuoteAnswers.price(row.before)
            quote.high = QuoteAnswers.price(max(row.last, row.before))
            quote.low = QuoteAnswers.price(min(row.last, row.before))
            quote.timestamp = row.at.seconds
            quote.volume = row.volume
            quote.turnover = QuoteAnswers.price(row.volume * row.last)
            quote.tradeStatus =
                warrant.status == 2 ? .suspendTrade : warrant.status == 3 ? .warrantPrepareList : .normal
            var extend = Quote.WarrantExtend()
            extend.impliedVolatility = QuoteAnswers.fraction(warrant.volatility)
            extend.expiryDate = row.expiry.compact
            extend.lastTradeDate = TradingCalendar.previous(.hongKong, before: row.expiry).compact
            extend.outstandingRatio = QuoteAnswers.fraction(Double(warrant.outstanding) / Double(warrant.issued))
            extend.outstandingQty = warrant.outstanding
            extend.conversionRatio = "\(warrant.conversion)"
            extend.category = warrant.kind.word
            extend.strikePrice = QuoteAnswers.price(row.terms.strike)
            extend.upperStrikePrice = QuoteAnswers.price(row.terms.upper)
            extend.lowerStrikePrice = QuoteAnswers.price(row.terms.lower)
            extend.callPrice = QuoteAnswers.price(row.terms.callPrice)
            extend.underlyingSymbol = warrant.underlying.symbol
            quote.warrantExtend = extend
            response.secuQuote.append(quote)
        }
        return response
    }

    mutating func warrantList(_ request: Quote.WarrantFilterListRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.WarrantFilterListResponse
    {
        let listing = try listing(request.symbol, now)
        guard listing.security.market == .hongKong, !listing.security.isIndex else { throw .noQuotes }
        let filter = request.filterConfig ?? .init()
        guard (0...21).contains(filter.sortBy), (0...1).contains(filter.sortOrder), filter.sortOffset >= 0,
            filter.sortCount >= 0, (0...2).contains(request.language)
        else { throw .invalid }
        guard filter.sortCount <= QuoteAnswers.symbolLimit else { throw .tooMany }
        let today = TimeZoneRule.hongKong.civil(at: now).date
        var rows: [Row] = []
        for warrant in SimulatedWarrant.all where warrant.underlying.symbol == request.symbol {
            guard filter.type.isEmpty || filter.type.contains(warrant.kind.rawValue),
                filter.issuer.isEmpty || filter.issuer.contains(warrant.issuer.id),
                filter.status.isEmpty || filter.status.contains(warrant.status), let row = row(warrant, now)
            else { continue }
            let months = (row.expiry.daysSinceEpoch - today.daysSinceEpoch) / 30
            let bucket: Int32 = months < 3 ? 1 : months < 6 ? 2 : months < 12 ? 3 : 4
            guard filter.expiryDate.isEmpty || filter.expiryDate.contains(bucket) else { continue }
            if !filter.priceType.isEmpty {
                let isIn = warrant.kind == .inline && (row.terms.lower...row.terms.upper).contains(row.spot)
                guard warrant.kind == .inline, filter.priceType.contains(isIn ? 1 : 2) else { continue }
            }
            rows.append(row)
        }
        rows.sort { left, right in
            let (first, second) = (
                QuoteAnswers.sortKey(left, filter.sortBy), QuoteAnswers.sortKey(right, filter.sortBy)
            )
            if first == second { return left.warrant.symbol < right.warrant.symbol }
            return filter.sortOrder == 0 ? first < second : first > second
        }
        var response = Quote.WarrantFilterListResponse()
        response.totalCount = Int32(clamping: rows.count)
        let page = rows.dropFirst(Int(filter.sortOffset))
        response.warrantList = page.prefix(filter.sortCount == 0 ? .max : Int(filter.sortCount)).map {
            QuoteAnswers.listed($0, today, request.language)
        }
        return response
    }

    private static func sortKey(_ row: Row, _ column: Int32) -> Double {
        switch column {
        case 0: Double(row.last)
        case 1: Double(row.last - row.before) / Double(row.before)
        case 2: Double(row.last - row.before)
        case 3: Double(row.volume)
        case 4: Double(row.volume) * Double(row.last)
        case 5: Double(row.expiry.daysSinceEpoch)
        case 6: Double(row.terms.strike)
        case 7: Double(row.terms.upper)
        case 8: Double(row.terms.lower)
        case 9, 10: Double(row.warrant.outstanding)
        case 11: row.premium
        case 12: row.moneyness
        case 13: row.warrant.volatility
        case 14: row.delta
        case 15: Double(row.terms.callPrice)
        case 16: row.toCall
        case 17: abs(row.delta) * row.leverage
        case 18: row.leverage
        case 19: Double(row.warrant.conversion)
        case 20: Double(row.breakEven)
        default: Double(row.warrant.status)
        }
    }

    private static func listed(_ row: Row, _ today: CivilDate, _ language: Int32) -> Quote.FilterWarrant {
        let warrant = row.warrant
        var entry = Quote.FilterWarrant()
        entry.symbol = warrant.symbol
        entry.name = warrant.name(today, language: language)
        entry.lastDone = price(row.last)
        entry.changeVal = price(row.last - row.before)
        entry.changeRate = fraction(Double(row.last - row.before) / Double(row.before))
        entry.volume = row.volume
        entry.turnover = price(row.volume * row.last)
        entry.expiryDate = row.expiry.compact
        entry.outstandingQty = "\(warrant.outstanding)"
        entry.outstandingRatio = fraction(Double(warrant.outstanding) / Double(warrant.issued))
        entry.conversionRatio = "\(warrant.conversion)"
        entry.leverageRatio = fraction(row.leverage)
        entry.status = warrant.status
        entry.type = warrant.kind.rawValue
        if warrant.kind == .inline {
            entry.upperStrikePrice = price(row.terms.upper)
            entry.lowerStrikePrice = price(row.terms.lower)
            return entry
        }
        entry.strikePrice = price(row.terms.strike)
        entry.premium = fraction(row.premium)
        entry.itmOtm = fraction(row.moneyness)
        entry.balancePoint = price(row.breakEven)
        if warrant.kind == .call || warrant.kind == .put {
            entry.impliedVolatility = fraction(warrant.volatility)
            entry.delta = fraction(row.delta)
            entry.effectiveLeverage = fraction(abs(row.delta) * row.leverage)
        } else {
            entry.callPrice = price(row.terms.callPrice)
            entry.toCallPrice = fraction(row.toCall)
        }
        return entry
    }

    /// The indexes of a warrant; `nil` for what is none.
    mutating func warrantIndexes(_ symbol: String, _ wanted: Set<Int32>, _ now: WallTime) -> Quote.SecurityCalcIndex? {
        guard let warrant = SimulatedWarrant.bySymbol[symbol], let row = row(warrant, now) else { return nil }
        var index = Quote.SecurityCalcIndex()
        index.symbol = symbol
        func percent(_ value: Double) -> String { QuoteAnswers.hundredths(Int64((value * 10_000).rounded())) }
        if wanted.contains(1) { index.lastDone = QuoteAnswers.price(row.last) }
        if wanted.contains(2) { index.changeVal = QuoteAnswers.price(row.last - row.before) }
        if wanted.contains(3) { index.changeRate = QuoteAnswers.percent(row.last - row.before, of: row.before) }
        if wanted.contains(4) { index.volume = row.volume }
        if wanted.contains(5) { index.turnover = QuoteAnswers.price(row.volume * row.last) }
        if wanted.contains(19) { index.expiryDate = row.expiry.compact }
        if wanted.contains(23) { index.outstandingQty = warrant.outstanding }
        if wanted.contains(24) {
            index.outstandingRatio = percent(Double(warrant.outstanding) / Double(warrant.issued))
        }
        if wanted.contains(32) { index.leverageRatio = QuoteAnswers.fraction(row.leverage) }
        if wanted.contains(33) { index.conversionRatio = "\(warrant.conversion)" }
        if warrant.kind == .inline {
            if wanted.contains(21) { index.upperStrikePrice = QuoteAnswers.price(row.terms.upper) }
            if wanted.contains(22) { index.lowerStrikePrice = QuoteAnswers.price(row.terms.lower) }
            return index
        }
        if wanted.contains(20) { index.strikePrice = QuoteAnswers.price(row.terms.strike) }
        if wanted.contains(25) { index.premium = percent(row.premium) }
        if wanted.contains(26) { index.itmOtm = percent(row.moneyness) }
        if wanted.contains(34) { index.balancePoint = QuoteAnswers.price(row.breakEven) }
        if warrant.kind == .call || warrant.kind == .put {
            if wanted.contains(27) { index.impliedVolatility = percent(warrant.volatility) }
            if wanted.contains(28) { index.warrantDelta = QuoteAnswers.fraction(row.delta) }
            if wanted.contains(31) { index.effectiveLeverage = QuoteAnswers.fraction(abs(row.delta) * row.leverage) }
        } else {
            if wanted.contains(29) { index.callPrice = QuoteAnswers.price(row.terms.callPrice) }
            if wanted.contains(30) { index.toCallPrice = percent(row.toCall) }
        }
        return index
    }
}
