internal import Clocks

/// An instrument at a moment: its listing, and the lens through which the prices of what trades become its own.
struct GatewayView: Sendable {
    let instrument: GatewayInstrument
    let listing: SimulatedListing
    let today: CivilDate
    private let terms: WarrantTerms?

    init(_ instrument: GatewayInstrument, _ listing: SimulatedListing, at now: WallTime) {
        self.instrument = instrument
        self.listing = listing
        today = instrument.zone.civil(at: now).date
        if case .warrant(let warrant) = instrument.kind {
            terms = warrant.terms(listing.history, today)
        } else {
            terms = nil
        }
    }

    /// The figures of a session; prices and turnover in thousandths.
    struct Figures: Equatable, Sendable {
        var last: Int64
        var previousClose: Int64
        var open: Int64
        var high: Int64
        var low: Int64
        var volume: Int64
        var turnover: Int64
        var at: WallTime

        /// In percent of the close before.
        var amplitude: Double { percent(high - low) }
        var changeRate: Double { percent(last - previousClose) }

        private func percent(_ part: Int64) -> Double {
            previousClose == 0 ? 0 : GatewayView.rounded(Double(part) / Double(previousClose) * 100)
        }
    }

    /// The regular session; `nil` before there was one.
    var figures: Figures? { listing.regular.map(figures) }

    func figures(_ record: SessionRecord) -> Figures {
        let at = record.lastTime
        let open = price(record.bar.open, at)
        let last = price(record.last, at)
        let ends = [price(record.bar.high, at), price(record.bar.low, at), open, last]
        var figures = Figures(
            last: last, previousClose: price(record.previousClose, at + .seconds(isOption ? -86_400 : 0)), open: open,
            high: ends.max() ?? last, low: ends.min() ?? last, volume: record.bar.volume,
            turnover: record.bar.turnover, at: at)
        switch instrument.kind {
        case .share, .index, .future: break
        case .option(let option):
            figures.volume = option.openInterest / 4
            figures.turnover = figures.volume * 100 * last
        case .warrant(let warrant):
            figures.volume = warrant.status == 4 ? warrant.outstanding / 8 / 10_000 * 10_000 : 0
            figures.turnover = figures.volume * last
        }
        return figures
    }

    private var isOption: Bool {
        if case .option = instrument.kind { return true }
        return false
    }

    /// The price of the instrument when what trades stands at `spot`.
    func price(_ spot: Int64, _ at: WallTime) -> Int64 {
        switch instrument.kind {
        case .share, .index, .future: spot
        case .option(let option): option.price(spot: spot, now: at)
        case .warrant(let warrant): warrant.price(terms ?? WarrantTerms(strike: 0), spot: spot, today: today, now: at)
        }
    }

    /// How much of the instrument trades when so much of what it is derived from does.
    private func quantity(_ quantity: Int64) -> Int64 {
        switch instrument.kind {
        case .share, .index, .future: quantity
        case .option: quantity == 0 ? 0 : max(1, quantity / 1000)
        case .warrant: quantity * 10 / 10_000 * 10_000
        }
    }

    /// What a trade of the instrument turns over, in thousandths.
    private func turnover(_ price: Int64, _ quantity: Int64) -> Int64 {
        isOption ? price * quantity * 100 : price * quantity
    }

    /// The newest trades, oldest first, with their numbers.
    func newest(_ count: Int) -> [(sequence: Int64, trade: SimulatedTrade, turnover: Int64)] {
        guard instrument.hasBook, count > 0 else { return [] }
        let trades = listing.newest(count)
        var sequence = Int64(listing.tradeCount - trades.count)
        return trades.map { trade in
            sequence += 1
            var seen = trade
            seen.price = price(trade.price, trade.time)
            seen.quantity = quantity(trade.quantity)
            return (sequence, seen, turnover(seen.price, seen.quantity))
        }
    }

    /// A bar of what trades as one of the instrument.
    func bar(_ bar: SimulatedBar) -> SimulatedBar {
        guard !instrument.isListed else { return bar }
        var seen = bar
        seen.open = price(bar.open, bar.start)
        seen.close = price(bar.close, bar.start)
        let ends = [price(bar.high, bar.start), price(bar.low, bar.start), seen.open, seen.close]
        seen.high = ends.max() ?? seen.close
        seen.low = ends.min() ?? seen.close
        seen.volume = quantity(bar.volume)
        seen.turnover = turnover(seen.close, seen.volume)
        return seen
    }

    /// The book; of contracts that are derived only the best row.
    var book: (asks: [SimulatedBook.Row], bids: [SimulatedBook.Row]) {
        guard instrument.hasBook else { return ([], []) }
        let book = listing.book
        guard !instrument.isListed else { return (book.asks, book.bids) }
        guard let last = figures?.last else { return ([], []) }
        let step: Int64 = isOption ? 10 : 1
        func row(_ price: Int64, _ row: SimulatedBook.Row?) -> [SimulatedBook.Row] {
            guard let row, price > 0 else { return [] }
            let quantity = isOption ? max(1, row.quantity / 100) : row.quantity * 10
            return [SimulatedBook.Row(price: price, quantity: quantity, orders: row.orders)]
        }
        return (row(last + step, book.asks.first), row(last, book.bids.first))
    }

    /// Three decimals, as the gateway gives ratios.
    static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

    /// A price in the currency.
    static func amount(_ thousandths: Int64) -> Double { Double(thousandths) / 1000 }
}
