internal import Glibc

/// A point on the monotonic clock, in nanoseconds since an arbitrary start (on Linux, boot).
///
/// It never jumps with the wall clock. Decisions take it as an argument; only drivers read it.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's start; saturates instead of overflowing.
    public let nanoseconds: Int64

    /// The instant `nanoseconds` after the clock's start.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The clock's start; a convenient origin for tests.
    public static let zero = Instant(nanoseconds: 0)

    /// The present, read from `CLOCK_MONOTONIC`. For drivers only.
    public static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The instant so many nanoseconds later, or earlier if negative; saturates at the ends of the range.
    public func advanced(nanoseconds count: Int64) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
        guard overflow else { return Instant(nanoseconds: sum) }
        return Instant(nanoseconds: count < 0 ? .min : .max)
    }

    /// The later instant; saturates at the ends of the range.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        instant.advanced(nanoseconds: duration.nanosecondsClamped)
    }

    /// The earlier instant; saturates at the ends of the range.
    public static func - (instant: Instant, duration: Duration) -> Instant {
        let (difference, overflow) = instant.nanoseconds.subtractingReportingOverflow(duration.nanosecondsClamped)
        guard overflow else { return Instant(nanoseconds: difference) }
        return Instant(nanoseconds: duration < .zero ? .max : .min)
    }

    /// How long after `earlier` this instant is, in nanoseconds; negative if it is before. Saturates.
    public func nanoseconds(since earlier: Instant) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        guard overflow else { return difference }
        return self < earlier ? .min : .max
    }

    /// How long after `earlier` this instant is; negative if it is before.
    public static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(later.nanoseconds) - .nanoseconds(earlier.nanoseconds)
    }

    /// Whether the left one comes first.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to the range of `Int64` (about ±292 years).
    public var nanosecondsClamped: Int64 {
        // One division; ``components`` takes two.
        Int64(clamping: attoseconds / 1_000_000_000)
    }

    /// Whole milliseconds, rounded towards the later.
    public var millisecondsRoundedUp: Int64 {
        roundedUp(unit: 1_000_000)
    }

    /// Whole seconds, rounded towards the later: what `Retry-After` carries.
    public var secondsRoundedUp: Int64 {
        roundedUp(unit: 1_000_000_000)
    }

    private func roundedUp(unit: Int64) -> Int64 {
        let (quotient, remainder) = nanosecondsClamped.quotientAndRemainder(dividingBy: unit)
        return remainder > 0 ? quotient + 1 : quotient
    }
}
