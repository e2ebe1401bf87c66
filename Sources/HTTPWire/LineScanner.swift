/// Finds the ends of CRLF lines in bytes that may be cut anywhere.
///
/// A line's verdict depends on its bytes only, from left to right, never on where the input was cut: the first control
/// character, bare CR or LF, or byte over the limit decides.
enum LineScanner {
    /// What stands where the line should go on.
    enum Fault: Error, Equatable {
        /// LF without CR before it.
        case bareLineFeed
        /// CR without LF after it.
        case bareCarriageReturn
        /// NUL or another control character except HTAB.
        case control
        /// No end within the limit.
        case tooLong
    }

    /// The index of the CR that ends the line beginning at `start`; `nil` when more bytes are needed.
    ///
    /// `limit` counts the line with its CRLF. Bytes at and after 0x80 are left to the caller.
    @inline(__always)
    static func end(of bytes: Span<UInt8>, from start: Int, limit: Int) throws(Fault) -> Int? {
        // Subtracted, not added: a limit may be as large as Int.
        let isLimitReached = bytes.count - start >= limit
        let end = isLimitReached ? start + max(limit, 0) : bytes.count
        let found = firstControl(in: bytes, from: start, to: end)
        guard found < end else {
            if isLimitReached { throw .tooLong }
            return nil
        }
        guard bytes[found] == ASCII.carriageReturn else {
            throw bytes[found] == ASCII.lineFeed ? .bareLineFeed : .control
        }
        guard limit - (found - start) >= 2 else { throw .tooLong }
        guard found + 1 < bytes.count else { return nil }
        guard bytes[found + 1] == ASCII.lineFeed else { throw .bareCarriageReturn }
        return found
    }

    /// The index of the first byte under 0x20 except HTAB, or 0x7F; `end` if there is none. Eight bytes at a time.
    @inline(__always)
    static func firstControl(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let raw = bytes.bytes
        var index = start
        while index < end {
            if index + 8 <= end {
                let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
                // Borrows can only mark bytes above a true hit, so the lowest mark is right.
                let low = (word &- ones &* 0x20) & ~word & highs
                let delete = word ^ (ones &* 0x7F)
                let marks = low | ((delete &- ones) & ~delete & highs)
                guard marks != 0 else {
                    index += 8
                    continue
                }
                index += marks.trailingZeroBitCount / 8
            }
            if !ASCII.isFieldContent(bytes[index]) { return index }
            index += 1
        }
        return end
    }
}
