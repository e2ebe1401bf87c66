/// One `name: value` line, without its CRLF.
///
/// - Source: RFC 9112 §5. No space before the colon, no folding.
enum FieldLine {
    /// Where name and value lie, the value without white space around it. The line holds no control character but HTAB.
    @inline(__always)
    static func slot(_ bytes: Span<UInt8>, in range: Range<Int>) throws(HTTPParseError) -> HTTPFields.Slot {
        var colon = range.lowerBound
        while colon < range.upperBound, ByteSet.token.contains(bytes[colon]) { colon += 1 }
        guard colon > range.lowerBound, colon < range.upperBound, bytes[colon] == ASCII.colon else {
            throw fault(bytes, in: range, at: colon)
        }
        var start = colon + 1
        while start < range.upperBound, isWhiteSpace(bytes[start]) { start += 1 }
        var end = range.upperBound
        while end > start, isWhiteSpace(bytes[end - 1]) { end -= 1 }
        return HTTPFields.Slot(
            name: UInt32(truncatingIfNeeded: range.lowerBound)..<UInt32(truncatingIfNeeded: colon),
            value: UInt32(truncatingIfNeeded: start)..<UInt32(truncatingIfNeeded: end))
    }

    private static func fault(_ bytes: Span<UInt8>, in range: Range<Int>, at index: Int) -> HTTPParseError {
        if index == range.lowerBound, isWhiteSpace(bytes[index]) {
            return .malformed("A header line begins with white space: folding is not accepted.")
        }
        if index < range.upperBound, isWhiteSpace(bytes[index]) {
            return .malformed("White space stands in a field name or before its colon.")
        }
        return .malformed("A header line is not a name, a colon and a value.")
    }

    @inline(__always)
    static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }

    /// Whether the bytes are `text`, which is in lower case, in whatever case.
    @inline(__always)
    static func bytes(_ bytes: Span<UInt8>, in range: Range<Int>, areIgnoringCase text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let expected = text.utf8Start
        for offset in 0..<range.count
        where ASCII.lowercased(bytes[range.lowerBound + offset]) != expected[offset] { return false }
        return true
    }
}
