/// The clock of an exchange: a fixed offset, or the daylight saving rule of New York.
///
/// The rule is the one in force since 2007 (Energy Policy Act of 2005): from the second Sunday of March 02:00 to the
/// first Sunday of November 02:00, local time. Earlier years are read by the same rule.
public enum TimeZoneRule: Sendable, Hashable, CaseIterable {
    /// UTC.
    case utc
    /// UTC+8.
    case hongKong
    /// UTC-5, or UTC-4 in summer.
    case newYork
    /// UTC+8.
    case shanghai
    /// UTC+8.
    case singapore

    /// The name in the tz database.
    public var identifier: String {
        switch self {
        case .utc: "UTC"
        case .hongKong: "Asia/Hong_Kong"
        case .newYork: "America/New_York"
        case .shanghai: "Asia/Shanghai"
        case .singapore: "Asia/Singapore"
        }
    }

    /// Seconds east of UTC at `time`.
    public func offsetSeconds(at time: WallTime) -> Int {
        switch self {
        case .utc: 0
        case .hongKong, .shanghai, .singapore: 8 * 3600
        case .newYork: isNewYorkSummer(time) ? -4 * 3600 : -5 * 3600
        }
    }

    /// The local day, and the seconds since its midnight as a clock shows them (0 to 86399).
    public func civil(at time: WallTime) -> (date: CivilDate, secondOfDay: Int) {
        let local = time.seconds + Int64(offsetSeconds(at: time))
        var days = local / 86_400
        if local % 86_400 < 0 { days -= 1 }
        return (CivilDate(daysSinceEpoch: Int(days)), Int(local - days * 86_400))
    }

    /// The time at which a local clock shows `secondOfDay` on `date`.
    ///
    /// A clock time skipped in spring is read by the winter offset; one that occurs twice in autumn is the first.
    public func wallTime(_ date: CivilDate, secondOfDay: Int) -> WallTime {
        let local = Int64(date.daysSinceEpoch) * 86_400 + Int64(secondOfDay)
        guard self == .newYork else {
            return WallTime(seconds: local - Int64(offsetSeconds(at: WallTime(seconds: 0))))
        }
        let summer = WallTime(seconds: local + 4 * 3600)
        return isNewYorkSummer(summer) ? summer : WallTime(seconds: local + 5 * 3600)
    }

    private func isNewYorkSummer(_ time: WallTime) -> Bool {
        var days = time.seconds / 86_400
        if time.seconds % 86_400 < 0 { days -= 1 }
        let year = CivilDate(daysSinceEpoch: Int(days)).year
        guard let march = CivilDate(year: year, month: 3, day: 8),
            let november = CivilDate(year: year, month: 11, day: 1)
        else { return false }
        let start = march.adding(days: (7 - march.weekday) % 7)
        let end = november.adding(days: (7 - november.weekday) % 7)
        // 02:00 at UTC-5 is 07:00 UTC; 02:00 at UTC-4 is 06:00 UTC.
        let startSeconds = Int64(start.daysSinceEpoch) * 86_400 + 7 * 3600
        let endSeconds = Int64(end.daysSinceEpoch) * 86_400 + 6 * 3600
        return (startSeconds..<endSeconds).contains(time.seconds)
    }
}
