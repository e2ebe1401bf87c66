internal import Clocks

/// How far the broker's clock is from ours, by the `Date` of its answers: signed requests carry a time it must believe.
///
/// Small differences count as none, since `Date` has whole seconds and an answer takes its time.
struct ServerClock: Equatable {
    /// What is to be added to our time.
    private(set) var offset = Duration.zero

    /// Differences up to here are ignored.
    static let tolerance = Duration.seconds(30)

    /// The broker's time.
    func time(_ ours: WallTime) -> WallTime { ours + offset }

    /// Takes the `Date` field of an answer that has just come; another form than RFC 9110's preferred one is ignored.
    mutating func learn(date text: String?, now: WallTime) {
        guard let theirs = text.flatMap({ ServerClock.time(date: $0) }) else { return }
        let difference = theirs - now
        offset = max(difference, .zero - difference) > ServerClock.tolerance ? difference : .zero
    }

    /// `Mon, 02 Mar 2026 01:30:00 GMT`
    private static func time(date text: String) -> WallTime? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
            let month = months.firstIndex(of: String(parts[2])),
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { UInt8($0) }
        guard clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] < 61 else { return nil }
        let second = Int(clock[0]) * 3600 + Int(clock[1]) * 60 + Int(clock[2])
        return WallTime(seconds: Int64(date.daysSinceEpoch) * 86_400 + Int64(second))
    }
}
