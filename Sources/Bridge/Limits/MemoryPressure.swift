/// How near the process is to the memory it may use, and so what it gives up first.
///
///     ample ──80 %──▶ tight ──90 %──▶ scarce
///       ◀── below 75 %     ◀── below 85 %
struct MemoryPressure: Equatable, Sendable {
    enum Stage: Int, Comparable, Sendable {
        /// Everything is taken in.
        case ample
        /// No further streams.
        case tight
        /// Nothing but what takes risk away, and what says how things are.
        case scarce

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    /// Bytes.
    let limit: Int
    private(set) var stage = Stage.ample

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Takes a measurement; whether the stage is another than before.
    mutating func measured(_ used: Int) -> Bool {
        let before = stage
        // By division: a limit may be as large as a number.
        func isAbove(_ percent: Int) -> Bool { used / percent >= limit / 100 }
        stage =
            switch before {
            case .ample: isAbove(90) ? .scarce : isAbove(80) ? .tight : .ample
            case .tight: isAbove(90) ? .scarce : isAbove(75) ? .tight : .ample
            case .scarce: isAbove(85) ? .scarce : isAbove(75) ? .tight : .ample
            }
        return stage != before
    }
}
