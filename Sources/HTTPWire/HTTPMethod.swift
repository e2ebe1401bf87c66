/// A request's method: a token, compared with regard to case.
public struct HTTPMethod: Sendable, Hashable, CustomStringConvertible {
    /// As sent.
    public let text: String

    /// `nil` unless `text` is a token of at most 32 bytes.
    public init?(_ text: String) {
        guard (1...HTTPMethod.longest).contains(text.utf8.count), text.utf8.allSatisfy({ ByteSet.token.contains($0) })
        else { return nil }
        self.text = text
    }

    /// For a token that is known, or was checked by its reader.
    init(checked text: String) {
        self.text = text
    }

    static let longest = 32

    /// Reads.
    public static let get = HTTPMethod(checked: "GET")
    /// Reads the head only.
    public static let head = HTTPMethod(checked: "HEAD")
    /// Acts, or creates.
    public static let post = HTTPMethod(checked: "POST")
    /// Replaces.
    public static let put = HTTPMethod(checked: "PUT")
    /// Changes parts.
    public static let patch = HTTPMethod(checked: "PATCH")
    /// Removes.
    public static let delete = HTTPMethod(checked: "DELETE")
    /// Asks what is allowed.
    public static let options = HTTPMethod(checked: "OPTIONS")
    /// Echoes; never allowed here.
    public static let trace = HTTPMethod(checked: "TRACE")
    /// Asks for a tunnel; never allowed here.
    public static let connect = HTTPMethod(checked: "CONNECT")

    /// As sent.
    public var description: String { text }
}

/// The versions that are spoken.
public enum HTTPVersion: Sendable, Equatable {
    /// HTTP/1.0: closes unless asked not to, knows no chunks.
    case http10
    /// HTTP/1.1
    case http11
}
