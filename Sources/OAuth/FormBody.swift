internal import Bytes
public import Cryptography

/// A body or query of `application/x-www-form-urlencoded`, as the WHATWG URL standard writes it.
public struct FormBody: Sendable {
    /// May hold secrets: it is written into requests and nowhere else.
    public private(set) var bytes: [UInt8] = []

    /// Nothing yet.
    public init() {}

    /// Appends a member. Names are ours and need no encoding.
    public mutating func add(_ name: StaticString, _ value: String) {
        begin(name)
        for byte in value.utf8 { append(byte) }
    }

    /// Appends a member that is a secret.
    public mutating func add(_ name: StaticString, _ value: Secret) {
        begin(name)
        value.withBytes { for byte in $0 { append(byte) } }
    }

    private mutating func begin(_ name: StaticString) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "="))
    }

    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            bytes.append(byte)
        default:
            bytes.append(UInt8(ascii: "%"))
            bytes.append(contentsOf: Hex.encode([byte]).uppercased().utf8)
        }
    }
}

/// What may stand in a header field, a form or a URL as a token, an identifier or a code.
enum TokenText {
    /// A token of more is no token. The vendor's are below 4 KiB.
    static let limit = 16 << 10

    /// The text, if it is 1 to `limit` visible ASCII characters: nothing that could end a header line.
    static func checked(_ text: String?, limit: Int = TokenText.limit) -> String? {
        guard let text, (1...limit).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        return text
    }

    /// Text of the other side for people: bounded, without control characters.
    static func shown(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.prefix(200).filter { $0.value >= 0x20 && $0.value != 0x7f }))
    }
}
