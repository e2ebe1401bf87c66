import LongbridgeWire
import Testing

private func record() -> Longbridge.Quote.SecurityQuote {
    var quote = Longbridge.Quote.SecurityQuote()
    quote.symbol = "700.HK"
    quote.lastDone = "441.000"
    quote.prevClose = "428.200"
    quote.open = "437.600"
    quote.high = "443.000"
    quote.low = "436.800"
    quote.volume = 85_500
    quote.turnover = "37629811.475"
    return quote
}

private func push(_ sequence: Int64) -> Longbridge.Quote.PushQuote {
    var push = Longbridge.Quote.PushQuote()
    push.symbol = "700.HK"
    push.sequence = sequence
    push.timestamp = 1_795_140_900
    return push
}

private func row(_ position: Int32, _ price: String, _ volume: Int64) -> Longbridge.Quote.Depth {
    var row = Longbridge.Quote.Depth()
    row.position = position
    row.price = price
    row.volume = volume
    return row
}

@Suite struct QuoteMergerTests {
    @Test func absentMembersKeepTheirValues() {
        var merger = QuoteMerger(record())
        var change = push(2)
        change.lastDone = "441.200"
        change.volume = 85_800
        change.tradeSession = .postTrade
        #expect(merger.merge(change) == true)
        #expect(merger.quote.lastDone == "441.200")
        #expect(merger.quote.open == "437.600")
        #expect(merger.quote.prevClose == "428.200")
        #expect(merger.quote.volume == 85_800)
        #expect(merger.quote.turnover == "37629811.475")
        #expect(merger.quote.timestamp == 1_795_140_900)
        #expect(merger.session == .postTrade)
    }

    @Test func olderRepeatedAndRevisedPushesAreNotMerged() {
        var merger = QuoteMerger(record())
        #expect(merger.merge(push(5)) == true)
        #expect(merger.merge(push(5)) == false)
        #expect(merger.merge(push(4)) == false)
        var revised = push(9)
        revised.tag = .eod
        revised.lastDone = "1"
        #expect(merger.merge(revised) == false)
        #expect(merger.quote.lastDone == "441.000")
    }
}

@Suite struct DepthMergerTests {
    private func change(_ sequence: Int64, bids: [Longbridge.Quote.Depth]) -> Longbridge.Quote.PushDepth {
        var push = Longbridge.Quote.PushDepth()
        push.sequence = sequence
        push.bid = bids
        return push
    }

    @Test func rowsAreReplacedByPositionAndWholeSidesAsAWhole() {
        var merger = DepthMerger()
        #expect(merger.merge(change(1, bids: [row(1, "10", 1), row(2, "9", 1), row(3, "8", 1)])) == true)
        #expect(merger.merge(change(2, bids: [row(2, "9.5", 7)])) == true)
        #expect(merger.bids.map(\.price) == ["10", "9.5", "8"])
        #expect(merger.merge(change(3, bids: [row(1, "11", 1), row(2, "10", 1)])) == true)
        #expect(merger.bids.map(\.price) == ["11", "10"])
    }

    @Test func emptyRowsVanishAndHostilePositionsDoNotGrowTheBook() {
        var merger = DepthMerger()
        _ = merger.merge(change(1, bids: [row(1, "10", 1), row(2, "9", 1)]))
        _ = merger.merge(change(2, bids: [row(2, "", 0)]))
        #expect(merger.bids.count == 1)
        for sequence in 3...400 {
            _ = merger.merge(change(Int64(sequence), bids: [row(Int32(sequence) * 1000, "1", 1)]))
        }
        #expect(merger.bids.count <= DepthMerger.maximumRows)
        _ = merger.merge(change(500, bids: [row(-1, "1", 1)]))
        #expect(merger.bids.allSatisfy { $0.position > 0 })
    }

    @Test func olderPushesAreIgnored() {
        var merger = DepthMerger()
        #expect(merger.merge(change(5, bids: [row(1, "10", 1)])) == true)
        #expect(merger.merge(change(4, bids: [row(1, "1", 1)])) == false)
    }
}
