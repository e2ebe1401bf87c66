public import Clocks

/// At most `limit` calls in any window of the other side's clock, whatever time a call takes to get there.
///
/// A call counts from when it is sent until `window` after it has ended, since it reached the other side somewhere in
/// between. Holds no clock; the time is an argument and never steps back.
public struct HeldWindow: Sendable {
    /// Calls in ``window`` as they are allowed, at least 1.
    public let limit: Int
    /// The time the other side counts in.
    public let window: Duration
    /// Calls that are sent and have not ended.
    public private(set) var inFlight = 0
    /// When each call that ended stops counting, ascending.
    private var ends: [Instant] = []
    private var lowered: (limit: Int, until: Instant)?
    private var pausedUntil: Instant?

    /// How long an answer that is not there yet is taken to need, where a time must be named.
    static let allowance = Duration.milliseconds(500)
    /// A lowered limit is kept for so many windows.
    private static let windowsLowered = 10

    /// Nothing traps, since limits also come from a broker: a limit is at least 1, a window at least a nanosecond.
    public init(limit: Int, window: Duration) {
        self.limit = max(1, limit)
        self.window = max(.nanoseconds(1), window)
    }

    // MARK: Calls

    /// Counts a call that is sent now, whether or not there was room.
    public mutating func take(at now: Instant) {
        ends.removeAll { $0 <= now }
        inFlight += 1
    }

    /// A call has ended. To end one that was not taken is our own mistake, and traps.
    public mutating func end(at now: Instant) {
        precondition(inFlight > 0, "ended without having been taken")
        inFlight -= 1
        ends.append(max(now + window, ends.last ?? now))
    }

    /// The other side refused a call as one too many: nothing goes for `pause`, and less than before for some windows.
    public mutating func refused(pause: Duration, at now: Instant) {
        pausedUntil = max(pausedUntil ?? now, now + pause)
        lowered = (max(1, ceiling(at: now) * 3 / 4), now + window * HeldWindow.windowsLowered)
    }

    // MARK: Room

    /// The limit in force: ``limit``, or less for a while after a refusal.
    public func ceiling(at now: Instant) -> Int {
        guard let lowered, now < lowered.until else { return limit }
        return min(limit, lowered.limit)
    }

    /// Until when the limit in force is a lowered one.
    public func loweredUntil(at now: Instant) -> Instant? {
        lowered.flatMap { now < $0.until ? $0.until : nil }
    }

    /// Calls that count now.
    public func used(at now: Instant) -> Int { inFlight + pending(at: now).count }

    /// Calls that may go now.
    public func available(at now: Instant) -> Int {
        if let pausedUntil, now < pausedUntil { return 0 }
        return max(0, ceiling(at: now) - used(at: now))
    }

    /// When there is room for one more call behind `others`, as far as can be told: not before `now`.
    public func free(behind others: Int, at now: Instant) -> Instant {
        let pending = pending(at: now)
        let ceiling = ceiling(at: now)
        let start = max(now, pausedUntil ?? now)
        let place = others - (ceiling - inFlight - pending.count)
        if place < 0 { return start }
        // Room that is there again is used again, not always at once, and there again a window after that.
        let (round, slot) = (place / ceiling, place % ceiling)
        let first =
            slot < pending.count ? pending[pending.startIndex + slot] : now + window + HeldWindow.allowance
        return max(start, first) + (window + HeldWindow.allowance * 3) * round
    }

    /// When nothing counts any more, if no further call is sent.
    public func reset(at now: Instant) -> Instant {
        inFlight > 0 ? now + window : max(now, ends.last ?? now, pausedUntil ?? now)
    }

    private func pending(at now: Instant) -> ArraySlice<Instant> {
        ends[(ends.firstIndex { $0 > now } ?? ends.endIndex)...]
    }
}
