public import Clocks

/// At most `limit` calls in any window, and at least `minimumGap` between two calls.
///
/// It remembers the instants of the last `limit` admissions, eight bytes each, and nothing else. A window is half open:
/// a call exactly `window` after another is no longer in its window. Time that steps back counts as the latest seen.
public struct SlidingWindow: Sendable {
    /// The most calls in one window, at least 1.
    public let limit: Int
    private let window: Duration
    private let minimumGap: Duration
    private var admissions: [Instant] = []  // a ring once it is full
    private var oldest = 0  // where the ring begins, and where the next admission goes

    /// Nothing traps, since limits also come from a broker: a limit is at least 1, durations are at least zero.
    public init(limit: Int, window: Duration, minimumGap: Duration = .zero) {
        self.limit = max(1, limit)
        self.window = max(.zero, window)
        self.minimumGap = max(.zero, minimumGap)
    }

    /// Counts the call if it fits.
    public mutating func take(at now: Instant) -> Verdict {
        let admission = nextAdmission(at: now)
        guard admission <= now else { return .refused(retryAfter: admission - now) }
        if admissions.count < limit {
            admissions.append(admission)
        } else {
            admissions[oldest] = admission
            oldest = (oldest + 1) % limit
        }
        return .admitted
    }

    /// The earliest instant, not before `now`, at which ``take(at:)`` would be admitted.
    public func nextAdmission(at now: Instant) -> Instant {
        guard let last = latest else { return now }
        let afterGap = max(now, last + minimumGap)
        return admissions.count < limit ? afterGap : max(afterGap, admissions[oldest] + window)
    }

    /// How many calls of the window that ends at `now` are in use.
    public func count(at now: Instant) -> Int {
        admissions.count { now < $0 + window }
    }

    private var latest: Instant? {
        guard admissions.count == limit else { return admissions.last }
        return admissions[(oldest + limit - 1) % limit]
    }
}
