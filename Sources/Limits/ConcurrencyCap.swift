/// A bound on how many things run at once. It queues nobody: the caller refuses or keeps its own bounded queue.
public struct ConcurrencyCap: Sendable {
    /// The most at once; zero or less lets nobody in.
    public let limit: Int
    /// How many are in now.
    public private(set) var inUse = 0

    /// Nobody is in at first.
    public init(limit: Int) {
        self.limit = limit
    }

    /// Lets one in if there is room. Each `true` is owed exactly one ``leave()``.
    public mutating func enter() -> Bool {
        guard inUse < limit else { return false }
        inUse += 1
        return true
    }

    /// Lets one out. To leave without having entered is our own mistake, and traps.
    public mutating func leave() {
        precondition(inUse > 0, "left without having entered")
        inUse -= 1
    }
}
