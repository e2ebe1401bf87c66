internal import BrokerModel
internal import Bytes
internal import HTTPWire

extension Screen {
    /// More conditions than anybody needs; a broker may take fewer, and says so.
    private static let maximumFilters = 50

    /// The body of a screen.
    init(reading body: inout BodyReader, _ context: RouteContext) throws(Problem) {
        let market = try body.required("market", body.string("market", maximumBytes: 2))
        self.init(try context.market(market, field: body.pointer("market")))
        if let text = try body.string("sector", maximumBytes: 32) {
            sector = try context.symbol(text, field: body.pointer("sector"))
        }
        count = Int32(clamping: try body.integer("limit", in: 1...200) ?? 50)
        if let cursor = try body.string("cursor", maximumBytes: 7) {
            guard let offset = Int32(cursor), (0...1_000_000).contains(offset) else {
                throw body.invalid("cursor", "cursor is not the next_cursor of an answer.")
            }
            self.offset = offset
        }
        for reader in try body.required("filters", body.objects("filters", maximumCount: Self.maximumFilters)) {
            var reader = reader
            filters.append(try ScreenFilter(reading: &reader))
            try reader.finish()
        }
        guard !filters.isEmpty else { throw body.invalid("filters", "filters names nothing to choose by.") }
    }
}

extension ScreenFilter {
    /// `{"field": …}`, `{"pattern": …}` or `{"indicator": …}`.
    fileprivate init(reading body: inout BodyReader) throws(Problem) {
        if let field: ScreenField = try body.word("field") {
            self = .figure(try Figure(field, reading: &body))
        } else if let pattern: ScreenPattern = try body.word("pattern") {
            let interval: CandleInterval = try body.required("interval", body.word("interval"))
            self = .pattern(pattern, interval, periods: try Self.periods(&body))
        } else if let indicator: ScreenIndicator = try body.word("indicator") {
            self = .comparison(try Comparison(indicator, reading: &body))
        } else {
            throw body.invalid("field", "A filter has a field, a pattern or an indicator.")
        }
    }

    fileprivate static func periods(_ body: inout BodyReader) throws(Problem) -> Int32? {
        try body.integer("periods", in: 1...12).map { Int32(clamping: $0) }
    }
}

extension ScreenFilter.Figure {
    fileprivate init(_ field: ScreenField, reading body: inout BodyReader) throws(Problem) {
        self.init(field)
        minimum = try body.decimal("min")
        maximum = try body.decimal("max")
        order = try body.word("sort")
        switch field.span {
        case .now: break
        case .days:
            days = Int32(clamping: try body.required("days", body.integer("days", in: 1...1000)))
        case .report: report = try body.required("report", body.word("report"))
        }
    }
}

extension ScreenFilter.Comparison {
    fileprivate init(_ indicator: ScreenIndicator, reading body: inout BodyReader) throws(Problem) {
        self.init(
            indicator, try body.required("relation", body.word("relation")),
            try body.required("to", body.word("to")), try body.required("interval", body.word("interval")))
        parameters = try Self.parameters("parameters", &body)
        otherParameters = try Self.parameters("to_parameters", &body)
        periods = try ScreenFilter.periods(&body)
        value = try body.decimal("value")
        guard (other == .value) == (value != nil) else {
            throw body.invalid("value", "value is given where the indicator is compared to `value`, and only there.")
        }
    }

    private static func parameters(_ name: String, _ body: inout BodyReader) throws(Problem) -> [Int32] {
        try (body.integers(name, maximumCount: 5, in: 1...1000) ?? []).map { Int32(clamping: $0) }
    }
}
