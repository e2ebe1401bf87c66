/// How long to wait between attempts: exponential with full jitter, so that many bridges do not dial in step.
public struct SessionBackoff: Equatable, Sendable {
    /// The longest first wait.
    public var initial: Duration
    /// The longest wait of all.
    public var maximum: Duration
    /// A link that was ready for this long starts anew with the first wait.
    public var stableAfter: Duration
    /// The shortest wait after the broker said that too many connections are open.
    public var connectionLimit: Duration

    /// 1 s doubling to 60 s; anew after 60 s of calm; 60 s after a connection limit.
    public init(
        initial: Duration = .seconds(1), maximum: Duration = .seconds(60), stableAfter: Duration = .seconds(60),
        connectionLimit: Duration = .seconds(60)
    ) {
        self.initial = initial
        self.maximum = maximum
        self.stableAfter = stableAfter
        self.connectionLimit = connectionLimit
    }

    /// The wait before the next attempt.
    ///
    /// - Parameters:
    ///   - attempts: failed ones so far, from 1.
    ///   - jitter: a random number of 0...1.
    public func wait(attempts: Int, jitter: Double) -> Duration {
        var longest = initial
        for _ in 1..<max(1, min(attempts, 32)) { longest = min(longest * 2, maximum) }
        return min(longest, maximum) * min(max(jitter, 0), 1)
    }
}
