/// What a request asks for: a path and a query, checked when it was read, decoded when it is looked at.
///
/// A target that exists is clean: its path has no empty, `.` or `..` segment (also not in escaped form), no `;`, no
/// escaped separator; no escape stands for a control character; decoded texts are UTF-8. So what a proxy in front saw
/// as its path is what is routed here.
///
/// - Source: RFC 9112 §3.2 for the forms, RFC 3986 §3.3 and §3.4 for the characters.
public struct RequestTarget: Sendable, Equatable {
    /// Path and query as sent, without scheme and authority; `*` for the asterisk form.
    public let text: String
    /// Bytes of `text` up to the `?`.
    let pathCount: Int
    /// Whether the path has escapes to undo.
    let isPathEscaped: Bool

    /// Why a target is refused.
    enum Fault: Error, Equatable {
        /// Empty, or no path where one must be.
        case notAPath
        /// A byte that must be escaped.
        case badCharacter
        /// `%` without two hexadecimal digits.
        case badEscape
        /// An escaped `/`, `\` or control character.
        case forbiddenEscape
        /// `//`, `.` or `..`.
        case forbiddenSegment
        /// Decoded text that is not UTF-8.
        case notUTF8
    }

    /// Reads `/path?query` or `*`; `nil` for anything that is not clean.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let target = try? RequestTarget(reading: bytes.span, in: 0..<bytes.count) else { return nil }
        self = target
    }

    /// The path of `http://host`, which has none.
    static let root = RequestTarget(checked: "/", pathCount: 1, isPathEscaped: false)
    /// The server itself.
    static let asterisk = RequestTarget(checked: "*", pathCount: 1, isPathEscaped: false)

    private init(checked text: String, pathCount: Int, isPathEscaped: Bool) {
        self.text = text
        self.pathCount = pathCount
        self.isPathEscaped = isPathEscaped
    }

    /// Whether it is the `*` of `OPTIONS *`: the server, no resource.
    public var isAsterisk: Bool { text == "*" }

    /// The path as sent, without the query.
    public var rawPath: Substring { Substring(text.utf8.prefix(pathCount)) }

    /// The query as sent, without the `?`; `nil` when there is no `?`.
    public var rawQuery: Substring? {
        text.utf8.count > pathCount ? Substring(text.utf8.dropFirst(pathCount + 1)) : nil
    }

    /// The path's segments, decoded: `/v1/depth/700.HK` gives three, `/` none. A last `/` gives an empty one at the end.
    public var segments: [String] {
        guard !isAsterisk, pathCount > 1 else { return [] }
        return rawPath.utf8.dropFirst().split(separator: ASCII.slash, omittingEmptySubsequences: false)
            .map { PercentCoding.decode($0, plusIsSpace: false) }
    }

    /// The query's names and values in order, decoded as forms are: `+` is a space. A name without `=` has an empty
    /// value; nothing between two `&` is nothing.
    public var query: [(name: String, value: String)] {
        guard let rawQuery else { return [] }
        return rawQuery.utf8.split(separator: UInt8(ascii: "&")).map { item in
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? PercentCoding.decode(parts[1], plusIsSpace: true) : ""
            return (PercentCoding.decode(parts[0], plusIsSpace: true), value)
        }
    }
}

extension RequestTarget {
    /// Checks the origin or asterisk form in `range`.
    init(reading bytes: Span<UInt8>, in range: Range<Int>) throws(Fault) {
        guard let first = range.first else { throw .notAPath }
        if bytes[first] != ASCII.slash {
            guard range.count == 1, bytes[first] == UInt8(ascii: "*") else { throw .notAPath }
            self.init(checked: "*", pathCount: 1, isPathEscaped: false)
            return
        }
        var index = first
        var isPathEscaped = false
        while index < range.upperBound, bytes[index] != ASCII.question {
            let byte = bytes[index]
            guard ByteSet.path.contains(byte) else { throw .badCharacter }
            if byte == ASCII.percent { isPathEscaped = true }
            if byte == ASCII.slash, index > first, bytes[index - 1] == ASCII.slash { throw .forbiddenSegment }
            // A segment of dots begins with one, plain or escaped.
            if byte == ASCII.slash, index + 1 < range.upperBound, bytes[index + 1] == UInt8(ascii: ".") {
                guard !RequestTarget.isDots(bytes, from: index + 1, to: range.upperBound) else {
                    throw .forbiddenSegment
                }
            }
            index += 1
        }
        let pathEnd = index
        var isQueryEscaped = false
        while index < range.upperBound {
            let byte = bytes[index]
            guard ByteSet.query.contains(byte) else { throw .badCharacter }
            if byte == ASCII.percent { isQueryEscaped = true }
            index += 1
        }
        if isPathEscaped { try RequestTarget.checkEscapedPath(bytes, in: first..<pathEnd) }
        if isQueryEscaped { try PercentCoding.check(bytes, in: pathEnd..<range.upperBound, refusing: nil) }
        self.init(
            checked: String(bytes, in: range), pathCount: pathEnd - first, isPathEscaped: isPathEscaped)
    }

    /// Whether the segment is `.` or `..`.
    private static func isDots(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        var index = start
        while index < end, bytes[index] == UInt8(ascii: ".") { index += 1 }
        return index - start <= 2 && (index == end || bytes[index] == ASCII.slash || bytes[index] == ASCII.question)
    }

    private static func checkEscapedPath(_ bytes: Span<UInt8>, in range: Range<Int>) throws(Fault) {
        try PercentCoding.check(bytes, in: range, refusing: ASCII.slash)
        var start = range.lowerBound + 1
        while start <= range.upperBound {
            var end = start
            while end < range.upperBound, bytes[end] != ASCII.slash { end += 1 }
            let segment = PercentCoding.decodedBytes(bytes, in: start..<end)
            if segment == [UInt8(ascii: ".")] || segment == Array("..".utf8) { throw .forbiddenSegment }
            start = end + 1
        }
    }
}

extension String {
    /// Text out of bytes known to be ASCII or UTF-8.
    init(_ bytes: Span<UInt8>, in range: Range<Int>) {
        self = bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
