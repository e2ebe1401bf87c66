public import Clocks

/// Calls that share the budgets of one other side: who may go, who waits, who is refused and until when.
///
///     arrive ──▶ waiting ──room──▶ under way ──end──▶ done
///        │          │ deadline, or leave
///        └──────────┴──▶ refused, with the time at which there is room
///
/// Calls go in order of rank, and of arrival within one. Who is refused is promised the room it is told of: until a
/// little after that time nobody else takes it, calls of rank 0 excepted. Every number taken in leaves once. Holds no
/// clock, timer or task.
public struct CallLine: Sendable {
    /// What a call is.
    public struct Call: Sendable, Hashable {
        /// Lower goes first. Rank 0 has a share of its own in the budgets, and waits for no promise.
        public var rank: Int
        /// The budgets it counts against, by their place in the line.
        public var budgets: [Int]
        /// Its own bucket, if it has one.
        public var bucket: UInt8?
        /// Who wants it; promises are kept by this name, and none without one.
        public var caller: String
        /// Whether the caller comes as it was told, whatever for: then it counts as promised, though no room is kept.
        public var isExpected: Bool
        /// Whether it waits no longer than its deadline, whatever it was promised.
        public var isHurried: Bool

        /// As given.
        public init(
            rank: Int, budgets: [Int], bucket: UInt8? = nil, caller: String = "", isExpected: Bool = false,
            isHurried: Bool = false
        ) {
            self.rank = rank
            self.budgets = budgets
            self.bucket = bucket
            self.caller = caller
            self.isExpected = isExpected
            self.isHurried = isHurried
        }

        /// Whether room for one is room for the other.
        fileprivate func isLike(_ other: Call) -> Bool {
            rank == other.rank && caller == other.caller && bucket == other.bucket && budgets == other.budgets
        }
    }

    /// What becomes of a call.
    public enum Decision: Sendable, Hashable {
        /// It is counted, and must be made now; ``CallLine/end(_:at:)`` is owed.
        case go(Int)
        /// There is no room in time.
        case refuse(Int, retryAfter: Duration)
    }

    /// What a waiter may count on.
    private enum Claim: Int {
        /// Room is kept for it.
        case promised
        /// It comes as it was told, and something else was promised.
        case expected
        case none
    }

    private struct Waiter {
        var number: Int
        var call: Call
        var deadline: Instant
        var claim = Claim.none
        /// Whether others' promises bind it.
        var isBound: Bool { call.rank != 0 && claim != .promised }
    }

    private struct Promise {
        var call: Call
        var at: Instant
        var until: Instant
    }

    /// What the other side allows in its windows.
    public var budgets: [HeldWindow]
    /// What it allows for calls of one kind.
    public var buckets: [UInt8: TokenBucket] = [:]
    /// Calls under way at once.
    public let atOnce: Int
    private let gap: Duration
    private let maximumWaiting: Int
    private var waiting: [Waiter] = []
    private var underWay: [Int: (call: Call, sent: Instant)] = [:]
    private var promises: [Promise] = []
    private var lastEnd: Instant?

    /// Who comes back as told waits so much longer than it would: the room may come late, never early.
    private static let patience = Duration.seconds(5)
    /// A call without an answer is taken to have arrived after so long. Calls of rank 0 do not wait longer than a person
    /// notices; the others are refused behind a side that answers nobody, not let go into it.
    private static func way(_ rank: Int) -> Duration { .milliseconds(rank == 0 ? 300 : 1500) }
    /// Promises to one caller in one rank, and all together.
    private static let promisesEach = 16
    private static let promisesAtMost = 512
    /// When all places are taken nobody knows when one is free; this is a guess.
    private static let busy = Duration.seconds(1)

    /// - Parameters:
    ///   - gap: between two calls, from the answer to one to the next. A call that has no answer for 1.5 s (for 0.3 s,
    ///     where the next is of rank 0) is taken to have arrived.
    ///   - maximumWaiting: one more is refused.
    public init(
        budgets: [HeldWindow], atOnce: Int = .max, gap: Duration = .zero, maximumWaiting: Int = 1000
    ) {
        self.budgets = budgets
        self.atOnce = max(1, atOnce)
        self.gap = gap
        self.maximumWaiting = maximumWaiting
    }

    /// Calls that wait.
    public var waitingCount: Int { waiting.count }
    /// Calls under way.
    public var underWayCount: Int { underWay.count }

    // MARK: Events

    /// Takes in a call that may wait until `deadline`; the decisions may be about others too. Without any about this
    /// number it waits. `nil` when too many wait already.
    public mutating func arrive(_ number: Int, _ call: Call, deadline: Instant, at now: Instant) -> [Decision]? {
        guard waiting.count < maximumWaiting else { return nil }
        dropLapsed(at: now)
        var waiter = Waiter(number: number, call: call, deadline: max(deadline, now))
        let own = promises.firstIndex { $0.call.isLike(call) && CallLine.isDue($0, at: now) }
        if let own { promises.remove(at: own) }
        if own != nil || call.isExpected {
            waiter.claim = own == nil ? .expected : .promised
            if !call.isHurried { waiter.deadline = waiter.deadline + CallLine.patience }
        }
        let place = waiting.firstIndex { CallLine.isAhead(waiter, of: $0) } ?? waiting.count
        waiting.insert(waiter, at: place)
        var decisions = advance(at: now)
        if let index = waiting.firstIndex(where: { $0.number == number }) {
            let due = due(of: index, at: now)
            if due > waiter.deadline { decisions.append(refuse(waiting.remove(at: index), due: due, at: now)) }
        }
        return decisions
    }

