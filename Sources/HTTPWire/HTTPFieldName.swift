/// A header field's name: a non-empty token, equal without regard to case.
public struct HTTPFieldName: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// As written; this is how it is sent.
    public let text: String

    /// `nil` unless `text` is a token of RFC 9110 §5.6.2.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ ByteSet.token.contains($0) }) else { return nil }
        self.text = text
    }

    /// A name known when the program was written. One that is not a token is a programming error and traps.
    public init(stringLiteral text: String) {
        precondition(!text.isEmpty && text.utf8.allSatisfy { ByteSet.token.contains($0) }, "not a field name: \(text)")
        self.text = text
    }

    /// As written.
    public var description: String { text }

    /// Compares letters without regard to case.
    public static func == (left: HTTPFieldName, right: HTTPFieldName) -> Bool {
        left.text.utf8.count == right.text.utf8.count
            && zip(left.text.utf8, right.text.utf8).allSatisfy { ASCII.lowercased($0) == ASCII.lowercased($1) }
    }

    /// Equal names hash alike.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(ASCII.lowercased(byte)) }
    }
}

extension HTTPFieldName {
    /// Names looked up for each request: made once.
    public static let authorization: HTTPFieldName = "Authorization"
    /// See ``authorization``.
    public static let requestID: HTTPFieldName = "X-Request-Id"
}
