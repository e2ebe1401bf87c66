internal import BrokerModel
internal import Bytes
internal import Clocks

/// Market values in the JSON of the API. The same shape stands in pull answers and in stream events.
extension JSONWriter {
    mutating func time(_ value: WallTime?) {
        string(value?.rfc3339)
    }

    /// The members of a quote, without braces.
    mutating func members(of quote: Quote) {
        figures(quote)
        key("session")
        string(quote.session?.rawValue)
        key("bid")
        decimal(quote.bid)
        key("ask")
        decimal(quote.ask)
        key("pre_market")
        session(quote.preMarket)
        key("post_market")
        session(quote.postMarket)
        key("overnight")
        session(quote.overnight)
    }

    /// What quotes of all kinds of securities share, without braces.
    mutating func figures(_ quote: Quote) {
        key("symbol")
        string(quote.symbol.text)
        key("last")
        decimal(quote.last)
        key("open")
        decimal(quote.open)
        key("high")
        decimal(quote.high)
        key("low")
        decimal(quote.low)
        key("prev_close")
        decimal(quote.previousClose)
        key("change")
        decimal(quote.change)
        key("change_percent")
        decimal(quote.changePercent)
        key("volume")
        decimal(quote.volume)
        key("turnover")
        decimal(quote.turnover)
        key("timestamp")
        time(quote.timestamp)
        key("trade_status")
        string(quote.tradeStatus?.rawValue)
    }

    private mutating func session(_ quote: SessionQuote?) {
        guard let quote else { return null() }
        beginObject()
        key("last")
        decimal(quote.last)
        key("high")
        decimal(quote.high)
        key("low")
        decimal(quote.low)
        key("prev_close")
        decimal(quote.previousClose)
        key("volume")
        decimal(quote.volume)
        key("turnover")
        decimal(quote.turnover)
        key("timestamp")
        time(quote.timestamp)
        endObject()
    }

    /// The members of an instrument, without braces.
    mutating func members(of instrument: Instrument) {
        key("symbol")
        string(instrument.symbol.text)
        names(instrument.nameEnglish, instrument.nameSimplifiedChinese, instrument.nameTraditionalChinese)
        key("exchange")
        string(instrument.exchange)
        key("currency")
        string(instrument.currency)
        key("lot_size")
        int(instrument.lotSize)
        key("type")
        string(instrument.type)
        key("board")
        string(instrument.board)
        key("total_shares")
        decimal(instrument.totalShares)
        key("circulating_shares")
        decimal(instrument.circulatingShares)
        key("hk_shares")
        decimal(instrument.hongKongShares)
        key("eps")
        decimal(instrument.earningsPerShare)
        key("eps_ttm")
        decimal(instrument.earningsPerShareTTM)
        key("bps")
        decimal(instrument.bookValuePerShare)
        key("dividend_yield")
        decimal(instrument.dividendYield)
        key("tick_size")
        decimal(instrument.tickSize)
        key("tick_table")
        steps(instrument.priceSteps)
        key("derivatives")
        beginArray()
        for derivative in instrument.derivatives { string(derivative) }
        endArray()
    }

    private mutating func steps(_ bands: [PriceBand]?) {
        guard let bands else { return null() }
        beginArray()
        for band in bands {
            beginObject()
            key("below")
            decimal(band.below)
            key("step")
            decimal(band.step)
            endObject()
        }
        endArray()
    }

    /// The members of a book, without braces; at most `levels` rows a side.
    mutating func members(of book: OrderBook, levels: Int = .max) {
        key("symbol")
        string(book.symbol.text)
        key("bids")
        rows(book.bids.prefix(levels))
        key("asks")
        rows(book.asks.prefix(levels))
        key("sequence")
        int(book.sequence)
    }

    private mutating func rows(_ rows: ArraySlice<BookLevel>) {
        beginArray()
        for row in rows {
            beginObject()
            key("position")
            int(row.position)
            key("price")
            decimal(row.price)
            key("quantity")
            decimal(row.quantity)
            key("orders")
            int(row.orders)
            endObject()
        }
        endArray()
    }

    /// The members of a trade, without braces.
    mutating func members(of trade: Trade) {
        key("sequence")
        int(trade.sequence)
        key("time")
        time(trade.time)
        key("price")
        decimal(trade.price)
        key("quantity")
        decimal(trade.quantity)
        key("turnover")
        decimal(trade.turnover)
        key("direction")
        string(trade.direction.rawValue)
        key("type")
        string(trade.type)
        key("session")
        string(trade.session?.rawValue)
    }

    /// The members of a running candle's event, without braces.
    mutating func members(of candle: Candle, _ topic: CandleTopic) {
        key("symbol")
        string(topic.symbol.text)
        key("interval")
        string(topic.interval.rawValue)
        key("sessions")
        string(topic.sessions.rawValue)
        members(of: candle)
    }

    /// A candle.
    mutating func candle(_ candle: Candle) {
        beginObject()
        members(of: candle)
        endObject()
    }

    private mutating func members(of candle: Candle) {
        key("start")
        time(candle.start)
        key("open")
        decimal(candle.open)
        key("high")
        decimal(candle.high)
        key("low")
        decimal(candle.low)
        key("close")
        decimal(candle.close)
        key("volume")
        decimal(candle.volume)
        key("turnover")
        decimal(candle.turnover)
        key("session")
        string(candle.session?.rawValue)
        key("final")
        bool(candle.isFinal)
    }

    /// One minute of the day.
    mutating func point(_ point: IntradayPoint) {
        beginObject()
        key("time")
        time(point.time)
        key("price")
        decimal(point.price)
        key("average_price")
        decimal(point.averagePrice)
        key("volume")
        decimal(point.volume)
        key("turnover")
        decimal(point.turnover)
        endObject()
    }
}
