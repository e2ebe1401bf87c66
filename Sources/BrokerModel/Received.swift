public import Clocks

/// A value together with the time its bytes arrived here.
public struct Received<Value: Sendable>: Sendable {
    /// The value.
    public var value: Value
    /// When it arrived.
    public var at: WallTime

    /// A value that arrived at a time.
    public init(_ value: Value, at: WallTime) {
        self.value = value
        self.at = at
    }
}
