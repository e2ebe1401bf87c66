import LongbridgeWire
import Testing

@Suite struct SequenceRuleTests {
    @Test func numbersThatGrowAreTakenAndOthersAreNot() {
        var rule = SequenceRule()
        let taken = [5, 6, 6, 4, 100, 99, 101].map { rule.takes($0) }
        #expect(taken == [true, true, false, false, true, false, true])
    }

    @Test func zeroIsAlwaysTaken() {
        var rule = SequenceRule()
        let taken = [0, 7, 0, 0, 7].map { rule.takes($0) }
        #expect(taken == [true, true, true, true, false])
        #expect(rule.last == 7)
    }

    @Test func aServerThatCountsAnewIsFollowedInTheEnd() {
        var rule = SequenceRule()
        _ = rule.takes(1_000_000)
        let taken = (1...20).map { rule.takes(Int64($0)) }
        #expect(taken == (1...20).map { $0 >= SequenceRule.restartAfter })
    }

    @Test func repeatedPushesDoNotCountAsAnew() {
        var rule = SequenceRule()
        _ = rule.takes(1_000_000)
        let replay = Array(1...Int64(SequenceRule.restartAfter - 1))
        let late = (replay + replay + replay).map { rule.takes($0) }
        #expect(!late.contains(true))
        let same = (1...50).map { _ in rule.takes(1_000_000) }
        #expect(!same.contains(true))
    }
}
