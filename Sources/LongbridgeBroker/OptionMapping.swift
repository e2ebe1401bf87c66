internal import BrokerModel
internal import Bytes
internal import Clocks
internal import LongbridgeWire

/// A figure that does not exist is written as zero by the vendor's tables of derivatives.
func nonZero(_ text: String) -> DecimalText? { decimal(text).flatMap { $0.isZero ? nil : $0 } }

extension OptionChainRow {
    /// One strike; `nil` if it cannot be read.
    init?(_ row: Longbridge.Quote.StrikePriceInfo) {
        guard let strike = decimal(row.price) else { return nil }
        self.init(
            strike: strike, call: Symbol(row.callSymbol), put: Symbol(row.putSymbol), isStandard: row.standard)
    }
}

extension OptionChainRow {
    /// Contracts of the HTTP call, one entry each, put together by strike. What cannot be read is left out.
    static func rows(_ contracts: [JSONValue]) -> [OptionChainRow] {
        var rows: [DecimalText: OptionChainRow] = [:]
        for contract in contracts {
            guard
                let strike = contract["strike_price"].flatMap({ $0.stringValue ?? $0.numberText }).flatMap({
                    decimal($0)
                }),
                let symbol = contract["symbol"]?.stringValue.flatMap({ Symbol($0) })
            else { continue }
            // A text stands for contracts that were adjusted.
            let isStandard = contract["standard_attr"]?.stringValue?.isEmpty ?? true
            var row = rows[strike] ?? OptionChainRow(strike: strike, call: nil, put: nil, isStandard: isStandard)
            switch contract["direction"]?.stringValue {
            case "C": row.call = symbol
            case "P": row.put = symbol
            default: continue
            }
            row.isStandard = row.isStandard && isStandard
            rows[strike] = row
        }
        return rows.values.sorted { $0.strike < $1.strike }
    }
}

extension OptionQuote {
    /// A record of the vendor's. Terms that its extension lacks are read from the symbol.
    init(_ record: Longbridge.Quote.OptionQuote, symbol: Symbol) {
        self.init(figures: Quote(record, symbol: symbol))
        let code = OptionCode(symbol.code)
        right = code?.right
        strike = code?.strike
        expiry = code?.expiry
        guard let extend = record.optionExtend else { return }
        underlying = Symbol(extend.underlyingSymbol)
        right = extend.direction == "C" ? .call : extend.direction == "P" ? .put : right
        strike = decimal(extend.strikePrice) ?? strike
        expiry = CivilDate(compact: extend.expiryDate) ?? expiry
        style = extend.contractType == "A" ? .american : extend.contractType == "U" ? .european : nil
        multiplier = decimal(extend.contractMultiplier)
        contractSize = decimal(extend.contractSize)
        impliedVolatility = decimal(extend.impliedVolatility)
        historicalVolatility = decimal(extend.historicalVolatility)
        openInterest = DecimalText(extend.openInterest)
    }
}

extension OptionGreeks {
    /// Out of calculated figures.
    init(_ values: [Indicator: IndicatorValue]) {
        func value(_ indicator: Indicator) -> DecimalText? {
            if case .decimal(let value) = values[indicator] { value } else { nil }
        }
        self.init()
        delta = value(.delta)
        gamma = value(.gamma)
        theta = value(.theta)
        vega = value(.vega)
        rho = value(.rho)
    }

    /// The figures they are made of.
    static let indicators: [Indicator] = [.delta, .gamma, .theta, .vega, .rho]
}
