public import Clocks

/// `Mon, 02 Mar 2026 01:30:00 GMT`, the form of RFC 9110 §5.6.7.
public enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The time in whole seconds, rounded down; 29 bytes for the years 0 to 9999.
    public static func text(_ time: WallTime) -> String {
        let (date, second) = TimeZoneRule.utc.civil(at: time)
        let clock = "\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
        let year = String(repeating: "0", count: max(0, 4 - String(date.year).count)) + String(date.year)
        return "\(days[date.weekday]), \(padded(date.day)) \(months[date.month - 1]) \(year) \(clock) GMT"
    }

    private static func padded(_ value: Int) -> String {
        value < 10 ? "0\(value)" : String(value)
    }
}
