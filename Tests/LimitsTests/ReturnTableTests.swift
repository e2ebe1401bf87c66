import Clocks
import Limits
import Testing

@Suite struct ReturnTableTests {
    private let noon = Instant.zero + .seconds(1000)

    @Test func whoComesAsToldIsExpectedOnce() {
        var table = ReturnTable()
        table.told("a", "GET /x", wait: .milliseconds(1500), at: noon)
        let due = noon + .milliseconds(1500)
        let early = table.comes("a", "GET /x", at: due - .nanoseconds(1))
        let another = table.comes("b", "GET /x", at: due)
        let elsewhere = table.comes("a", "GET /y", at: due)
        #expect(!early && !another && !elsewhere && !table.isEmpty)
        let first = table.comes("a", "GET /x", at: due)
        let second = table.comes("a", "GET /x", at: due)
        #expect(first && !second && table.isEmpty)
    }

    @Test func itIsExpectedForTwoSecondsBehindTheWholeSecondItWasTold() {
        let over = noon + .seconds(4)
        for (at, isExpected) in [(over - .nanoseconds(1), true), (over, false)] {
            var table = ReturnTable()
            table.told("a", "r", wait: .milliseconds(1500), at: noon)
            let comes = table.comes("a", "r", at: at)
            #expect(comes == isExpected)
        }
    }

    @Test func whatWasToldIsBoundedForEachAndForAll() {
        var table = ReturnTable()
        for _ in 0..<20 { table.told("a", "r", wait: .seconds(1), at: noon) }
        let due = noon + .seconds(1)
        let came = (0..<20).map { _ in table.comes("a", "r", at: due) }
        #expect(came.count { $0 } == 16)
        for number in 0..<1100 { table.told("\(number)", "r", wait: .seconds(1), at: noon) }
        let (last, tooMany) = (table.comes("1023", "r", at: due), table.comes("1024", "r", at: due))
        #expect(last && !tooMany)
        // What has lapsed makes room.
        table.told("z", "r", wait: .seconds(1), at: noon + .seconds(3))
        table.told("y", "r", wait: .seconds(1), at: noon + .seconds(3))
        let later = table.comes("y", "r", at: noon + .seconds(4))
        #expect(later)
    }
}
