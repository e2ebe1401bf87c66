/// Tells new pushes of one security and type from repeated and late ones, by their sequence number.
///
/// Numbers grow, with gaps. One that does not is dropped; but so many late ones in growing order mean that the server
/// counts anew, and then the newest is taken, since a feed that stays mute is worse than one repeated push.
///
/// - Source: Longbridge OpenAPI names the member without scope or rule; the vendor's client ignores it.
public struct SequenceRule: Equatable, Sendable {
    /// The last number taken; 0 before the first.
    public private(set) var last: Int64 = 0
    private var late: Int64 = 0
    private var lateInRow = 0

    /// Late numbers in growing order after which the server is believed to count anew.
    public static let restartAfter = 16

    /// Has taken nothing yet.
    public init() {}

    /// Whether a push with this number is new. 0 means that the server does not count, and is always new.
    public mutating func takes(_ sequence: Int64) -> Bool {
        guard sequence != 0, sequence <= last else {
            if sequence != 0 { last = sequence }
            lateInRow = 0
            return true
        }
        lateInRow = sequence < last && (lateInRow == 0 || sequence > late) ? lateInRow + 1 : 0
        late = sequence
        guard lateInRow >= SequenceRule.restartAfter else { return false }
        last = sequence
        lateInRow = 0
        return true
    }
}
