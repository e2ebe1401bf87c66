internal import BrokerModel
internal import Bytes

extension JSONWriter {
    /// The members of a security's indicators, without braces: each one asked for, `null` where it does not apply.
    mutating func members(of indicators: IndicatorValues, fields: [Indicator]) {
        key("symbol")
        string(indicators.symbol.text)
        for field in fields {
            key(dynamic: field.rawValue)
            switch indicators.values[field] {
            case .decimal(let value): decimal(value)
            case .date(let value): date(value)
            case nil: null()
            }
        }
    }

    /// The members of a distribution of money, without braces.
    mutating func members(of distribution: CapitalDistribution) {
        key("symbol")
        string(distribution.symbol.text)
        key("timestamp")
        time(distribution.time)
        key("inflow")
        sizes(distribution.inflow)
        key("outflow")
        sizes(distribution.outflow)
    }

    private mutating func sizes(_ money: CapitalBySize) {
        beginObject()
        key("large")
        decimal(money.large)
        key("medium")
        decimal(money.medium)
        key("small")
        decimal(money.small)
        endObject()
    }
}
