/// The answer to a read of several securities: each one asked for is in exactly one of the two.
public struct SymbolResults<Value: Sendable>: Sendable {
    /// Those that were answered.
    public var values: [Symbol: Value]
    /// Those that were not, and why.
    public var failures: [Symbol: BrokerFailure]

    /// One answer.
    public init(values: [Symbol: Value] = [:], failures: [Symbol: BrokerFailure] = [:]) {
        self.values = values
        self.failures = failures
    }
}
