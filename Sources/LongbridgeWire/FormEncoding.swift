internal import Bytes

/// Queries as the vendor's client writes them: `application/x-www-form-urlencoded`.
///
/// Kept as they are: ASCII letters and digits and `*-._`. A blank is `+`; every other byte of the UTF-8 is `%XX` in upper
/// case.
///
/// - Source: captured from the vendor's Python client 5.3.0.
public enum FormEncoding {
    /// `a=1&b=x+y`. Names are written as they are.
    public static func encode(_ pairs: [(name: String, value: String)]) -> String {
        var bytes: [UInt8] = []
        for (name, value) in pairs {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            bytes += Array(name.utf8)
            bytes.append(UInt8(ascii: "="))
            for byte in value.utf8 { append(byte, to: &bytes) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            bytes.append(byte)
        case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
        default: bytes += Array("%\(Hex.encode([byte]).uppercased())".utf8)
        }
    }
}
