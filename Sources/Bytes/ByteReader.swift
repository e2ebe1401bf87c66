/// Reads big-endian integers and runs of bytes from the front of a buffer.
///
/// Every read answers `nil` when too few bytes are left, and then takes none.
public struct ByteReader: Sendable {
    /// What has not been read yet.
    public private(set) var remaining: ArraySlice<UInt8>

    /// Reads from the first byte of `bytes`.
    public init(_ bytes: ArraySlice<UInt8>) {
        remaining = bytes
    }

    /// Reads from the first byte of `bytes`.
    public init(_ bytes: [UInt8]) {
        remaining = bytes[...]
    }

    /// Whether nothing is left.
    public var isAtEnd: Bool { remaining.isEmpty }

    /// The next `count` bytes; `nil` for a negative count too.
    public mutating func read(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= remaining.count else { return nil }
        let taken = remaining.prefix(count)
        remaining = remaining.dropFirst(count)
        return taken
    }

    /// One byte.
    public mutating func readUInt8() -> UInt8? {
        remaining.popFirst()
    }

    /// Two bytes.
    public mutating func readUInt16() -> UInt16? {
        integer(2).map { UInt16(truncatingIfNeeded: $0) }
    }

    /// Three bytes, 0 to 16777215.
    public mutating func readUInt24() -> UInt32? {
        integer(3).map { UInt32(truncatingIfNeeded: $0) }
    }

    /// Four bytes.
    public mutating func readUInt32() -> UInt32? {
        integer(4).map { UInt32(truncatingIfNeeded: $0) }
    }

    /// Eight bytes.
    public mutating func readUInt64() -> UInt64? {
        integer(8)
    }

    private mutating func integer(_ width: Int) -> UInt64? {
        read(width).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
