import Clocks
import Testing

@testable import Sandbox

@Suite struct SandboxJudgeTests {
    @Test func theCallThatIsOneTooManyInAnyWindowIsCounted() {
        var window = SandboxJudge.Window(limit: 2, window: .seconds(1))
        let start = Instant.zero + .seconds(5)
        for offset in [0, 999, 1000, 1999] { window.arrived(at: start + .milliseconds(offset)) }
        #expect((window.most, window.over) == (2, 0))
        window.arrived(at: start + .milliseconds(1999))
        #expect((window.most, window.over) == (3, 1))
    }

    @Test func callsWithinTwentyMillisecondsAreClose() {
        var judge = SandboxJudge()
        let start = Instant.zero + .seconds(5)
        for (offset, isCancellation) in [(0, false), (20, false), (39, false), (58, true), (77, false), (97, false)] {
            judge.tradeArrived(isCancellation: isCancellation, at: start + .milliseconds(offset))
        }
        #expect(judge.close == 3)
        #expect(judge.closeToCancellation == 2)
        #expect(judge.trade.most == 6)
    }
}
