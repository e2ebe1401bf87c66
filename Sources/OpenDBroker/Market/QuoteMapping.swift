internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire
internal import Protobuf

extension Quote {
    /// A pushed or pulled quote.
    init(_ quote: OpenD.QotCommon.BasicQot, symbol: Symbol) {
        self.init(symbol: symbol)
        last = gatewayPrice(quote.curPrice)
        open = gatewayPrice(quote.openPrice)
        high = gatewayPrice(quote.highPrice)
        low = gatewayPrice(quote.lowPrice)
        previousClose = gatewayPrice(quote.lastClosePrice)
        volume = gatewayVolume(quote.volume, quote.hpVolume)
        turnover = gatewayFigure(quote.turnover)
        timestamp = ExchangeTime.read(quote.updateTimestamp, or: quote.updateTime, zone: symbol.market.timeZone)
        tradeStatus = TradeStatus(securityStatus: quote.secStatus, isSuspended: quote.isSuspended)
        guard symbol.market == .unitedStates else { return }
        preMarket = quote.preMarket.flatMap { SessionQuote($0) }
        postMarket = quote.afterMarket.flatMap { SessionQuote($0) }
        overnight = quote.overnight.flatMap { SessionQuote($0) }
    }

    /// A snapshot.
    init(_ snapshot: OpenD.QotGetSecuritySnapshot.SnapshotBasicData, symbol: Symbol) {
        self.init(symbol: symbol)
        last = gatewayPrice(snapshot.curPrice)
        open = gatewayPrice(snapshot.openPrice)
        high = gatewayPrice(snapshot.highPrice)
        low = gatewayPrice(snapshot.lowPrice)
        previousClose = gatewayPrice(snapshot.lastClosePrice)
        volume = gatewayVolume(snapshot.volume, snapshot.hpVolume)
        turnover = gatewayFigure(snapshot.turnover)
        timestamp = ExchangeTime.read(snapshot.updateTimestamp, or: snapshot.updateTime, zone: symbol.market.timeZone)
        tradeStatus = TradeStatus(securityStatus: snapshot.secStatus, isSuspended: snapshot.isSuspend)
        bid = gatewayPrice(snapshot.bidPrice)
        ask = gatewayPrice(snapshot.askPrice)
        guard symbol.market == .unitedStates else { return }
        preMarket = snapshot.preMarket.flatMap { SessionQuote($0) }
        postMarket = snapshot.afterMarket.flatMap { SessionQuote($0) }
        overnight = snapshot.overnight.flatMap { SessionQuote($0) }
    }
}

extension SessionQuote {
    /// One extended session; `nil` where the gateway gives no price. Its previous close is what the change is from.
    init?(_ data: OpenD.QotCommon.PreAfterMarketData) {
        guard let last = gatewayPrice(data.price) else { return nil }
        self.init()
        self.last = last
        high = gatewayPrice(data.highPrice)
        low = gatewayPrice(data.lowPrice)
        volume = data.volume.map { DecimalText($0) }
        turnover = gatewayFigure(data.turnover)
        previousClose = gatewayFigure(data.changeVal).flatMap { last.subtracting($0) }
    }
}

extension OrderBook {
    /// A book, pulled or pushed; rows come best first.
    init(
        symbol: Symbol, bids: [OpenD.QotCommon.OrderBook], asks: [OpenD.QotCommon.OrderBook]
    ) {
        func rows(_ rows: [OpenD.QotCommon.OrderBook]) -> [BookLevel] {
            rows.enumerated().map { index, row in
                BookLevel(
                    position: index + 1, price: gatewayPrice(row.price),
                    quantity: gatewayVolume(row.volume, row.hpVolume),
                    // Only Hong Kong tells; elsewhere it is 0.
                    orders: row.orederCount == 0 ? nil : Int64(row.orederCount))
            }
        }
        self.init(symbol: symbol, bids: rows(bids), asks: rows(asks), sequence: nil)
    }
}

extension BrokerQueue {
    /// A queue: brokers of one price row have one position.
    init(symbol: Symbol, bids: [OpenD.QotCommon.Broker], asks: [OpenD.QotCommon.Broker]) {
        func rows(_ brokers: [OpenD.QotCommon.Broker]) -> [QueueRow] {
            var rows: [QueueRow] = []
            for broker in brokers {
                let seat = QueuedBroker(id: Int(broker.id), name: broker.name.isEmpty ? nil : broker.name)
                if let last = rows.last, last.position == Int(broker.pos) {
                    rows[rows.count - 1].brokers.append(seat)
                } else {
                    rows.append(QueueRow(position: Int(broker.pos), brokers: [seat]))
                }
            }
            return rows
        }
        self.init(symbol: symbol, bids: rows(bids), asks: rows(asks), sequence: nil)
    }
}

