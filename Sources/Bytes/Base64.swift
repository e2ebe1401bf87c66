/// Base 64 of RFC 4648 section 4: `+` and `/`, padded with `=`.
public enum Base64 {
    /// Padded text.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        let text = SextetText.encode(bytes, last: "+/")
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    /// The bytes; `nil` unless the text is padded and canonical (no stray bits, no blanks).
    public static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count.isMultiple(of: 4) else { return nil }
        var body = text.utf8[...]
        var padding = 0
        while padding < 2, body.last == UInt8(ascii: "=") {
            body = body.dropLast()
            padding += 1
        }
        guard padding == (4 - body.count % 4) % 4 else { return nil }
        return SextetText.decode(body, last: "+/")
    }
}

/// Base 64 url of RFC 4648 section 5: `-` and `_`, without padding.
public enum Base64URL {
    /// Text without padding.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        SextetText.encode(bytes, last: "-_")
    }

    /// The bytes; `nil` unless the text is unpadded and canonical.
    public static func decode(_ text: String) -> [UInt8]? {
        SextetText.decode(text.utf8[...], last: "-_")
    }
}

/// What both alphabets share: six bits a character, the highest first.
private enum SextetText {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    static func encode(_ bytes: some Collection<UInt8>, last: StaticString) -> String {
        let alphabet = letters + last.description.utf8
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> UInt32(count) & 63)])
            }
            bits &= (1 << UInt32(count)) - 1
        }
        if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: Substring.UTF8View, last: StaticString) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        let extra = Array(last.description.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        for character in text {
            guard let value = sextet(character, extra: extra) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
            bits &= (1 << UInt32(count)) - 1
        }
        return bits == 0 ? bytes : nil
    }

    private static func sextet(_ character: UInt8, extra: [UInt8]) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        default: extra.firstIndex(of: character).map { UInt8(62 + $0) }
        }
    }
}
