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
        for offset in [0, 20, 39] { judge.tradeArrived(at: start + .milliseconds(offset)) }
        #expect(judge.close == 1)
        #expect(judge.trade.most == 3)
    }
}