    /// Lets go whoever may, and refuses whose time is over.
    public mutating func advance(at now: Instant) -> [Decision] {
        guard !waiting.isEmpty else { return [] }
        dropLapsed(at: now)
        var decisions: [Decision] = []
        var index = 0
        while index < waiting.count {
            let waiter = waiting[index]
            if mayGo(waiter, at: now) {
                waiting.remove(at: index)
                send(waiter, at: now)
                decisions.append(.go(waiter.number))
            } else if waiter.deadline <= now {
                let due = due(of: index, at: now)
                waiting.remove(at: index)
                decisions.append(refuse(waiter, due: due, at: now))
            } else {
                index += 1
            }
        }
        return decisions
    }

    /// A call that was let go has ended; unknown numbers are ignored. ``advance(at:)`` follows.
    public mutating func end(_ number: Int, at now: Instant) {
        guard let (call, _) = underWay.removeValue(forKey: number) else { return }
        lastEnd = now
        for budget in call.budgets where budgets.indices.contains(budget) { budgets[budget].end(at: now) }
    }

    /// The caller of a waiting call has left.
    public mutating func leave(_ number: Int) { waiting.removeAll { $0.number == number } }

    /// When ``advance(at:)`` has something to do; `nil` for never.
    public func nextDeadline(at now: Instant) -> Instant? {
        guard !waiting.isEmpty else { return nil }
        let hasPlace = underWay.count < atOnce
        let lapse = promises.filter { CallLine.isDue($0, at: now) }.map(\.until).min()
        return waiting.map { waiter in
            guard hasPlace else { return waiter.deadline }
            var due = max(earliest(waiter.call, at: now) { _ in 0 }, afterGap(waiter.call.rank, at: now))
            // Something that ends tells by itself.
            if due <= now { due = lapse ?? now + CallLine.busy }
            return min(waiter.deadline, due)
        }.min()
    }

    // MARK: Rules

    private static func isAhead(_ one: Waiter, of other: Waiter) -> Bool {
        (one.call.rank, one.claim.rawValue) < (other.call.rank, other.claim.rawValue)
    }

    private func mayGo(_ waiter: Waiter, at now: Instant) -> Bool {
        let call = waiter.call
        guard underWay.count < atOnce, afterGap(call.rank, at: now) <= now else { return false }
        if let bucket = call.bucket, let rate = buckets[bucket], rate.nextAdmission(at: now) > now { return false }
        return call.budgets.allSatisfy { budget in
            budgets[budget].available(at: now) > (waiter.isBound ? held(budget, from: waiter, at: now) : 0)
        }
    }

    /// Room that is there, or will be in a moment, and is for those with a better claim.
    private func held(_ budget: Int, from waiter: Waiter, at now: Instant) -> Int {
        promises.count { CallLine.isDue($0, at: now) && $0.call.budgets.contains(budget) }
            + waiting.count {
                $0.claim.rawValue < waiter.claim.rawValue && $0.call.budgets.contains(budget)
            }
    }

    private static func isDue(_ promise: Promise, at now: Instant) -> Bool {
        promise.at - HeldWindow.allowance <= now
    }

    private mutating func send(_ waiter: Waiter, at now: Instant) {
        for budget in waiter.call.budgets { budgets[budget].take(at: now) }
        if let bucket = waiter.call.bucket { _ = buckets[bucket]?.take(at: now) }
        underWay[waiter.number] = (waiter.call, now)
    }

    private mutating func refuse(_ waiter: Waiter, due: Instant, at now: Instant) -> Decision {
        let due = due > now ? due : now + CallLine.busy
        let call = waiter.call
        let count = promises.count { $0.call.caller == call.caller && $0.call.rank == call.rank }
        if !call.caller.isEmpty, count < CallLine.promisesEach, promises.count < CallLine.promisesAtMost {
            let place = promises.firstIndex { $0.at > due } ?? promises.count
            // Times are told in whole seconds.
            let until = now + .seconds((due - now).secondsRoundedUp) + ReturnTable.grace
            promises.insert(Promise(call: call, at: due, until: until), at: place)
        }
        return .refuse(waiter.number, retryAfter: due - now)
    }

    /// When a waiter's turn comes, behind those ahead of it and those who were promised room.
    private func due(of index: Int, at now: Instant) -> Instant {
        let waiter = waiting[index]
        return earliest(waiter.call, at: now) { budget in
            let ahead = waiting[..<index].count {
                $0.call.budgets.contains(budget) && $0.claim.rawValue <= waiter.claim.rawValue
            }
            return waiter.isBound ? ahead + promises.count { $0.call.budgets.contains(budget) } : ahead
        }
    }

    private func earliest(_ call: Call, at now: Instant, behind: (Int) -> Int) -> Instant {
        var due = now
        for budget in call.budgets { due = max(due, budgets[budget].free(behind: behind(budget), at: now)) }
        if let bucket = call.bucket, let rate = buckets[bucket] { due = max(due, rate.nextAdmission(at: now)) }
        // Answers that are not there yet may come at any moment: nobody is refused for one before its time is over.
        return max(due, afterAnswer(at: now))
    }

    /// When the gap behind the newest answer is over.
    private func afterAnswer(at now: Instant) -> Instant { lastEnd.map { max(now, $0 + gap) } ?? now }

    /// When the gap behind each call is over. It begins when the call has surely arrived: with its answer.
    private func afterGap(_ rank: Int, at now: Instant) -> Instant {
        guard gap > .zero else { return now }
        let way = CallLine.way(rank)
        return underWay.values.reduce(afterAnswer(at: now)) { max($0, $1.sent + way + gap) }
    }

    private mutating func dropLapsed(at now: Instant) {
        promises.removeAll { $0.until <= now }
    }
}
