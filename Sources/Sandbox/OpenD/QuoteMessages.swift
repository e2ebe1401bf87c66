internal import Clocks
internal import OpenDWire

/// The figures of an instrument as the gateway's messages have them. Pulls and pushes are made here, so that they agree.
extension GatewayView {
    typealias Quotes = OpenD.QotCommon

    private var zone: TimeZoneRule { instrument.zone }
    var name: String { instrument.name(today) }

    /// The day it was listed: the simulation's archive begins then.
    private var listed: CivilDate { instrument.market.firstDay }

    /// The step of its price.
    var spread: Double {
        guard instrument.isListed else { return instrument.market == .unitedStates ? 0.01 : 0.001 }
        return GatewayView.amount(TickTable.step(instrument.source, at: figures?.last ?? 0))
    }

    var isSuspended: Bool {
        if case .warrant(let warrant) = instrument.kind { return warrant.status == 2 }
        return false
    }

    /// The volume as a share of what is issued, in percent.
    var turnoverRate: Double {
        let shares = instrument.source.millionShares * 1_000_000
        guard case .share = instrument.kind, shares > 0, let volume = figures?.volume else { return 0 }
        return GatewayView.rounded(Double(volume) / Double(shares) * 100)
    }

    func basic() -> Quotes.BasicQot? {
        guard let figures else { return nil }
        var quote = Quotes.BasicQot()
        quote.security = instrument.code.message
        quote.name = name
        quote.isSuspended = isSuspended
        quote.listTime = listed.iso
        quote.listTimestamp = GatewayTime.stamp(zone.wallTime(listed, secondOfDay: 0))
        quote.priceSpread = spread
        quote.updateTime = GatewayTime.text(figures.at, zone, milliseconds: true)
        quote.updateTimestamp = GatewayTime.stamp(figures.at)
        quote.highPrice = GatewayView.amount(figures.high)
        quote.openPrice = GatewayView.amount(figures.open)
        quote.lowPrice = GatewayView.amount(figures.low)
        quote.curPrice = GatewayView.amount(figures.last)
        quote.lastClosePrice = GatewayView.amount(figures.previousClose)
        quote.volume = figures.volume
        quote.turnover = GatewayView.amount(figures.turnover)
        quote.turnoverRate = turnoverRate
        quote.amplitude = figures.amplitude
        quote.darkStatus = 0
        quote.secStatus = isSuspended ? 9 : 1
        quote.preMarket = extended(.preMarket)
        quote.afterMarket = extended(.postMarket)
        quote.overnight = extended(.overnight)
        switch instrument.kind {
        case .share, .index: break
        case .future(let lastDay):
            var future = Quotes.FutureBasicQotExData()
            future.lastSettlePrice = quote.lastClosePrice
            future.position = 98_000
            future.positionChange = Int32(clamping: listing.tradeCount % 500)
            future.expiryDateDistance = Int32(clamping: lastDay.daysSinceEpoch - today.daysSinceEpoch)
            quote.futureExData = future
        case .option(let option): quote.optionExData = self.option(option)
        case .warrant(let warrant):
            let figures = WarrantFigures(warrant, self)
            var data = Quotes.WarrantBasicQotExData()
            data.delta = figures.delta
            data.impliedVolatility = figures.volatility
            data.premium = figures.premium
            quote.warrantExData = data
        }
        return quote
    }

    /// A session besides the regular one, of shares that have them.
    func extended(_ session: TradingSession) -> Quotes.PreAfterMarketData? {
        guard case .share = instrument.kind, instrument.source.hasExtendedSessions,
            let record = listing.records[session]
        else { return nil }
        let figures = self.figures(record)
        var data = Quotes.PreAfterMarketData()
        data.price = GatewayView.amount(figures.last)
        data.highPrice = GatewayView.amount(figures.high)
        data.lowPrice = GatewayView.amount(figures.low)
        data.volume = figures.volume
        data.turnover = GatewayView.amount(figures.turnover)
        data.changeVal = GatewayView.amount(figures.last - figures.previousClose)
        data.changeRate = figures.changeRate
        data.amplitude = figures.amplitude
        return data
    }

