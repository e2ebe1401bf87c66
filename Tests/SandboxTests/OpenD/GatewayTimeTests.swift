import Clocks
import Testing

@testable import Sandbox

@Suite struct GatewayTimeTests {
    @Test func aTimeComesBackByTheExchangesClock() throws {
        for zone in [TimeZoneRule.hongKong, .newYork] {
            let time = try #require(WallTime(rfc3339: "2026-07-01T14:30:05Z")) + .milliseconds(7)
            let text = GatewayTime.text(time, zone, milliseconds: true)
            #expect(text.hasSuffix(".007"))
            #expect(GatewayTime.parse(text, zone) == time)
        }
    }

    @Test func aDayAloneIsItsBeginningOrItsEnd() {
        let zone = TimeZoneRule.hongKong
        let begin = GatewayTime.parse("2026-03-02", zone)
        #expect(begin.map { GatewayTime.text($0, zone) } == "2026-03-02 00:00:00")
        let end = GatewayTime.parse("2026-3-2", zone, isEnd: true)
        #expect(end.map { GatewayTime.text($0, zone, milliseconds: true) } == "2026-03-02 23:59:59.999")
    }

    @Test(arguments: [
        "", " ", "2026", "2026-13-01", "2026-02-30", "2026-03-02 25:00:00", "2026-03-02 10:60:00", "2026-03-02 1:2",
        "2026-03-02 10:00:00.", "2026-03-02 10:00:00.x", "2026-03-02 10:00:00 x", "99999999999-1-1", "２０２６-03-02",
        "2026-03-02T10:00:00",
    ])
    func whatIsNoTimeIsNone(text: String) {
        #expect(GatewayTime.parse(text, .hongKong) == nil)
    }
}
