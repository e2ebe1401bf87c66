internal import Bytes

/// An order book around the last price. The same state gives the same book, so a pull and a push agree.
struct SimulatedBook: Equatable, Sendable {
    /// One row: price in thousandths, shares, orders.
    struct Row: Equatable, Sendable {
        var price: Int64
        var quantity: Int64
        var orders: Int64
    }

    /// Best first. The last price is the best ask after a trade upwards, else the best bid.
    var asks: [Row] = []
    var bids: [Row] = []

    /// - Parameters:
    ///   - isLastAsk: whether the last trade was done at the ask.
    ///   - version: how often the book has changed; a row keeps its orders over several of them.
    init(_ security: SimulatedSecurity, last: Int64, isLastAsk: Bool, version: Int) {
        let rows = security.market.bookRows
        let symbol = PricePath.hash(security.symbol)
        func row(_ price: Int64) -> Row {
            let place = PricePath.mixed(symbol, UInt64(bitPattern: price))
            var random = SplitMix64(seed: place &+ (UInt64(version) &+ place % 16) / 16)
            let lots = 1 + Int64(random.next(below: 200))
            let lot = security.lotSize == 1 ? 10 : security.lotSize
            return Row(price: price, quantity: lots * lot, orders: 1 + Int64(random.next(below: Int(min(lots, 40)))))
        }
        var ask = last
        if !isLastAsk { ask += TickTable.step(security, at: last) }
        while asks.count < rows {
            asks.append(row(ask))
            ask += TickTable.step(security, at: ask)
        }
        var bid = last
        if isLastAsk { bid -= TickTable.step(security, at: last - 1) }
        while bids.count < rows, bid > 0 {
            bids.append(row(bid))
            bid -= TickTable.step(security, at: bid - 1)
        }
    }

    /// The seats in the queue of each row, first in line first: never more than the row has orders, at most ten.
    static func queue(_ rows: [Row], _ symbol: String) -> [[Int32]] {
        let seats = SimulatedParticipant.seats
        return rows.map { row in
            var random = SplitMix64(
                seed: PricePath.mixed(PricePath.hash(symbol) &+ UInt64(bitPattern: row.price), UInt64(row.orders)))
            return (0..<Int(min(row.orders, 10))).map { _ in seats[random.next(below: seats.count)] }
        }
    }
}

/// A Hong Kong exchange participant. The names are real; which seat is whose is made up.
struct SimulatedParticipant: Sendable {
    let seats: [Int32]
    let english: String
    let simplified: String
    let traditional: String

    private init(_ seats: [Int32], _ english: String, _ simplified: String, _ traditional: String) {
        self.seats = seats
        self.english = english
        self.simplified = simplified
        self.traditional = traditional
    }

    static let seats: [Int32] = all.flatMap(\.seats)

    static let all: [SimulatedParticipant] = [
        SimulatedParticipant([8304, 8305], "HSBC", "汇丰", "滙豐"),
        SimulatedParticipant([6997, 6999], "UBS", "瑞银", "瑞銀"),
        SimulatedParticipant([4973, 4978], "Citigroup", "花旗", "花旗"),
        SimulatedParticipant([3168, 3169], "BOCI", "中银国际", "中銀國際"),
        SimulatedParticipant([3448], "Goldman Sachs", "高盛", "高盛"),
        SimulatedParticipant([5465, 5467], "J.P. Morgan", "摩根大通", "摩根大通"),
        SimulatedParticipant([1049], "Merrill Lynch", "美林", "美林"),
        SimulatedParticipant([6390, 6396, 6399], "China Investment", "中投信息", "中投信息"),
        SimulatedParticipant([6968], "Haitong", "海通国际", "海通國際"),
        SimulatedParticipant([7358, 7364], "Morgan Stanley", "摩根士丹利", "摩根士丹利"),
        SimulatedParticipant([7739], "CLSA", "中信里昂", "中信里昂"),
        SimulatedParticipant([8026], "Bright Smart", "耀才证券", "耀才證券"),
        SimulatedParticipant([3440], "Futu", "富途证券", "富途證券"),
        SimulatedParticipant([2845], "Long Bridge", "长桥证券", "長橋證券"),
    ]
}
