internal import Glibc

/// A point in time as people and brokers write it: milliseconds since 1 January 1970 UTC, without leap seconds.
public struct WallTime: Comparable, Hashable, Sendable {
    /// Unix time in milliseconds.
    public let milliseconds: Int64

    /// The time `milliseconds` after the epoch.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The time `seconds` after the epoch; saturates.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        milliseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Unix time in whole seconds, rounded down.
    public var seconds: Int64 {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The present, read from `CLOCK_REALTIME`. For drivers only.
    public static func now() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The later time; saturates.
    public static func + (time: WallTime, duration: Duration) -> WallTime {
        let (sum, overflow) = time.milliseconds.addingReportingOverflow(duration.nanosecondsClamped / 1_000_000)
        return WallTime(milliseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// How long after `earlier` this time is; negative if it is before.
    public static func - (later: WallTime, earlier: WallTime) -> Duration {
        .milliseconds(later.milliseconds) - .milliseconds(earlier.milliseconds)
    }

    /// Whether the left one comes first.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

extension WallTime {
    /// RFC 3339 in UTC, with milliseconds unless they are zero: `2026-03-02T01:30:00.123Z`. Times outside the years 0 to
    /// 9999 are written as the nearest within.
    public var rfc3339: String {
        let milliseconds = min(max(self.milliseconds, WallTime.earliestText), WallTime.latestText)
        return WallTime(milliseconds: milliseconds).text
    }

    private static let earliestText: Int64 = -62_167_219_200_000  // 0000-01-01T00:00:00Z
    private static let latestText: Int64 = 253_402_300_799_999  // 9999-12-31T23:59:59.999Z

    private var text: String {
        let seconds = self.seconds
        var days = seconds / 86_400
        if seconds % 86_400 < 0 { days -= 1 }
        let date = CivilDate(daysSinceEpoch: Int(days))
        let second = Int(seconds - days * 86_400)
        let fraction = Int(milliseconds - seconds * 1000)
        // Digit by digit into one buffer: every entry of a log and every answer has such a text.
        return String(unsafeUninitializedCapacity: 24) { text in
            var count = 0
            func put(_ value: Int, _ width: Int, _ mark: Unicode.Scalar) {
                var rest = value
                for place in stride(from: count + width - 1, through: count, by: -1) {
                    text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                text[count + width] = UInt8(ascii: mark)
                count += width + 1
            }
            put(date.year, 4, "-")
            put(date.month, 2, "-")
            put(date.day, 2, "T")
            put(second / 3600, 2, ":")
            put(second / 60 % 60, 2, ":")
            put(second % 60, 2, fraction == 0 ? "Z" : ".")
            if fraction != 0 { put(fraction, 3, "Z") }
            return count
        }
    }

    /// Reads RFC 3339 with `Z` or a numeric offset and up to 9 fraction digits (cut to milliseconds).
    ///
    /// `nil` for anything else, also for a leap second, which this type cannot hold.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            let date = CivilDate(iso: String(decoding: bytes[0..<10], as: UTF8.self)),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = digits(bytes[11..<13]), let minute = digits(bytes[14..<16]), let second = digits(bytes[17..<19]),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var rest = bytes[19...]
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            let places = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...9).contains(places.count), let value = digits((places + [48, 48])[...].prefix(3)) else {
                return nil
            }
            fraction = value
            rest = rest.dropFirst(1 + places.count)
        }
        guard let offset = WallTime.offset(rest) else { return nil }
        let total = Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        self.init(milliseconds: total * 1000 + Int64(fraction))
    }

    /// Seconds east of UTC.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let sign = bytes.first else { return nil }
        let rest = Array(bytes.dropFirst())
        switch sign {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            return rest.isEmpty ? 0 : nil
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard rest.count == 5, rest[2] == UInt8(ascii: ":"), let hours = digits(rest[0..<2]),
                let minutes = digits(rest[3..<5]), hours < 24, minutes < 60
            else { return nil }
            return (sign == UInt8(ascii: "+") ? 1 : -1) * (hours * 3600 + minutes * 60)
        default:
            return nil
        }
    }
}
