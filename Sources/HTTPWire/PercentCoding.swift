/// The escapes of RFC 3986 §2.1.
enum PercentCoding {
    /// Checks each escape, and that the decoded whole is UTF-8. A decoded separator is refused in a path (`refusing`:
    /// then `\` is too, which some take for one); a decoded control character everywhere.
    static func check(
        _ bytes: Span<UInt8>, in range: Range<Int>, refusing separator: UInt8?
    ) throws(RequestTarget.Fault) {
        var index = range.lowerBound
        while index < range.upperBound {
            guard bytes[index] == ASCII.percent else {
                index += 1
                continue
            }
            guard index + 2 < range.upperBound, let high = ASCII.hexValue(bytes[index + 1]),
                let low = ASCII.hexValue(bytes[index + 2])
            else { throw .badEscape }
            let byte = high << 4 | low
            if byte < 0x20 || byte == 0x7F { throw .forbiddenEscape }
            if let separator, byte == separator || byte == UInt8(ascii: "\\") { throw .forbiddenEscape }
            index += 3
        }
        guard String(validating: decodedBytes(bytes, in: range), as: UTF8.self) != nil else { throw .notUTF8 }
    }

    /// Undoes escapes that were checked.
    static func decodedBytes(_ bytes: Span<UInt8>, in range: Range<Int>) -> [UInt8] {
        bytes.extracting(range).withUnsafeBufferPointer { decodedBytes($0, plusIsSpace: false) }
    }

    /// Undoes escapes that were checked. One that is malformed all the same stands for itself.
    static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool) -> String {
        String(decoding: decodedBytes(bytes, plusIsSpace: plusIsSpace), as: UTF8.self)
    }

    private static func decodedBytes(_ bytes: some Collection<UInt8>, plusIsSpace: Bool) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == ASCII.percent, let (high, low) = twoDigits(rest) {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte == UInt8(ascii: "+") && plusIsSpace ? ASCII.space : byte)
            }
        }
        return decoded
    }

    private static func twoDigits(_ bytes: some Collection<UInt8>) -> (UInt8, UInt8)? {
        guard let first = bytes.first, let second = bytes.dropFirst().first, let high = ASCII.hexValue(first),
            let low = ASCII.hexValue(second)
        else { return nil }
        return (high, low)
    }
}
