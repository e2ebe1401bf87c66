/// A host and a port as `Host` carries them: `localhost:8080`, `[::1]`, `bridge.example.com`.
///
/// - Source: RFC 9110 §7.2; the host is held to letters, digits, `-`, `.`, `_`, `~`, or an IPv6 literal.
public struct HTTPAuthority: Sendable, Hashable, CustomStringConvertible {
    /// In lower case; an IPv6 literal without its brackets.
    public let host: String
    /// Absent means the scheme's own.
    public let port: Int?

    /// `nil` for anything else, also for user information, an empty host, a port of 0 or over 65535.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let parts = HTTPAuthority.parts(of: bytes.span, in: 0..<bytes.count) else { return nil }
        host = String(decoding: bytes[parts.host].map(ASCII.lowercased), as: UTF8.self)
        port = parts.port
    }

    /// As it stands in `Host`.
    public var description: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return port.map { "\(host):\($0)" } ?? host
    }

    /// Where the host lies, without brackets, and the port; `nil` if the bytes are not an authority.
    static func parts(of bytes: Span<UInt8>, in range: Range<Int>) -> (host: Range<Int>, port: Int?)? {
        guard let first = range.first else { return nil }
        let isLiteral = bytes[first] == UInt8(ascii: "[")
        let start = isLiteral ? first + 1 : first
        let allowed = isLiteral ? ByteSet.ipv6 : ByteSet.host
        var index = start
        while index < range.upperBound, allowed.contains(bytes[index]) { index += 1 }
        let host = start..<index
        guard (1...255).contains(host.count) else { return nil }
        if isLiteral {
            guard index < range.upperBound, bytes[index] == UInt8(ascii: "]"),
                host.contains(where: { bytes[$0] == ASCII.colon })
            else { return nil }
            index += 1
        }
        guard index < range.upperBound else { return (host, nil) }
        let digits = index + 1..<range.upperBound
        guard bytes[index] == ASCII.colon, (1...5).contains(digits.count) else { return nil }
        var port = 0
        for index in digits {
            guard ASCII.isDigit(bytes[index]) else { return nil }
            port = port * 10 + Int(bytes[index] - ASCII.zero)
        }
        return (1...65535).contains(port) ? (host, port) : nil
    }
}
