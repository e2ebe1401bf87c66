/// A set of ASCII bytes as two words, so that a test for membership is a shift and touches no memory.
struct ByteSet: Sendable {
    /// Bit n stands for the byte n.
    let low: UInt64
    /// Bit n stands for the byte 64 + n.
    let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte < 64 ? low : high
        return byte < 128 && word &>> UInt64(byte & 63) & 1 != 0
    }

    /// `tchar` of RFC 9110 §5.6.2: methods, field names, media types.
    static let token = ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    /// `pchar` of RFC 3986 and `/`, without `;`: path parameters mean nothing here, and proxies disagree about them.
    static let path = ByteSet(low: 0x27FF_FFF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)
    /// `pchar`, `/` and `?` of RFC 3986 §3.4.
    static let query = ByteSet(low: 0xAFFF_FFF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)
    /// `unreserved` of RFC 3986: what a host name of ours may hold.
    static let host = ByteSet(low: 0x03FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    /// Hexadecimal digits, `:` and `.`: the inside of `[…]`.
    static let ipv6 = ByteSet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E)
    /// Letters, digits, `.`, `_` and `-`: request ids.
    static let identifier = ByteSet(low: 0x03FF_6000_0000_0000, high: 0x07FF_FFFE_87FF_FFFE)
}

/// Bytes with names.
enum ASCII {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let semicolon = UInt8(ascii: ";")
    static let comma = UInt8(ascii: ",")
    static let slash = UInt8(ascii: "/")
    static let question = UInt8(ascii: "?")
    static let percent = UInt8(ascii: "%")
    static let zero = UInt8(ascii: "0")

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    /// The value of a hexadecimal digit.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte - zero }
        let letter = byte | 0x20
        return letter &- UInt8(ascii: "a") < 6 ? letter - UInt8(ascii: "a") + 10 : nil
    }

    /// Whether a field value may hold it: everything but control characters; HTAB may stand in one.
    @inline(__always)
    static func isFieldContent(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == tab }
}
