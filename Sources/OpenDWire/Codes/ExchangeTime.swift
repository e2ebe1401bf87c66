public import Clocks

/// The gateway's times: text by the exchange's clock, with Unix seconds beside it in newer gateways.
///
/// Shape: `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DD HH:MM:SS.mmm`; some fields hold a time of day alone, which
/// is none here.
/// - Source: Futu OpenAPI, "Quote" and "Trade" general definitions; the zone of each market is `futu-opend`, section 10.
public enum ExchangeTime {
    /// The time a clock of that zone shows as `text`; `nil` for any other shape, and for the empty text that stands for
    /// unknown. A clock time that occurs twice in autumn is the first of the two.
    public static func read(_ text: String, zone: TimeZoneRule) -> WallTime? {
        let bytes = Array(text.utf8)
        guard let date = day(text) else { return nil }
        guard bytes.count > 10 else { return zone.wallTime(date, secondOfDay: 0) }
        guard bytes.count >= 19, bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), let hour = number(bytes[11..<13]),
            hour < 24,
            let minute = number(bytes[14..<16]), minute < 60, let second = number(bytes[17..<19]), second < 60
        else { return nil }
        var milliseconds = 0
        if bytes.count > 19 {
            guard bytes[19] == UInt8(ascii: "."), (21...26).contains(bytes.count), let part = number(bytes[20...])
            else {
                return nil
            }
            var digits = bytes.count - 20
            milliseconds = part
            while digits < 3 { (milliseconds, digits) = (milliseconds * 10, digits + 1) }
            while digits > 3 { (milliseconds, digits) = (milliseconds / 10, digits - 1) }
        }
        let whole = zone.wallTime(date, secondOfDay: hour * 3600 + minute * 60 + second)
        return WallTime(milliseconds: whole.milliseconds + Int64(milliseconds))
    }

    /// The day at the front of a text; `nil` if there is none.
    public static func day(_ text: String) -> CivilDate? {
        guard text.utf8.count >= 10 else { return nil }
        return CivilDate(iso: String(decoding: text.utf8.prefix(10), as: UTF8.self))
    }

    /// Unix seconds, if the gateway gives them, or else the text. Seconds before 1971 and after 9999 are unknown.
    public static func read(_ seconds: Double?, or text: String?, zone: TimeZoneRule) -> WallTime? {
        if let seconds, seconds.isFinite, seconds > 31_536_000, seconds < 253_402_300_800 {
            return WallTime(milliseconds: Int64((seconds * 1000).rounded()))
        }
        return text.flatMap { read($0, zone: zone) }
    }

    /// `YYYY-MM-DD HH:MM:SS` by the clock of that zone, as requests have it.
    public static func text(_ time: WallTime, zone: TimeZoneRule) -> String {
        let (date, second) = zone.civil(at: time)
        return "\(date.iso) \(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
