/// Appends big-endian integers and runs of bytes.
public struct ByteWriter: Sendable {
    /// Everything written so far.
    public private(set) var bytes: [UInt8] = []

    /// An empty writer with room for `capacity` bytes.
    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends `more` as it is.
    public mutating func write(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// One byte.
    public mutating func writeUInt8(_ value: UInt8) {
        bytes.append(value)
    }

    /// Two bytes.
    public mutating func writeUInt16(_ value: UInt16) {
        integer(UInt64(value), width: 2)
    }

    /// The low three bytes of `value`; the caller has checked that the fourth is zero.
    public mutating func writeUInt24(_ value: UInt32) {
        integer(UInt64(value), width: 3)
    }

    /// Four bytes.
    public mutating func writeUInt32(_ value: UInt32) {
        integer(UInt64(value), width: 4)
    }

    /// Eight bytes.
    public mutating func writeUInt64(_ value: UInt64) {
        integer(value, width: 8)
    }

    private mutating func integer(_ value: UInt64, width: Int) {
        for shift in stride(from: (width - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }
}
