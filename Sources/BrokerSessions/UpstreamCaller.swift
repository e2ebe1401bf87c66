public import Clocks

/// For whom a broker is asked.
public struct UpstreamCaller: Sendable {
    /// The name of the key whose request the running task answers; empty where nobody waits for it. Who was told to come
    /// back is known again by this.
    public var name: String
    /// Until when the caller counts as one who came back when it was told to; `nil` for who just came.
    public var isExpectedUntil: Instant?
    /// Whether the caller said how long it waits at most: then it does not wait longer for room that was promised.
    public var isHurried: Bool

    /// Somebody.
    public init(name: String = "", isExpectedUntil: Instant? = nil, isHurried: Bool = false) {
        self.name = name
        self.isHurried = isHurried
        self.isExpectedUntil = isExpectedUntil
    }

    /// The one the running task works for. Tasks that outlive the request keep the name, so the expectation has an end.
    @TaskLocal public static var current = UpstreamCaller()

    /// Whether the caller came back when it was told to.
    public func isExpected(at now: Instant) -> Bool { isExpectedUntil.map { now < $0 } ?? false }
}
