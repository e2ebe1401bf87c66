public import Clocks

/// Hands out `X-Timestamp` values: seconds with three decimals, no two alike.
///
/// The broker takes a byte-identical signed request for a replay (code 403202), so calls within one millisecond get
/// the following ones.
///
/// - Source: Longbridge OpenAPI, "API signature", which shows `1539095200.123`; the SDK sends whole seconds.
public struct SignatureTimestamps: Sendable {
    private var last: Int64?

    /// Has handed out nothing yet.
    public init() {}

    /// The next value. A wall clock set back by a second or more is followed, as the broker judges by its own.
    public mutating func next(now: WallTime) -> String {
        var milliseconds = max(0, now.milliseconds)
        if let last, milliseconds <= last, last - milliseconds < 1000 { milliseconds = last + 1 }
        last = milliseconds
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)"
    }
}
