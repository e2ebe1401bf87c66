internal import BrokerModel
internal import Bytes
internal import OpenDWire

extension OpenD.QotStockFilter.C2S {
    /// - Throws: `.invalidRequest` for candles the call does not take.
    init(_ screen: Screen) throws(BrokerFailure) {
        self.init()
        begin = screen.offset
        num = screen.count
        market = screen.market.quoteMarket
        plate = screen.sector?.security
        for filter in screen.filters {
            switch filter {
            case .figure(let figure): add(figure)
            case .pattern(let pattern, let interval, let periods):
                var filter = OpenD.QotStockFilter.PatternFilter()
                filter.fieldName = ScreenCodes.patterns[pattern] ?? 0
                filter.klType = try Self.code(interval)
                filter.isNoFilter = false
                filter.consecutivePeriod = periods
                patternFilterList.append(filter)
            case .comparison(let comparison): try add(comparison)
            }
        }
    }

    private mutating func add(_ figure: ScreenFilter.Figure) {
        let code = ScreenCodes.fields[figure.field] ?? 0
        let minimum = figure.minimum?.double
        let maximum = figure.maximum?.double
        let isTold = minimum == nil && maximum == nil
        let order: Int32? = figure.order.map { $0 == .ascending ? 1 : 2 }
        switch figure.field.span {
        case .now:
            var filter = OpenD.QotStockFilter.BaseFilter()
            (filter.fieldName, filter.filterMin, filter.filterMax) = (code, minimum, maximum)
            (filter.isNoFilter, filter.sortDir) = (isTold, order)
            baseFilterList.append(filter)
        case .days:
            var filter = OpenD.QotStockFilter.AccumulateFilter()
            (filter.fieldName, filter.filterMin, filter.filterMax) = (code, minimum, maximum)
            (filter.isNoFilter, filter.sortDir, filter.days) = (isTold, order, figure.days ?? 1)
            accumulateFilterList.append(filter)
        case .report:
            var filter = OpenD.QotStockFilter.FinancialFilter()
            (filter.fieldName, filter.filterMin, filter.filterMax) = (code, minimum, maximum)
            (filter.isNoFilter, filter.sortDir) = (isTold, order)
            filter.quarter = ScreenCodes.reports[figure.report ?? .annual] ?? 1
            financialFilterList.append(filter)
        }
    }

    private mutating func add(_ comparison: ScreenFilter.Comparison) throws(BrokerFailure) {
        var filter = OpenD.QotStockFilter.CustomIndicatorFilter()
        filter.firstFieldName = ScreenCodes.indicators[comparison.indicator] ?? 0
        filter.secondFieldName = ScreenCodes.indicators[comparison.other] ?? 0
        filter.relativePosition = ScreenCodes.relations[comparison.relation] ?? 0
        filter.fieldValue = comparison.value?.double
        filter.klType = try Self.code(comparison.interval)
        filter.isNoFilter = false
        filter.firstFieldParaList = comparison.parameters
        filter.secondFieldParaList = comparison.otherParameters
        filter.consecutivePeriod = comparison.periods
        customIndicatorFilterList.append(filter)
    }

    private static func code(_ interval: CandleInterval) throws(BrokerFailure) -> Int32 {
        guard let code = ScreenCodes.intervals[interval] else {
            throw BrokerFailure(.invalidRequest, "The broker screens by candles of 1h, 1d, 1w and 1mo only.")
        }
        return code
    }
}

extension ScreenPage {
    /// A page. Securities of markets that are none of ours are left out, and figures that are none of ours.
    init(_ answer: OpenD.QotStockFilter.S2C) {
        self.init(
            rows: answer.dataList.compactMap { ScreenRow($0) }, total: max(0, Int(answer.allCount)),
            isLast: answer.lastPage)
    }
}

extension ScreenRow {
    fileprivate init?(_ data: OpenD.QotStockFilter.StockData) {
        guard let symbol = Symbol(data.security) else { return nil }
        self.init(symbol: symbol, name: data.name.isEmpty ? nil : data.name)
        for item in data.baseDataList {
            guard let field = ScreenCodes.field(item.fieldName, .now), let value = DecimalText(double: item.value)
            else { continue }
            values.append(Value(field, value: value))
        }
        for item in data.accumulateDataList {
            guard let field = ScreenCodes.field(item.fieldName, .days), let value = DecimalText(double: item.value)
            else { continue }
            values.append(Value(field, days: item.days, value: value))
        }
        for item in data.financialDataList {
            guard let field = ScreenCodes.field(item.fieldName, .report), let value = DecimalText(double: item.value)
            else { continue }
            values.append(Value(field, report: ScreenCodes.report(item.quarter), value: value))
        }
    }
}
