internal import BrokerModel
internal import Bytes
internal import Clocks
internal import LongbridgeWire

extension WarrantKind {
    /// The vendor's number of it: its place in the table.
    var number: Int32 { Int32(clamping: WarrantKind.allCases.firstIndex(of: self) ?? 0) }

    /// `nil` for a number that is none of the table.
    init?(number: Int32) {
        guard number >= 0, number < WarrantKind.allCases.count else { return nil }
        self = WarrantKind.allCases[Int(number)]
    }
}

extension WarrantStatus {
    /// The vendor's number: 2 suspended, 3 to be listed, 4 normal.
    var number: Int32 { Int32(clamping: 2 + (WarrantStatus.allCases.firstIndex(of: self) ?? 0)) }

    /// `nil` for a number that is none of the table.
    init?(number: Int32) {
        guard let status = WarrantStatus.allCases.first(where: { $0.number == number }) else { return nil }
        self = status
    }
}

extension Longbridge.Quote.FilterConfig {
    /// The vendor's form of a filter: numbers by the order of each of its tables.
    init(_ filter: WarrantFilter) {
        func place<Word: CaseIterable & Equatable>(_ word: Word, from first: Int) -> Int32 {
            for (index, one) in Word.allCases.enumerated() where one == word { return Int32(clamping: first + index) }
            return 0
        }
        self.init()
        sortBy = place(filter.column, from: 0)
        sortOrder = filter.isDescending ? 1 : 0
        sortOffset = Int32(clamping: filter.offset)
        sortCount = Int32(clamping: filter.count)
        type = filter.kinds.map(\.number)
        issuer = filter.issuers
        expiryDate = filter.expiries.map { place($0, from: 1) }
        priceType = filter.bounds.map { place($0, from: 1) }
        status = filter.statuses.map(\.number)
    }
}

extension WarrantRow {
    /// One row of the vendor's list; `nil` for a security that is none of ours.
    init?(_ row: Longbridge.Quote.FilterWarrant) {
        guard let symbol = Symbol(row.symbol) else { return nil }
        self.init(symbol: symbol)
        name = BrokerText.of(row.name)
        kind = WarrantKind(number: row.type)
        status = WarrantStatus(number: row.status)
        expiry = CivilDate(compact: row.expiryDate)
        figures[.last] = decimal(row.lastDone)
        figures[.changePercent] = decimal(row.changeRate)
        figures[.change] = decimal(row.changeVal)
        figures[.volume] = DecimalText(row.volume)
        figures[.turnover] = decimal(row.turnover)
        figures[.outstandingQuantity] = decimal(row.outstandingQty)
        figures[.outstandingRatio] = decimal(row.outstandingRatio)
        figures[.leverage] = decimal(row.leverageRatio)
        // Columns that do not apply to the kind come empty or as zero.
        if kind == .inline {
            figures[.upperStrike] = nonZero(row.upperStrikePrice)
            figures[.lowerStrike] = nonZero(row.lowerStrikePrice)
            return
        }
        figures[.strike] = nonZero(row.strikePrice)
        figures[.premium] = decimal(row.premium)
        figures[.moneyness] = decimal(row.itmOtm)
        figures[.conversionRatio] = nonZero(row.conversionRatio)
        figures[.breakEven] = nonZero(row.balancePoint)
        if kind == .call || kind == .put {
            figures[.impliedVolatility] = decimal(row.impliedVolatility)
            figures[.delta] = decimal(row.delta)
            figures[.effectiveLeverage] = decimal(row.effectiveLeverage)
        } else {
            figures[.callPrice] = nonZero(row.callPrice)
            figures[.toCallPrice] = decimal(row.toCallPrice)
        }
    }
}

extension WarrantQuote {
    /// A record of the vendor's.
    init(_ record: Longbridge.Quote.WarrantQuote, symbol: Symbol) {
        self.init(figures: Quote(record, symbol: symbol))
        guard let extend = record.warrantExtend else { return }
        underlying = Symbol(extend.underlyingSymbol)
        kind = WarrantKind(rawValue: extend.category.lowercased())
        expiry = CivilDate(compact: extend.expiryDate)
        lastTradingDay = CivilDate(compact: extend.lastTradeDate)
        strike = nonZero(extend.strikePrice)
        upperStrike = nonZero(extend.upperStrikePrice)
        lowerStrike = nonZero(extend.lowerStrikePrice)
        callPrice = nonZero(extend.callPrice)
        conversionRatio = nonZero(extend.conversionRatio)
        impliedVolatility = decimal(extend.impliedVolatility)
        outstandingRatio = decimal(extend.outstandingRatio)
        outstandingQuantity = DecimalText(extend.outstandingQty)
    }
}

extension WarrantIssuer {
    /// One entry of the vendor's list.
    init(_ info: Longbridge.Quote.IssuerInfo) {
        func text(_ value: String) -> String? { BrokerText.of(value) }
        self.init(id: info.id)
        nameEnglish = text(info.nameEn)
        nameSimplifiedChinese = text(info.nameCn)
        nameTraditionalChinese = text(info.nameHk)
    }
}
