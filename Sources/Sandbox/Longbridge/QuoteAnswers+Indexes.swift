internal import Bytes
internal import Clocks
internal import LongbridgeWire

extension QuoteAnswers {
    /// Two decimals.
    static func hundredths(_ value: Int64) -> String { DecimalText(units: value, scale: 2).text }

    /// `part` of `whole` in percent with two decimals; empty when there is no whole.
    static func percent(_ part: Int64, of whole: Int64) -> String {
        whole == 0 ? "" : hundredths(Int64((Double(part) / Double(whole) * 10_000).rounded()))
    }

    /// Figures calculated from quotes, bars and shares.
    mutating func indexes(
        _ request: Quote.SecurityCalcQuoteRequest, _ now: WallTime
    ) throws(BrokerRefusal) -> Quote.SecurityCalcQuoteResponse {
        guard request.symbols.count <= QuoteAnswers.symbolLimit else { throw .tooMany }
        let wanted = Set(request.calcIndex.map(\.rawValue))
        guard !wanted.isEmpty, wanted.allSatisfy({ (1...40).contains($0) }) else { throw .invalid }
        var response = Quote.SecurityCalcQuoteResponse()
        for symbol in request.symbols {
            if let index = optionIndexes(symbol, wanted, now) ?? warrantIndexes(symbol, wanted, now) {
                response.securityCalcIndex.append(index)
                continue
            }
            guard let listing = market.listing(symbol, at: now), let record = listing.regular else { continue }
            var index = Quote.SecurityCalcIndex()
            index.symbol = symbol
            QuoteAnswers.fillDay(&index, wanted, listing, record)
            if !wanted.isDisjoint(with: [6, 15, 16, 17]) {
                QuoteAnswers.fillChanges(&index, wanted, listing, record, now)
            }
            if !listing.security.isIndex { QuoteAnswers.fillValue(&index, wanted, listing, record) }
            response.securityCalcIndex.append(index)
        }
        return response
    }

    private static func fillDay(
        _ index: inout Quote.SecurityCalcIndex, _ wanted: Set<Int32>, _ listing: SimulatedListing,
        _ record: SessionRecord
    ) {
        let change = record.last - record.previousClose
        if wanted.contains(1) { index.lastDone = price(record.last) }
        if wanted.contains(2) { index.changeVal = price(change) }
        if wanted.contains(3) { index.changeRate = percent(change, of: record.previousClose) }
        if wanted.contains(4) { index.volume = record.bar.volume / listing.security.market.sharesPerVolume }
        if wanted.contains(5) { index.turnover = price(record.bar.turnover) }
        if wanted.contains(10) { index.amplitude = percent(record.bar.high - record.bar.low, of: record.previousClose) }
        if wanted.contains(18) {
            let before = record.minutes.last { record.lastTime - $0.start >= .seconds(300) } ?? record.minutes.first
            index.fiveMinutesChangeRate = before.map { percent(record.last - $0.close, of: $0.close) } ?? ""
        }
    }

    private static func fillChanges(
        _ index: inout Quote.SecurityCalcIndex, _ wanted: Set<Int32>, _ listing: SimulatedListing,
        _ record: SessionRecord,
        _ now: WallTime
    ) {
        let days = SimulatedCandles(listing: listing, period: .day, includesExtended: false, now: now)
            .bars(CandleRange(count: 270))
        func since(_ before: SimulatedBar?) -> String {
            before.map { percent(record.last - $0.close, of: $0.close) } ?? ""
        }
        if wanted.contains(6) {
            let zone = listing.security.market.zone
            let year = record.span.date.year
            index.ytdChangeRate = since(days.last { zone.civil(at: $0.start).date.year < year })
        }
        if wanted.contains(15) { index.fiveDayChangeRate = since(days.dropLast(5).last) }
        if wanted.contains(16) { index.tenDayChangeRate = since(days.dropLast(10).last) }
        if wanted.contains(17) { index.halfYearChangeRate = since(days.dropLast(125).last) }
    }

    private static func fillValue(
        _ index: inout Quote.SecurityCalcIndex, _ wanted: Set<Int32>, _ listing: SimulatedListing,
        _ record: SessionRecord
    ) {
        let security = listing.security
        let shares = security.millionShares * 1_000_000
        if wanted.contains(7) { index.turnoverRate = percent(record.bar.volume, of: shares) }
        if wanted.contains(8) { index.totalMarketValue = DecimalText(record.last * security.millionShares * 1000).text }
        if wanted.contains(9) { index.capitalFlow = price(record.minutes.reduce(0) { $0 + inflow($1) }) }
        if wanted.contains(11) {
            let usual =
                security.dailyVolume * record.span.elapsed(at: record.lastTime.seconds) / max(1, record.span.duration)
            index.volumeRatio = usual == 0 ? "" : hundredths(record.bar.volume * 100 / usual)
        }
        if wanted.contains(12), security.earnings != 0 {
            index.peTtmRatio = hundredths(record.last * 100 / security.earnings)
        }
        if wanted.contains(13), security.bookValue != 0 {
            index.pbRatio = hundredths(record.last * 100 / security.bookValue)
        }
        if wanted.contains(14) { index.dividendRatioTtm = hundredths(security.dividendYield) }
    }
}
