import Limits
import Testing

@Suite struct ConcurrencyCapTests {
    @Test func theCapIsReachedAndNotPassed() {
        var cap = ConcurrencyCap(limit: 2)
        #expect(cap.enter() == true)
        #expect(cap.enter() == true)
        #expect(cap.enter() == false)
        #expect(cap.inUse == 2)
        cap.leave()
        #expect(cap.enter() == true)
    }

    @Test(arguments: [0, -1]) func aCapOfNothingLetsNobodyIn(limit: Int) {
        var cap = ConcurrencyCap(limit: limit)
        #expect(cap.enter() == false)
    }
}
