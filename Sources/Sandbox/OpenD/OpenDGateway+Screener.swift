internal import Clocks
internal import OpenDWire

/// The stock filter: which shares of a market have figures within bounds.
extension OpenDGateway {
    func screen(_ c2s: OpenD.QotStockFilter.C2S) throws(GatewayRefusal) -> OpenD.QotStockFilter.S2C {
        guard c2s.begin >= 0, (1...200).contains(c2s.num) else { throw .invalid("begin or num") }
        guard let market = GatewayCode(c2s.market, "").simulated else { throw .invalid("market") }
        for count in [
            c2s.baseFilterList.count, c2s.accumulateFilterList.count, c2s.financialFilterList.count,
            c2s.patternFilterList.count, c2s.customIndicatorFilterList.count,
        ] where count > 10 { throw .tooMany }
        var shares = SimulatedSecurity.all.filter { $0.market == market && !$0.isIndex }
        if let plate = c2s.plate, !plate.code.isEmpty {
            guard let members = SimulatedPlate.byCode[plate.code]?.members else { throw .unknown(GatewayCode(plate)) }
            shares = shares.filter { members.contains($0.symbol) }
        }
        var rows: [(data: OpenD.QotStockFilter.StockData, keys: [Double])] = []
        for share in shares {
            if let view = view(GatewayInstrument(share)), let row = try row(view, c2s) { rows.append(row) }
        }
        rows.sort { left, right in
            for (a, b) in zip(left.keys, right.keys) where a != b { return a < b }
            return left.data.security.code < right.data.security.code
        }
        var answer = OpenD.QotStockFilter.S2C()
        answer.allCount = Int32(clamping: rows.count)
        answer.dataList = rows.dropFirst(Int(c2s.begin)).prefix(Int(c2s.num)).map(\.data)
        answer.lastPage = Int(c2s.begin) + answer.dataList.count >= rows.count
        return answer
    }

    /// A share's row and what it is sorted by; `nil` when a figure is out of its bounds.
    private func row(
        _ view: GatewayView, _ c2s: OpenD.QotStockFilter.C2S
    ) throws(GatewayRefusal) -> (OpenD.QotStockFilter.StockData, [Double])? {
        guard let figures = view.figures else { return nil }
        var data = OpenD.QotStockFilter.StockData()
        data.security = view.instrument.code.message
        data.name = view.name
        var keys: [Double] = []
        func admits(_ value: Double, _ least: Double?, _ most: Double?, isFree: Bool?, direction: Int32?) -> Bool {
            if direction == 1 { keys.append(value) } else if direction == 2 { keys.append(-value) }
            return isFree == true || (value >= least ?? -.infinity && value <= most ?? .infinity)
        }
        for filter in c2s.baseFilterList {
            // Code and name are words: there is nothing to compare.
            guard filter.fieldName != 1, filter.fieldName != 2 else { continue }
            guard let value = view.screened(filter.fieldName, figures) else { throw .invalid("baseFilterList") }
            guard
                admits(
                    value, filter.filterMin, filter.filterMax, isFree: filter.isNoFilter, direction: filter.sortDir)
            else { return nil }
            var item = OpenD.QotStockFilter.BaseData()
            item.fieldName = filter.fieldName
            item.value = value
            data.baseDataList.append(item)
        }
        for filter in c2s.accumulateFilterList {
            guard let value = view.accumulated(filter.fieldName, days: filter.days, now: now) else {
                throw .invalid("accumulateFilterList")
            }
            guard
                admits(
                    value, filter.filterMin, filter.filterMax, isFree: filter.isNoFilter, direction: filter.sortDir)
            else { return nil }
            var item = OpenD.QotStockFilter.AccumulateData()
            item.fieldName = filter.fieldName
            item.value = value
            item.days = filter.days
            data.accumulateDataList.append(item)
        }
        for filter in c2s.financialFilterList {
            guard let value = view.financial(filter.fieldName) else { throw .invalid("financialFilterList") }
            guard
                admits(
                    value, filter.filterMin, filter.filterMax, isFree: filter.isNoFilter, direction: filter.sortDir)
            else { return nil }
            var item = OpenD.QotStockFilter.FinancialData()
            item.fieldName = filter.fieldName
            item.value = value
            item.quarter = filter.quarter
            data.financialDataList.append(item)
        }
        for filter in c2s.patternFilterList {
            guard let lines = view.lines(filter.klType, now),
                let shows = lines.shows(filter.fieldName, periods: Int(filter.consecutivePeriod ?? 1))
            else { throw .invalid("patternFilterList") }
            guard shows || filter.isNoFilter == true else { return nil }
        }
        for filter in c2s.customIndicatorFilterList {
            guard let item = try view.compared(filter, now) else { return nil }
            data.customIndicatorDataList.append(item)
        }
        return (data, keys)
    }
}

