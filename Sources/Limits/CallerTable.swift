public import Clocks

/// What each caller (the holder of an API key) may do: for every class of calls a rate, and how many may be under way at
/// once. The table cannot grow without bound.
///
/// A caller is found by name once and by its place from then on. When the table is full, a caller that uses nothing
/// gives up its place, which nobody can notice; when everyone in it is busy, all further callers share one place.
public struct CallerTable: Sendable {
    /// The bounds on one class of calls.
    public struct Bound: Sendable, Hashable {
        /// Calls in ``window``; all of them may come at once.
        public var count: Int
        /// The time in which ``count`` calls come back.
        public var window: Duration
        /// Calls under way at once.
        public var concurrent: Int

        /// Nothing traps: what is below 1 counts as 1.
        public init(count: Int, window: Duration, concurrent: Int) {
            self.count = max(1, count)
            self.window = max(.nanoseconds(1), window)
            self.concurrent = max(1, concurrent)
        }
    }

    /// Where a caller stands in the table. A place that was given up counts with the shared one until its caller is
    /// looked up again.
    public struct Place: Sendable, Hashable {
        /// From 0, below ``CallerTable/maximumPlaces``; 0 is the shared one.
        public let index: Int
        fileprivate let generation: UInt32
    }

    /// What one class of a caller's calls uses.
    public struct Use: Sendable, Hashable {
        /// Calls that would be admitted now.
        public var remaining: Int
        /// Calls under way.
        public var concurrent: Int
        private let resetNanoseconds: Int64

        /// - Parameter reset: how long until all calls are there again.
        public init(remaining: Int, reset: Duration, concurrent: Int) {
            self.init(remaining: remaining, nanoseconds: reset.nanosecondsClamped, concurrent: concurrent)
        }

        fileprivate init(remaining: Int, nanoseconds: Int64, concurrent: Int) {
            self.remaining = remaining
            self.concurrent = concurrent
            resetNanoseconds = nanoseconds
        }

        /// How long until all calls are there again.
        public var reset: Duration { .nanoseconds(resetNanoseconds) }

        /// The same in whole seconds, rounded up.
        public var resetSeconds: Int {
            Int(clamping: resetNanoseconds / 1_000_000_000 + (resetNanoseconds % 1_000_000_000 > 0 ? 1 : 0))
        }
    }

    /// What became of a call that was counted.
    public struct Taken: Sendable, Hashable {
        /// Whether it fits the rate of its class.
        public let verdict: Verdict
        /// Where it was counted.
        public let place: Place
        /// What is used now.
        public let use: Use
    }

    private struct Row {
        var name: String
        var generation: UInt32
    }

    private struct Cell {
        var bound: Bound
        var bucket: TokenBucket
        var inUse = 0

        init(_ bound: Bound) {
            self.bound = bound
            // Rounded up, so that no window holds more than a burst and what came back in it.
            let count = Int64(bound.count)
            let nanoseconds = bound.window.nanosecondsClamped
            let interval = nanoseconds / count + (nanoseconds % count == 0 ? 0 : 1)
            bucket = TokenBucket(interval: .nanoseconds(interval), capacity: bound.count)
        }

        func use(at now: Instant) -> Use {
            Use(
                remaining: bucket.remaining(at: now),
                nanoseconds: bucket.fullAgain(at: now).nanoseconds(since: now), concurrent: inUse)
        }
    }

    /// Callers with a place of their own, and the shared place.
    public let maximumPlaces: Int
    private let classes: Int
    private var rows: [Row]
    private var cells: [Cell]  // row by row
    private var byName: [String: Int] = [:]
    private var nextGeneration: UInt32 = 1

    /// - Parameters:
    ///   - shared: the bounds of the shared place, one for each class of calls; this also says how many classes there are.
    ///   - maximumCallers: how many callers have a place of their own.
    public init(shared: [Bound], maximumCallers: Int) {
        classes = shared.count
        maximumPlaces = max(0, maximumCallers) + 1
        rows = [Row(name: "", generation: 0)]
        cells = shared.map { Cell($0) }
    }

    /// Callers with a place of their own now.
    public var count: Int { byName.count }

    /// The caller's place, with these bounds from now on. Bounds that changed start with a full bucket; what is under way
    /// still counts.
    public mutating func place(of name: String, _ bounds: [Bound], at now: Instant) -> Place {
        precondition(bounds.count == classes, "a bound for each class")
        if let index = byName[name] {
            for number in 0..<classes where cells[index * classes + number].bound != bounds[number] {
                let inUse = cells[index * classes + number].inUse
                cells[index * classes + number] = Cell(bounds[number])
                cells[index * classes + number].inUse = inUse
            }
            return Place(index: index, generation: rows[index].generation)
        }
        guard let index = freeIndex(at: now) else { return shared }
        let row = Row(name: name, generation: nextGeneration)
        nextGeneration &+= 1
        if index == rows.count {
            rows.append(row)
            cells += bounds.map { Cell($0) }
        } else {
            byName[rows[index].name] = nil
            rows[index] = row
            for number in 0..<classes { cells[index * classes + number] = Cell(bounds[number]) }
        }
        byName[name] = index
        return Place(index: index, generation: row.generation)
    }

    /// Where those stand for whom there was no room.
    public var shared: Place { Place(index: 0, generation: 0) }

    /// The place, if it is still its caller's; the shared one otherwise.
    public func current(_ place: Place) -> Place {
        place.index < rows.count && rows[place.index].generation == place.generation ? place : shared
    }

    private func freeIndex(at now: Instant) -> Int? {
        if rows.count < maximumPlaces { return rows.count }
        return (1..<rows.count).first { index in
            (0..<classes).allSatisfy { number in
                let cell = cells[index * classes + number]
                return cell.inUse == 0 && cell.bucket.isFull(at: now)
            }
        }
    }

    // MARK: Calls

    /// Counts a call, if it fits the rate of its class, and says what is left.
    public mutating func take(_ place: Place, _ number: Int, at now: Instant) -> Taken {
        let place = current(place)
        let index = cell(place, number)
        let verdict = cells[index].bucket.take(at: now)
        return Taken(verdict: verdict, place: place, use: cells[index].use(at: now))
    }

    /// Lets a call in that takes time, and says where; `nil` if there is no room. Each place is owed one ``leave(_:_:)``,
    /// and is kept until then.
    public mutating func enter(_ place: Place, _ number: Int) -> Place? {
        let place = current(place)
        let index = cell(place, number)
        guard cells[index].inUse < cells[index].bound.concurrent else { return nil }
        cells[index].inUse += 1
        return place
    }

    /// The call has ended. To leave without having entered is our own mistake, and traps.
    public mutating func leave(_ place: Place, _ number: Int) {
        let index = cell(place, number)
        precondition(cells[index].inUse > 0, "left without having entered")
        cells[index].inUse -= 1
    }

    /// What is used now.
    public func use(_ place: Place, _ number: Int, at now: Instant) -> Use {
        cells[cell(current(place), number)].use(at: now)
    }

    /// What a class of the caller's calls is bound by.
    public func bound(_ place: Place, _ number: Int) -> Bound { cells[cell(current(place), number)].bound }

    private func cell(_ place: Place, _ number: Int) -> Int {
        precondition(number >= 0 && number < classes && place.index < rows.count, "no such place")
        return place.index * classes + number
    }
}
