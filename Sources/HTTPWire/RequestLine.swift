/// `METHOD SP target SP HTTP/x.y`, without its CRLF.
///
/// - Source: RFC 9112 §3. Exactly one space each; nothing is trimmed.
struct RequestLine: Sendable {
    let method: HTTPMethod
    let target: RequestTarget
    let version: HTTPVersion
    /// The authority of the absolute form.
    let authority: String?

    /// Reads the line in `range`, which holds no control character but perhaps HTAB.
    init(reading bytes: Span<UInt8>, in range: Range<Int>) throws(HTTPParseError) {
        var index = range.lowerBound
        while index < range.upperBound, ByteSet.token.contains(bytes[index]) { index += 1 }
        let methodRange = range.lowerBound..<index
        guard !methodRange.isEmpty, index < range.upperBound, bytes[index] == ASCII.space else {
            throw .malformed("The request line does not begin with a method and a space.")
        }
        let targetStart = index + 1
        index = targetStart
        while index < range.upperBound, bytes[index] != ASCII.space { index += 1 }
        let targetRange = targetStart..<index
        guard !targetRange.isEmpty, index < range.upperBound else {
            throw .malformed("The request line has no version.")
        }
        let isPreface =
            RequestLine.bytes(bytes, in: methodRange, are: "PRI") && RequestLine.bytes(bytes, in: targetRange, are: "*")
        guard !isPreface else { throw .malformed("HTTP/2 is not spoken here.") }
        version = try RequestLine.version(bytes, in: index + 1..<range.upperBound)
        guard methodRange.count <= HTTPMethod.longest else { throw .unknownMethod }
        guard !RequestLine.bytes(bytes, in: methodRange, are: "CONNECT") else { throw .noTunnel }
        method =
            RequestLine.bytes(bytes, in: methodRange, are: "GET")
            ? .get : HTTPMethod(checked: String(bytes, in: methodRange))
        if bytes[targetStart] == ASCII.slash || bytes[targetStart] == UInt8(ascii: "*") {
            target = try RequestLine.target(bytes, in: targetRange)
            authority = nil
        } else {
            (target, authority) = try RequestLine.absolute(bytes, in: targetRange, method: method)
        }
        guard !target.isAsterisk || method == .options else {
            throw .malformed("The target * is for OPTIONS only.")
        }
    }

    private static func version(_ bytes: Span<UInt8>, in range: Range<Int>) throws(HTTPParseError) -> HTTPVersion {
        let start = range.lowerBound
        guard range.count == 8, RequestLine.bytes(bytes, in: start..<start + 5, are: "HTTP/"),
            ASCII.isDigit(bytes[start + 5]), bytes[start + 6] == UInt8(ascii: "."), ASCII.isDigit(bytes[start + 7])
        else { throw .malformed("The request line does not end with a version.") }
        switch (bytes[start + 5], bytes[start + 7]) {
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): return .http11
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): return .http10
        default: throw .unknownVersion
        }
    }

    private static func target(_ bytes: Span<UInt8>, in range: Range<Int>) throws(HTTPParseError) -> RequestTarget {
        do throws(RequestTarget.Fault) {
            return try RequestTarget(reading: bytes, in: range)
        } catch {
            throw .malformed(error.detail)
        }
    }

    /// `http://authority/path?query`, or the same with `https`. The query may follow the authority at once.
    private static func absolute(
        _ bytes: Span<UInt8>, in range: Range<Int>, method: HTTPMethod
    ) throws(HTTPParseError) -> (RequestTarget, String) {
        let schemes: [StaticString] = ["http://", "https://"]
        let scheme = schemes.first { scheme in
            range.count > scheme.utf8CodeUnitCount
                && RequestLine.bytes(
                    bytes, in: range.lowerBound..<range.lowerBound + scheme.utf8CodeUnitCount, areIgnoringCase: scheme)
        }
        guard let scheme else { throw .malformed("The target is neither a path nor an http URL.") }
        let start = range.lowerBound + scheme.utf8CodeUnitCount
        var end = start
        while end < range.upperBound, bytes[end] != ASCII.slash, bytes[end] != ASCII.question { end += 1 }
        guard HTTPAuthority.parts(of: bytes, in: start..<end) != nil else {
            throw .malformed("The target's authority is not a host and port.")
        }
        let authority = String(bytes, in: start..<end)
        guard end < range.upperBound else { return (method == .options ? .asterisk : .root, authority) }
        guard bytes[end] == ASCII.slash else { throw .malformed("The target has a query but no path.") }
        return (try target(bytes, in: end..<range.upperBound), authority)
    }

    private static func bytes(_ bytes: Span<UInt8>, in range: Range<Int>, are text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { expected in
            for offset in 0..<expected.count where bytes[range.lowerBound + offset] != expected[offset] { return false }
            return true
        }
    }

    private static func bytes(_ bytes: Span<UInt8>, in range: Range<Int>, areIgnoringCase text: StaticString) -> Bool {
        FieldLine.bytes(bytes, in: range, areIgnoringCase: text)
    }
}

extension RequestTarget.Fault {
    /// In words for a problem.
    var detail: String {
        switch self {
        case .notAPath: "The target is not a path."
        case .badCharacter: "The target holds a character that must be escaped."
        case .badEscape: "The target holds a % without two hexadecimal digits."
        case .forbiddenEscape: "The target holds an escaped separator or control character."
        case .forbiddenSegment: "The path holds an empty segment, . or ..."
        case .notUTF8: "The target is not UTF-8 once decoded."
        }
    }
}