extension GatewayView {
    /// A figure by the gateway's number; `nil` for one the simulation does not know.
    fileprivate func screened(_ field: Int32, _ figures: Figures) -> Double? {
        let source = instrument.source
        let shares = Double(source.millionShares) * 1_000_000
        let price = GatewayView.amount(figures.last)
        func percent(_ part: Int64, over whole: Int64) -> Double {
            whole == 0 ? 0 : GatewayView.rounded(Double(part - whole) / Double(whole) * 100)
        }
        func ratio(_ whole: Int64) -> Double {
            whole == 0 ? 0 : GatewayView.rounded(Double(figures.last) / Double(whole))
        }
        switch field {
        case 3: return price
        case 4: return percent(figures.last, over: yearRange(figures).high)
        case 5: return percent(figures.last, over: yearRange(figures).low)
        case 6: return percent(figures.high, over: yearRange(figures).high)
        case 7: return percent(figures.low, over: yearRange(figures).low)
        case 8: return 1
        case 9: return GatewayView.imbalance(book)
        case 10: return price * Double(source.lotSize)
        case 11, 21: return price * shares
        case 12, 13: return ratio(source.earnings)
        case 14: return ratio(source.bookValue)
        case 15: return minutesAgo(5).map { percent(figures.last, over: $0) } ?? 0
        case 16:
            let eve = CivilDate(year: today.year, month: 1, day: 1) ?? today
            return percent(
                figures.last, over: listing.history.close(TradingCalendar.previous(instrument.market, before: eve)))
        case 19, 20: return shares
        default: return nil
        }
    }

    /// A figure over the newest days.
    fileprivate func accumulated(_ field: Int32, days: Int32, now: WallTime) -> Double? {
        guard (1...250).contains(days) else { return nil }
        let candles = SimulatedCandles(listing: listing, period: .day, includesExtended: false, now: now)
        let bars = candles.bars(CandleRange(count: Int(days) + 1))
        guard let first = bars.first, let last = bars.last else { return nil }
        let counted = bars.suffix(Int(days))
        switch field {
        case 1: return GatewayView.rounded(Double(last.close - first.close) / Double(max(1, first.close)) * 100)
        case 2:
            let high = counted.map(\.high).max() ?? 0
            let low = counted.map(\.low).min() ?? 0
            return GatewayView.rounded(Double(high - low) / Double(max(1, first.close)) * 100)
        case 3: return Double(counted.reduce(0) { $0 + $1.volume })
        case 4: return GatewayView.amount(counted.reduce(0) { $0 + $1.turnover })
        case 5:
            let shares = Double(max(1, instrument.source.millionShares)) * 1_000_000
            return GatewayView.rounded(Double(counted.reduce(0) { $0 + $1.volume }) / shares * 100)
        default: return nil
        }
    }

    /// A figure of the accounts, of the year whatever the quarter.
    fileprivate func financial(_ field: Int32) -> Double? {
        let source = instrument.source
        let shares = Double(source.millionShares) * 1_000_000
        switch field {
        case 1, 18: return GatewayView.amount(source.earnings) * shares
        case 8:
            return source.bookValue == 0
                ? 0 : GatewayView.rounded(Double(source.earnings) / Double(source.bookValue) * 100)
        case 44, 45: return GatewayView.amount(source.earnings)
        default: return nil
        }
    }

    /// Lines over candles of that number; `nil` for one there are none of.
    fileprivate func lines(_ candleType: Int32, _ now: WallTime) -> ChartLines? {
        guard let period = GatewayPeriod.period(candleType) else { return nil }
        let candles = SimulatedCandles(listing: listing, period: period, includesExtended: false, now: now)
        return ChartLines(candles.bars(CandleRange(count: ChartLines.candles)))
    }

    /// The first line's newest value if it stands to the second as it is wanted; `nil` if not.
    fileprivate func compared(
        _ filter: OpenD.QotStockFilter.CustomIndicatorFilter, _ now: WallTime
    ) throws(GatewayRefusal) -> OpenD.QotStockFilter.CustomIndicatorData? {
        guard let lines = lines(filter.klType, now),
            let first = lines.line(filter.firstFieldName, filter.firstFieldParaList), first.count > 12
        else { throw .invalid("customIndicatorFilterList") }
        let second: [Double]
        if filter.secondFieldName == 17, let value = filter.fieldValue {
            second = [Double](repeating: value, count: first.count)
        } else {
            guard let line = lines.line(filter.secondFieldName, filter.secondFieldParaList) else {
                throw .invalid("customIndicatorFilterList")
            }
            second = line
        }
        guard (1...4).contains(filter.relativePosition) else { throw .invalid("relativePosition") }
        let periods = max(1, min(12, Int(filter.consecutivePeriod ?? 1)))
        let holds = (0..<periods).allSatisfy { back in
            let index = first.count - 1 - back
            let one = (first[index - 1], first[index])
            let other = (second[index - 1], second[index])
            return switch filter.relativePosition {
            case 1: one.1 > other.1
            case 2: one.1 < other.1
            case 3: ChartLines.isCrossing(one, other)
            default: ChartLines.isCrossing(other, one)
            }
        }
        guard holds || filter.isNoFilter == true, let value = first.last else { return nil }
        var item = OpenD.QotStockFilter.CustomIndicatorData()
        item.fieldName = filter.firstFieldName
        item.value = GatewayView.rounded(value)
        item.klType = filter.klType
        item.fieldParaList = filter.firstFieldParaList
        return item
    }
}
