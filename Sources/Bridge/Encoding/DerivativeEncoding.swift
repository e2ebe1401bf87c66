internal import BrokerModel
internal import Bytes

extension JSONWriter {
    /// A strike of a chain.
    mutating func chainRow(_ row: OptionChainRow) {
        beginObject()
        key("strike")
        decimal(row.strike)
        key("call")
        string(row.call?.text)
        key("put")
        string(row.put?.text)
        key("standard")
        bool(row.isStandard)
        endObject()
    }

    /// The members of an option's quote, without braces.
    mutating func members(of quote: OptionQuote) {
        figures(quote.figures)
        key("underlying")
        string(quote.underlying?.text)
        key("right")
        string(quote.right?.rawValue)
        key("strike")
        decimal(quote.strike)
        key("expiry")
        date(quote.expiry)
        key("style")
        string(quote.style?.rawValue)
        key("multiplier")
        decimal(quote.multiplier)
        key("contract_size")
        decimal(quote.contractSize)
        key("implied_volatility")
        decimal(quote.impliedVolatility)
        key("historical_volatility")
        decimal(quote.historicalVolatility)
        key("open_interest")
        decimal(quote.openInterest)
        key("greeks")
        guard let greeks = quote.greeks else { return null() }
        beginObject()
        key("delta")
        decimal(greeks.delta)
        key("gamma")
        decimal(greeks.gamma)
        key("theta")
        decimal(greeks.theta)
        key("vega")
        decimal(greeks.vega)
        key("rho")
        decimal(greeks.rho)
        endObject()
    }

    /// The members of a warrant's quote, without braces.
    mutating func members(of quote: WarrantQuote) {
        figures(quote.figures)
        key("underlying")
        string(quote.underlying?.text)
        key("type")
        string(quote.kind?.rawValue)
        key("expiry")
        date(quote.expiry)
        key("last_trading_day")
        date(quote.lastTradingDay)
        key("strike")
        decimal(quote.strike)
        key("upper_strike")
        decimal(quote.upperStrike)
        key("lower_strike")
        decimal(quote.lowerStrike)
        key("call_price")
        decimal(quote.callPrice)
        key("conversion_ratio")
        decimal(quote.conversionRatio)
        key("implied_volatility")
        decimal(quote.impliedVolatility)
        key("outstanding_ratio")
        decimal(quote.outstandingRatio)
        key("outstanding_quantity")
        decimal(quote.outstandingQuantity)
    }

    /// A row of a list of warrants.
    mutating func warrant(_ row: WarrantRow) {
        beginObject()
        key("symbol")
        string(row.symbol.text)
        key("name")
        string(row.name)
        key("type")
        string(row.kind?.rawValue)
        for column in WarrantColumn.allCases {
            key(dynamic: column.rawValue)
            switch column {
            case .expiry: date(row.expiry)
            case .status: string(row.status?.rawValue)
            default: decimal(row.figures[column])
            }
        }
        endObject()
    }

    /// An issuer of warrants.
    mutating func issuer(_ issuer: WarrantIssuer) {
        beginObject()
        key("id")
        string(String(issuer.id))
        names(issuer.nameEnglish, issuer.nameSimplifiedChinese, issuer.nameTraditionalChinese)
        endObject()
    }
}
