import Clocks
import Testing

@testable import LongbridgeBroker

@Suite struct ServerClockTests {
    private let now = WallTime(seconds: 1_772_415_000)  // 2026-03-02T01:30:00Z

    private func offset(_ date: String?) -> Duration {
        var clock = ServerClock()
        clock.learn(date: date, now: now)
        return clock.offset
    }

    @Test func aClockThatDiffersIsFollowedAndAnHonestOneLeftAlone() {
        #expect(offset("Mon, 02 Mar 2026 01:30:00 GMT") == .zero)
        #expect(offset("Mon, 02 Mar 2026 01:30:30 GMT") == .zero)
        #expect(offset("Mon, 02 Mar 2026 02:30:00 GMT") == .seconds(3600))
        #expect(offset("Mon, 23 Feb 2026 01:30:00 GMT") == .seconds(-7 * 86_400))
    }

    @Test func aClockSetRightAgainIsFollowedToo() {
        var clock = ServerClock()
        clock.learn(date: "Mon, 02 Mar 2026 02:30:00 GMT", now: now)
        #expect(clock.time(now) == now + .seconds(3600))
        clock.learn(date: nil, now: now)
        #expect(clock.offset == .seconds(3600))
        clock.learn(date: "Mon, 02 Mar 2026 01:30:01 GMT", now: now)
        #expect(clock.offset == .zero)
    }

    @Test(arguments: [
        "", "yesterday", "Mon, 02 Mar 2026 25:30:00 GMT", "Mon, 31 Feb 2026 01:30:00 GMT", "Mon, 02 Mar 2026 01:30 GMT",
        "Monday, 02-Mar-26 01:30:00 GMT", "Mon, 02 Mar 99999999999999999999 01:30:00 GMT",
        "Mon, 02 Mar 2026 -1:30:00 GMT",
    ])
    func whatIsNoDateIsIgnored(_ date: String) {
        #expect(offset(date) == .zero)
    }
}
