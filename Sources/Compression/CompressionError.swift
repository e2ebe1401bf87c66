/// Why bytes could not be inflated or deflated. None of them carries any of the bytes.
public enum CompressionError: Error, Hashable, Sendable {
    /// The input is not gzip, or a checksum or length in it is wrong.
    case malformed
    /// The input ends inside a member.
    case truncated
    /// The inflated bytes would be more than `limit`; nothing beyond it was kept.
    case tooLarge(limit: Int)
    /// Something that is no further member follows the last one.
    case trailingGarbage
    /// zlib got no memory.
    case outOfMemory
}