    private func option(_ option: SimulatedOption) -> Quotes.OptionBasicQotExData {
        let figures = OptionFigures(option, self)
        var data = Quotes.OptionBasicQotExData()
        data.strikePrice = GatewayView.amount(option.strike)
        data.contractSize = 100
        data.contractSizeFloat = 100
        data.contractMultiplier = 100
        data.openInterest = Int32(clamping: option.openInterest)
        data.netOpenInterest = Int32(clamping: option.openInterest / 10)
        data.impliedVolatility = figures.volatility
        data.premium = figures.premium
        data.delta = figures.delta
        data.gamma = figures.gamma
        data.vega = figures.vega
        data.theta = figures.theta
        data.rho = figures.rho
        data.expiryDateDistance = Int32(clamping: option.expiry.daysSinceEpoch - today.daysSinceEpoch)
        data.optionAreaType = 1
        return data
    }

    // MARK: Trades and book

    func tickers(_ count: Int, pushed kind: Int32? = nil) -> [Quotes.Ticker] {
        newest(count).map { sequence, trade, turnover in
            var ticker = Quotes.Ticker()
            ticker.time = GatewayTime.text(trade.time, zone, milliseconds: true)
            ticker.timestamp = GatewayTime.stamp(trade.time)
            ticker.sequence = sequence
            ticker.dir = trade.direction > 0 ? 1 : trade.direction < 0 ? 2 : 3
            ticker.price = GatewayView.amount(trade.price)
            ticker.volume = trade.quantity
            ticker.turnover = GatewayView.amount(turnover)
            ticker.type = 1
            ticker.typeSign = 32
            ticker.recvTime = kind == nil ? 0 : GatewayTime.stamp(trade.time)
            ticker.pushDataType = kind
            return ticker
        }
    }

    /// Best first, asks and bids.
    func orderBook(_ count: Int) -> (asks: [Quotes.OrderBook], bids: [Quotes.OrderBook]) {
        func side(_ rows: [SimulatedBook.Row]) -> [Quotes.OrderBook] {
            rows.prefix(max(0, count)).map { row in
                var level = Quotes.OrderBook()
                level.price = GatewayView.amount(row.price)
                level.volume = row.quantity
                level.orederCount = Int32(clamping: row.orders)
                return level
            }
        }
        let book = self.book
        return (side(book.asks), side(book.bids))
    }

    /// The seats that queue at each row of Hong Kong's book.
    func brokers() -> (asks: [Quotes.Broker], bids: [Quotes.Broker]) {
        guard instrument.market == .hongKong, case .share = instrument.kind else { return ([], []) }
        let symbol = instrument.source.symbol
        func side(_ rows: [SimulatedBook.Row]) -> [Quotes.Broker] {
            SimulatedBook.queue(rows, symbol).enumerated().flatMap { index, seats in
                seats.map { seat in
                    var broker = Quotes.Broker()
                    broker.id = Int64(seat)
                    broker.name = SimulatedParticipant.all.first { $0.seats.contains(seat) }?.english ?? ""
                    broker.pos = Int32(index + 1)
                    return broker
                }
            }
        }
        let book = self.book
        return (side(book.asks), side(book.bids))
    }

    /// The minutes of the regular session, or of the whole trading day.
    func timeShares(isExtended: Bool, newest: Int = .max) -> [Quotes.TimeShare] {
        var records = [listing.regular].compactMap { $0 }
        if isExtended, instrument.source.hasExtendedSessions {
            let day = listing.records.values.map(\.span.date).max()
            records = TradingSession.inOrder.compactMap { listing.records[$0] }.filter { $0.span.date == day }
        }
        var shares: [Quotes.TimeShare] = []
        for record in records {
            let close = figures(record).previousClose
            var volume: Int64 = 0
            var turnover = 0.0
            for minute in record.minutes {
                let bar = self.bar(minute)
                volume += bar.volume
                turnover += Double(bar.turnover)
                var share = Quotes.TimeShare()
                share.time = GatewayTime.text(bar.start, zone)
                share.minute = Int32(zone.civil(at: bar.start).secondOfDay / 60)
                share.isBlank = false
                share.price = GatewayView.amount(bar.close)
                share.lastClosePrice = GatewayView.amount(close)
                let average = volume > 0 ? turnover / Double(volume) / Double(contractSize) : Double(bar.close)
                share.avgPrice = GatewayView.rounded(average / 1000)
                share.volume = bar.volume
                share.turnover = GatewayView.amount(bar.turnover)
                share.timestamp = GatewayTime.stamp(bar.start)
                shares.append(share)
            }
        }
        return shares.suffix(newest)
    }

    private var contractSize: Int64 {
        if case .option = instrument.kind { return 100 }
        return 1
    }
}
