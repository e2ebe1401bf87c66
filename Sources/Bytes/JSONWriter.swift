/// Appends JSON (RFC 8259) to a byte array, placing commas by itself.
///
/// Calls must nest: a key before each member of an object, an end for each begin. Misuse is a programming error and gives
/// text that is not JSON; it is not checked.
public struct JSONWriter: Sendable {
    /// The text so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty writer with room for `capacity` bytes.
    public init(capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// Has `body` write members behind what `bytes` ends in: the inside of an object, behind a member of it.
    public static func appendMembers(to bytes: inout [UInt8], _ body: (inout JSONWriter) -> Void) {
        append(to: &bytes, needsComma: true, body)
    }

    /// Has `body` write one value behind what `bytes` ends in: the key of a member.
    public static func appendValue(to bytes: inout [UInt8], _ body: (inout JSONWriter) -> Void) {
        append(to: &bytes, needsComma: false, body)
    }

    private static func append(to bytes: inout [UInt8], needsComma: Bool, _ body: (inout JSONWriter) -> Void) {
        var json = JSONWriter(needsComma: needsComma)
        // Swapped, not copied: the bytes must have one owner to grow in their place.
        swap(&json.bytes, &bytes)
        body(&json)
        swap(&json.bytes, &bytes)
    }

    private init(needsComma: Bool) {
        self.needsComma = needsComma
    }

    /// `{`
    public mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    /// `}`
    public mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// `[`
    public mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    /// `]`
    public mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A member's name; its value follows.
    public mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member's name that is not known beforehand, escaped.
    public mutating func key(dynamic name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A string, escaped. U+2028 and U+2029 are escaped too, so that the text may stand in a script or a log line.
    public mutating func string(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { appendEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A string, or `null`.
    public mutating func string(_ value: String?) {
        if let value { string(value) } else { null() }
    }

    /// A whole number.
    public mutating func int(_ value: some FixedWidthInteger) {
        separate()
        appendDecimal(UInt64(truncatingIfNeeded: value.magnitude), isNegative: value < 0)
        needsComma = true
    }

    /// A whole number of the commonest type, which needs no code for any.
    public mutating func int(_ value: Int) {
        separate()
        appendDecimal(UInt64(value.magnitude), isNegative: value < 0)
        needsComma = true
    }

    /// A whole number, or `null`.
    public mutating func int(_ value: (some FixedWidthInteger)?) {
        if let value { int(value) } else { null() }
    }

    /// `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
        needsComma = true
    }

    /// `true`, `false` or `null`.
    public mutating func bool(_ value: Bool?) {
        if let value { bool(value) } else { null() }
    }

    /// `null`
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
        needsComma = true
    }

    /// A decimal as a **string**, in the text it came with; `null` where unknown.
    public mutating func decimal(_ value: DecimalText?) {
        guard let value else { return null() }
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: value.text.utf8)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// One JSON value, already encoded.
    public mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func appendDecimal(_ value: UInt64, isNegative: Bool) {
        var magnitude = value
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10)
                magnitude /= 10
            } while magnitude > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            let isSeparator =
                byte == 0xE2 && index + 2 < text.count && text[index + 1] == 0x80 && (text[index + 2] | 1) == 0xA9
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F || isSeparator
            else {
                index += 1
                continue
            }
            bytes.append(contentsOf: text[start..<index])
            if isSeparator {
                bytes.append(contentsOf: (text[index + 2] == 0xA8 ? "\\u2028" : "\\u2029").utf8)
                index += 3
            } else {
                appendEscape(byte)
                index += 1
            }
            start = index
        }
        bytes.append(contentsOf: text[start..<index])
    }

    private mutating func appendEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(contentsOf: Hex.encode([byte]).utf8)
        }
    }
}
