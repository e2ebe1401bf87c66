import Clocks
import Testing

@Suite struct CivilDateTests {
    @Test func daysRoundTripAcrossFourCenturies() {
        for days in stride(from: -200_000, through: 200_000, by: 37) {
            #expect(CivilDate(daysSinceEpoch: days).daysSinceEpoch == days)
        }
        #expect(CivilDate(daysSinceEpoch: 0).iso == "1970-01-01")
        #expect(CivilDate(iso: "2026-11-20")?.daysSinceEpoch == 20_777)
        #expect(CivilDate(iso: "2026-11-20")?.weekday == 5)
    }

    @Test func daysThatDoNotExistAreRefused() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-4-30", "20260430", "2026-04-3０", ""]
        {
            #expect(CivilDate(iso: text) == nil)
        }
        #expect(CivilDate(compact: "20240229")?.iso == "2024-02-29")
        #expect(CivilDate(compact: "20230229") == nil)
    }
}

@Suite struct WallTimeTests {
    @Test func textRoundTripsWithMilliseconds() {
        for text in ["2026-03-02T01:30:00.123Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z"] {
            #expect(WallTime(rfc3339: text)?.rfc3339 == text)
        }
        #expect(WallTime(rfc3339: "2026-03-02T09:30:00+08:00")?.rfc3339 == "2026-03-02T01:30:00Z")
        #expect(WallTime(rfc3339: "2026-03-02T01:30:00.1239Z")?.milliseconds == 1_772_415_000_123)
    }

    @Test func timesNoYearCanShowAreWrittenAsTheNearestThatCan() {
        #expect(WallTime(milliseconds: .max).rfc3339 == "9999-12-31T23:59:59.999Z")
        #expect(WallTime(milliseconds: 253_402_300_800_000).rfc3339 == "9999-12-31T23:59:59.999Z")
        #expect(WallTime(milliseconds: .min).rfc3339 == "0000-01-01T00:00:00Z")
        #expect(WallTime(milliseconds: -62_167_219_200_000).rfc3339 == "0000-01-01T00:00:00Z")
    }

    @Test func otherFormsAreRefused() {
        for text in [
            "2026-03-02 01:30:00Z", "2026-03-02T24:00:00Z", "2026-03-02T01:30:00", "2026-03-02T01:30:60Z", "x",
            "2026-03-02T01:30:00.Z",
        ] {
            #expect(WallTime(rfc3339: text) == nil)
        }
    }
}

@Suite struct TimeZoneRuleTests {
    @Test(arguments: [
        ("2026-03-08T06:59:59Z", -5), ("2026-03-08T07:00:00Z", -4), ("2026-11-01T05:59:59Z", -4),
        ("2026-11-01T06:00:00Z", -5), ("2025-03-09T07:00:00Z", -4), ("2027-11-07T06:00:00Z", -5),
    ])
    func newYorkChangesItsOffsetAtTheRightSecond(text: String, hours: Int) throws {
        let time = try #require(WallTime(rfc3339: text))
        #expect(TimeZoneRule.newYork.offsetSeconds(at: time) == hours * 3600)
    }

    @Test func clockTimesRoundTripInEveryZone() throws {
        for zone in TimeZoneRule.allCases {
            for days in stride(from: 20_400, to: 21_200, by: 3) {
                let date = CivilDate(daysSinceEpoch: days)
                let civil = zone.civil(at: zone.wallTime(date, secondOfDay: 34_200))
                #expect(civil.date == date)
                #expect(civil.secondOfDay == 34_200)
            }
        }
    }
}

@Suite struct InstantTests {
    @Test func sumsSaturate() {
        #expect(Instant(nanoseconds: .max) + .seconds(1) == Instant(nanoseconds: .max))
        #expect(Instant(nanoseconds: .min) - .seconds(1) == Instant(nanoseconds: .min))
        #expect(Instant.zero + .milliseconds(1500) - Instant.zero == .milliseconds(1500))
    }

    @Test func countsOfNanosecondsSaturate() {
        let early = Instant(nanoseconds: .min)
        let late = Instant(nanoseconds: .max)
        #expect(late.advanced(nanoseconds: 1) == late)
        #expect(early.advanced(nanoseconds: -1) == early)
        #expect(Instant.zero.advanced(nanoseconds: -5).nanoseconds(since: .zero) == -5)
        #expect(late.nanoseconds(since: early) == .max)
        #expect(early.nanoseconds(since: late) == .min)
        #expect(late - early == .nanoseconds(Int64.max) - .nanoseconds(Int64.min))
    }

    @Test func durationsRoundUp() {
        #expect(Duration.nanoseconds(1).secondsRoundedUp == 1)
        #expect(Duration.seconds(2).secondsRoundedUp == 2)
        #expect(Duration.microseconds(1500).millisecondsRoundedUp == 2)
        #expect(Duration.zero.secondsRoundedUp == 0)
    }
}
