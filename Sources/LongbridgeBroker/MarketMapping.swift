internal import BrokerModel
internal import Bytes
internal import Clocks
internal import LongbridgeWire

/// The vendor's decimals: empty text is unknown.
func decimal(_ text: String) -> DecimalText? {
    text.isEmpty ? nil : DecimalText(text)
}

/// The vendor's times: Unix seconds. 0 is unknown, and so is what no calendar of ours can show (before 1970, after 9999).
func wallTime(_ seconds: Int64) -> WallTime? {
    seconds > 0 && seconds < 253_402_300_800 ? WallTime(seconds: seconds) : nil
}

extension TradeStatus {
    /// Numbers that are not in the vendor's table are unknown, not normal.
    init?(_ status: Longbridge.Quote.TradeStatus) {
        switch status {
        case .normal: self = .normal
        case .halted: self = .halted
        case .delisted: self = .delisted
        case .fuse: self = .fuse
        case .prepareList: self = .prepareList
        case .codeMoved: self = .codeMoved
        case .toBeOpened: self = .toBeOpened
        case .splitStockHalts: self = .splitStockHalts
        case .expired: self = .expired
        case .warrantPrepareList: self = .warrantPrepareList
        case .suspendTrade: self = .suspended
        default: return nil
        }
    }
}

extension TradingSession {
    /// Numbers that are not in the vendor's table are unknown.
    init?(_ session: Longbridge.Quote.TradeSession) {
        switch session {
        case .normalTrade: self = .regular
        case .preTrade: self = .preMarket
        case .postTrade: self = .postMarket
        case .overnightTrade: self = .overnight
        default: return nil
        }
    }
}

/// What the vendor's records of shares, options and warrants share.
protocol LongbridgeFigures {
    var lastDone: String { get }
    var open: String { get }
    var high: String { get }
    var low: String { get }
    var prevClose: String { get }
    var volume: Int64 { get }
    var turnover: String { get }
    /// In seconds.
    var timestamp: Int64 { get }
    var tradeStatus: Longbridge.Quote.TradeStatus { get }
}

extension Longbridge.Quote.SecurityQuote: LongbridgeFigures {}
extension Longbridge.Quote.OptionQuote: LongbridgeFigures {}
extension Longbridge.Quote.WarrantQuote: LongbridgeFigures {}

extension Quote {
    /// The figures of a record of the vendor's.
    init(_ record: some LongbridgeFigures, symbol: Symbol) {
        self.init(symbol: symbol)
        last = decimal(record.lastDone)
        open = decimal(record.open)
        high = decimal(record.high)
        low = decimal(record.low)
        previousClose = decimal(record.prevClose)
        volume = DecimalText(record.volume)
        turnover = decimal(record.turnover)
        timestamp = wallTime(record.timestamp)
        tradeStatus = TradeStatus(record.tradeStatus)
    }

    /// A complete record of the vendor's; `session` is the one the last push was about.
    init(_ record: Longbridge.Quote.SecurityQuote, symbol: Symbol, session: Longbridge.Quote.TradeSession?) {
        self.init(record, symbol: symbol)
        self.session = session.flatMap { TradingSession($0) }
        preMarket = record.preMarketQuote.map { SessionQuote($0) }
        postMarket = record.postMarketQuote.map { SessionQuote($0) }
        overnight = record.overNightQuote.map { SessionQuote($0) }
    }
}

extension SessionQuote {
    /// One extended session of the vendor's record.
    init(_ record: Longbridge.Quote.PrePostQuote) {
        self.init()
        last = decimal(record.lastDone)
        high = decimal(record.high)
        low = decimal(record.low)
        previousClose = decimal(record.prevClose)
        volume = DecimalText(record.volume)
        turnover = decimal(record.turnover)
        timestamp = wallTime(record.timestamp)
    }
}

extension BookLevel {
    /// One row; the United States do not tell the number of orders, and the vendor sends 0.
    init(_ row: Longbridge.Quote.Depth, market: Market) {
        self.init(
            position: Int(row.position), price: decimal(row.price), quantity: DecimalText(row.volume),
            orders: market == .unitedStates && row.orderNum == 0 ? nil : row.orderNum)
    }
}

extension OrderBook {
    /// A merged book.
    init(_ merger: DepthMerger, symbol: Symbol) {
        self.init(
            symbol: symbol, bids: merger.bids.map { BookLevel($0, market: symbol.market) },
            asks: merger.asks.map { BookLevel($0, market: symbol.market) },
            sequence: merger.sequence == 0 ? nil : merger.sequence)
    }
}

extension BrokerModel.Trade {
    /// One trade; `nil` if its time is unknown. The regular type is the empty text.
    init?(_ trade: Longbridge.Quote.Trade) {
        guard let time = wallTime(trade.timestamp) else { return nil }
        self.init(time: time)
        price = decimal(trade.price)
        quantity = DecimalText(trade.volume)
        direction = trade.direction == 1 ? .down : trade.direction == 2 ? .up : .neutral
        type = trade.tradeType.isEmpty || trade.tradeType == " " ? nil : trade.tradeType
        session = TradingSession(trade.tradeSession)
    }
}

extension Instrument {
    /// Static information. Board texts are the vendor's.
    init(_ info: Longbridge.Quote.StaticInfo, symbol: Symbol) {
        func text(_ value: String) -> String? { BrokerText.of(value) }
        func count(_ value: Int64) -> DecimalText? { value == 0 ? nil : DecimalText(value) }
        self.init(symbol: symbol)
        nameEnglish = text(info.nameEn)
        nameSimplifiedChinese = text(info.nameCn)
        nameTraditionalChinese = text(info.nameHk)
        exchange = text(info.exchange)
        currency = text(info.currency)
        lotSize = info.lotSize == 0 ? nil : Int64(info.lotSize)
        board = text(info.board)
        totalShares = count(info.totalShares)
        circulatingShares = count(info.circulatingShares)
        hongKongShares = count(info.hkShares)
        earningsPerShare = decimal(info.eps)
        earningsPerShareTTM = decimal(info.epsTtm)
        bookValuePerShare = decimal(info.bps)
        dividendYield = decimal(info.dividendYield)
        switch info.board {
        case "HKEquity" where !PriceBands.isHongKongProduct(symbol.code) && info.currency == "HKD":
            priceSteps = PriceBands.hongKongShares
        case "USMain": tickSize = PriceBands.unitedStatesShares
        default: break
        }
        derivatives = info.stockDerivatives.compactMap { $0 == 1 ? "option" : $0 == 2 ? "warrant" : nil }
    }
}
