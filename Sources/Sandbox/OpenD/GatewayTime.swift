internal import Clocks

/// Times as the gateway writes and reads them: the exchange's clock.
enum GatewayTime {
    /// `2026-03-02 09:30:00`, with `.123` where milliseconds are given.
    static func text(_ time: WallTime, _ zone: TimeZoneRule, milliseconds: Bool = false) -> String {
        let (date, second) = zone.civil(at: time)
        let clock = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        guard milliseconds else { return "\(date.iso) \(clock)" }
        let rest = Int(time.milliseconds - time.seconds * 1000)
        return "\(date.iso) \(clock).\(rest < 100 ? "0" : "")\(two(rest))"
    }

    /// Unix seconds.
    static func stamp(_ time: WallTime) -> Double { Double(time.milliseconds) / 1000 }

    /// Reads a day, or a day and a time of it with or without milliseconds. A day alone is its beginning, or its end.
    static func parse(_ text: String, _ zone: TimeZoneRule, isEnd: Bool = false) -> WallTime? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let date = day(first) else { return nil }
        guard parts.count == 2 else {
            return isEnd
                ? zone.wallTime(date.adding(days: 1), secondOfDay: 0) + .milliseconds(-1)
                : zone.wallTime(date, secondOfDay: 0)
        }
        let clock = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let numbers = (clock.first ?? "").split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
        guard clock.count <= 2, numbers.count == 3, let hour = numbers[0], let minute = numbers[1],
            let second = numbers[2], hour < 24, minute < 60, second < 60
        else { return nil }
        var milliseconds = 0
        if clock.count == 2 {
            guard (1...9).contains(clock[1].count), let fraction = number((clock[1] + "000").prefix(3)) else {
                return nil
            }
            milliseconds = fraction
        }
        return zone.wallTime(date, secondOfDay: hour * 3600 + minute * 60 + second) + .milliseconds(milliseconds)
    }

    /// `2026-03-02`, `2026-3-2`, `2026/03/02` or `20260302`; a time of day behind it does not matter.
    static func day(_ text: some StringProtocol) -> CivilDate? {
        let text = text.prefix { $0 != " " }
        if let date = CivilDate(compact: String(text)) { return date }
        let parts = text.split(whereSeparator: { $0 == "-" || $0 == "/" }).map { number($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2] else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    private static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.count <= 4, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