extension BrokerModel.Trade {
    /// One trade; `nil` if its time is unknown.
    init?(_ ticker: OpenD.QotCommon.Ticker, market: Market, rule: SessionRule = SessionRule()) {
        guard let time = ExchangeTime.read(ticker.timestamp, or: ticker.time, zone: market.timeZone) else { return nil }
        self.init(time: time, direction: TradeDirection(ticker: ticker.dir))
        sequence = ticker.sequence
        price = gatewayPrice(ticker.price)
        quantity = gatewayVolume(ticker.volume, ticker.hpVolume)
        turnover = gatewayFigure(ticker.turnover)
        type = ticker.type.flatMap { Trade.word($0) }
        session = rule.session(at: time, market: market)
    }

    /// The vendor's word for a type other than the automatic match.
    private static func word(_ type: Int32) -> String? {
        guard type > 1 else { return nil }
        return OpenD.QotCommon.TickerType(rawValue: type).name.map { String($0.dropFirst("TickerType_".count)) }
    }
}

extension IntradayPoint {
    /// One minute; `nil` for fillers.
    init?(_ point: OpenD.QotCommon.TimeShare, zone: TimeZoneRule) {
        guard !point.isBlank, let time = ExchangeTime.read(point.timestamp, or: point.time, zone: zone) else {
            return nil
        }
        self.init(time: time)
        price = gatewayPrice(point.price)
        averagePrice = gatewayPrice(point.avgPrice)
        volume = gatewayVolume(point.volume, point.hpVolume)
        turnover = gatewayFigure(point.turnover)
    }
}

extension Instrument {
    /// Static information, with what a snapshot adds.
    init(
        _ info: OpenD.QotCommon.SecurityStaticInfo, snapshot: OpenD.QotGetSecuritySnapshot.Snapshot?, symbol: Symbol
    ) {
        self.init(symbol: symbol)
        // The gateway's one name is in its own language.
        let name = info.basic.name
        if !name.isEmpty {
            if name.utf8.allSatisfy({ $0 < 0x80 }) { nameEnglish = name } else { nameSimplifiedChinese = name }
        }
        exchange = info.basic.exchType.flatMap { Instrument.exchange($0) }
        currency = symbol.currency
        lotSize = info.basic.lotSize == 0 ? nil : Int64(info.basic.lotSize)
        type = Instrument.type(info.basic.secType)
        // The snapshot's step is that of the present price; the exchanges' rules are of all prices.
        if info.basic.secType == Instrument.stock {
            switch symbol.market {
            case .hongKong where !PriceBands.isHongKongProduct(symbol.code) && currency == "HKD":
                priceSteps = PriceBands.hongKongShares
            case .unitedStates where info.basic.exchType != 6: tickSize = PriceBands.unitedStatesShares
            case .hongKong, .unitedStates, .shanghai, .shenzhen, .singapore: break
            }
        }
        guard let snapshot else { return }
        if let equity = snapshot.equityExData {
            totalShares = equity.issuedShares == 0 ? nil : DecimalText(equity.issuedShares)
            circulatingShares = equity.outstandingShares == 0 ? nil : DecimalText(equity.outstandingShares)
            earningsPerShare = gatewayFigure(equity.earningsPershare)
            bookValuePerShare = gatewayFigure(equity.netAssetPershare)
            dividendYield = gatewayFigure(equity.dividendRatioTTM)
        }
    }

    /// `SecurityType`.
    private static let stock: Int32 = 3

    /// `ExchType`, in the codes the other broker has where there is one.
    private static func exchange(_ number: Int32) -> String? {
        switch number {
        case 1, 2: "SEHK"
        case 3: "HKEX"
        case 4: "NYSE"
        case 5: "NASD"
        case 6: "PINK"
        case 7: "AMEX"
        case 8: "OPRA"
        case 9: "NYMEX"
        case 10: "COMEX"
        case 11: "CBOT"
        case 12: "CME"
        case 13: "CBOE"
        case 14, 16: "SSE"
        case 15: "SZSE"
        case 17: "SGX"
        default: nil
        }
    }

    /// `SecurityType`.
    static func type(_ number: Int32) -> String? {
        switch number {
        case 1: "bond"
        case 2: "warrant_basket"
        case 3: "stock"
        case 4: "etf"
        case 5: "warrant"
        case 6: "index"
        case 7, 9: "sector"
        case 8: "option"
        case 10: "future"
        case 11: "forex"
        case 12: "crypto"
        default: nil
        }
    }
}

extension Symbol {
    /// What it is quoted in, ISO 4217, which the gateway does not tell: by the market, and in Hong Kong by the range of codes
    /// set aside for counters in renminbi. A few counters in US dollars are not known by their codes.
    ///
    /// - Source: the Stock Exchange of Hong Kong's stock code allocation plan: 80000 to 89999.
    var currency: String {
        switch market {
        case .hongKong: Int(code).map { (80_000...89_999).contains($0) } == true ? "CNY" : "HKD"
        case .unitedStates: "USD"
        case .shanghai, .shenzhen: "CNY"
        case .singapore: "SGD"
        }
    }
}
