import LongbridgeWire
import Protobuf
import Testing

@Suite struct DepthMergerTests {
    typealias Quote = Longbridge.Quote

    private func row(_ position: Int32, _ price: String, _ volume: Int64 = 100) -> Quote.Depth {
        var row = Quote.Depth()
        row.position = position
        row.price = price
        row.volume = volume
        return row
    }

    private func push(_ sequence: Int64, bid: [Quote.Depth] = [], ask: [Quote.Depth] = []) -> Quote.PushDepth {
        var push = Quote.PushDepth()
        push.sequence = sequence
        push.bid = bid
        push.ask = ask
        return push
    }

    @Test func capturedPushesReplaceTheWholeBook() throws {
        var merger = DepthMerger()
        for name in ["subscribe.push 102", "live_pushes.push 102"] {
            let push = try Quote.PushDepth.decode(Captured.body(name))
            #expect(merger.merge(push) == true)
            #expect(merger.asks == push.ask)
            #expect(merger.bids == push.bid)
            #expect(merger.asks.map(\.position) == Array(1...10))
            #expect(merger.sequence == push.sequence)
        }
    }

    @Test func aRowReplacesTheOneOfItsPositionAndOthersStay() {
        var merger = DepthMerger()
        #expect(merger.merge(push(1, bid: [row(1, "10"), row(2, "9"), row(3, "8")])) == true)
        #expect(merger.merge(push(2, bid: [row(2, "9.5")])) == true)
        #expect(merger.bids.map(\.price) == ["10", "9.5", "8"])
        #expect(merger.merge(push(3, bid: [row(4, "7"), row(2, "9.6")])) == true)
        #expect(merger.bids.map(\.price) == ["10", "9.6", "8", "7"])
    }

    @Test func aWholeSideThatIsShorterDropsTheRest() {
        var merger = DepthMerger()
        #expect(merger.merge(push(1, bid: [row(1, "10"), row(2, "9"), row(3, "8")], ask: [row(1, "11")])) == true)
        #expect(merger.merge(push(2, bid: [row(1, "10"), row(2, "9")])) == true)
        #expect(merger.bids.map(\.price) == ["10", "9"])
        #expect(merger.asks.map(\.price) == ["11"])
        #expect(merger.merge(push(3, bid: [row(1, "10.5")])) == true)
        #expect(merger.bids.map(\.price) == ["10.5", "9"])
    }

    @Test func aRowWithoutPriceAndQuantityIsGone() {
        var merger = DepthMerger()
        #expect(merger.merge(push(1, bid: [row(1, "10"), row(2, "9")])) == true)
        #expect(merger.merge(push(2, bid: [row(2, "", 0)])) == true)
        #expect(merger.bids.map(\.position) == [1])
    }

    @Test func lateAndAbsurdRowsAreNotTaken() {
        var merger = DepthMerger()
        #expect(merger.merge(push(5, bid: [row(1, "10")])) == true)
        #expect(merger.merge(push(4, bid: [row(1, "1")])) == false)
        #expect(merger.merge(push(6, bid: [row(0, "1"), row(-3, "1"), row(.min, "1")])) == true)
        #expect(merger.bids.map(\.price) == ["10"])
        #expect(merger.merge(push(7, bid: (1...5000).map { row($0, "\($0)") })) == true)
        #expect(merger.bids.count == DepthMerger.maximumRows)
    }
}
