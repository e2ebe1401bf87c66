import Clocks
import OpenDWire
import Testing

@Suite struct ExchangeTimeTests {
    struct Case: CustomStringConvertible {
        var text: String
        var zone: TimeZoneRule
        var utc: String

        init(_ text: String, _ zone: TimeZoneRule, _ utc: String) {
            (self.text, self.zone, self.utc) = (text, zone, utc)
        }

        var description: String { "\(text) \(zone)" }
    }

    /// The one table: each zone, both sides of both changes of New York's clock, every shape.
    static let table = [
        Case("2026-03-03 10:00:01.299", .hongKong, "2026-03-03T02:00:01.299Z"),
        Case("2026-03-03 10:00:01", .hongKong, "2026-03-03T02:00:01.000Z"),
        Case("2026-03-03", .hongKong, "2026-03-02T16:00:00.000Z"),
        Case("2026-07-03 09:30:00", .shanghai, "2026-07-03T01:30:00.000Z"),
        Case("2026-07-03 09:00:00", .singapore, "2026-07-03T01:00:00.000Z"),
        Case("2026-01-15 09:30:00", .newYork, "2026-01-15T14:30:00.000Z"),
        Case("2026-07-15 09:30:00", .newYork, "2026-07-15T13:30:00.000Z"),
        Case("2026-03-06 16:00:00", .newYork, "2026-03-06T21:00:00.000Z"),
        Case("2026-03-08 01:59:59", .newYork, "2026-03-08T06:59:59.000Z"),
        Case("2026-03-08 03:00:00", .newYork, "2026-03-08T07:00:00.000Z"),
        Case("2026-03-09 16:00:00", .newYork, "2026-03-09T20:00:00.000Z"),
        Case("2026-10-30 16:00:00", .newYork, "2026-10-30T20:00:00.000Z"),
        Case("2026-11-01 00:59:59", .newYork, "2026-11-01T04:59:59.000Z"),
        Case("2026-11-01 01:30:00", .newYork, "2026-11-01T05:30:00.000Z"),
        Case("2026-11-01 02:00:00", .newYork, "2026-11-01T07:00:00.000Z"),
        Case("2026-11-02 09:30:00", .newYork, "2026-11-02T14:30:00.000Z"),
        Case("2026-03-03 10:00:00.4", .hongKong, "2026-03-03T02:00:00.400Z"),
        Case("2026-03-03 10:00:00.123456", .hongKong, "2026-03-03T02:00:00.123Z"),
    ]

    @Test(arguments: table) func aClockTimeIsTheRightMoment(_ entry: Case) throws {
        let time = try #require(ExchangeTime.read(entry.text, zone: entry.zone))
        #expect(time == WallTime(rfc3339: entry.utc))
        #expect(entry.text.hasPrefix(ExchangeTime.text(time, zone: entry.zone).prefix(entry.text.utf8.count)))
    }

    @Test(arguments: [
        "", "N/A", "2026", "2026-13-01", "2026-02-30", "2026-03-03 24:00:00", "2026-03-03 10:60:00", "2026-03-03 10:00",
        "2026-03-03 10:00:61", "2026-03-03 10:00:00.", "2026-03-03 10:00:00.1234567", "2026-03-03 1a:00:00",
        "10:00:00.000", "2026-03-03-10:00:00",
    ]) func whatIsNoTimeIsUnknown(_ text: String) {
        #expect(ExchangeTime.read(text, zone: .hongKong) == nil)
    }

    @Test func secondsCountWhereTheGatewayGivesThem() {
        let text = "2026-03-03 10:00:01.299"
        #expect(
            ExchangeTime.read(1_772_503_201.3, or: text, zone: .hongKong) == WallTime(milliseconds: 1_772_503_201_300))
        for nonsense in [0, -1, .nan, .infinity, 1e300] {
            #expect(
                ExchangeTime.read(nonsense, or: text, zone: .hongKong) == WallTime(milliseconds: 1_772_503_201_299))
        }
        #expect(ExchangeTime.read(nil, or: nil, zone: .hongKong) == nil)
    }
}
