/// A request without its body, checked as a whole.
public struct HTTPRequestHead: Sendable, Equatable {
    /// How the body is delimited.
    public enum BodyLength: Sendable, Equatable {
        /// Neither Content-Length nor Transfer-Encoding, or a length of 0.
        case none
        /// Bytes to come, at least one and within the limit.
        case counted(Int)
        /// Chunks; the whole is known to be within the limit only when it has been read.
        case chunked
    }

    /// As sent.
    public let method: HTTPMethod
    /// Path and query.
    public let target: RequestTarget
    /// 1.0 or 1.1.
    public let version: HTTPVersion
    /// Every field line as it came.
    public let fields: HTTPFields
    /// Host and port as sent: of `Host`, and of the absolute form, which must be the same. Valid as an
    /// ``HTTPAuthority``. Absent only in HTTP/1.0.
    public let authority: String?
    /// Whether the client means to send another request on this connection.
    public let keepsAlive: Bool
    /// Whether it waits for `100 Continue` before it sends the body that it announced.
    public let expectsContinue: Bool
    /// What follows.
    public let bodyLength: BodyLength

    init(
        method: HTTPMethod, target: RequestTarget, version: HTTPVersion, fields: HTTPFields, authority: String?,
        keepsAlive: Bool, expectsContinue: Bool, bodyLength: BodyLength
    ) {
        self.method = method
        self.target = target
        self.version = version
        self.fields = fields
        self.authority = authority
        self.keepsAlive = keepsAlive
        self.expectsContinue = expectsContinue
        self.bodyLength = bodyLength
    }

    /// A head made by hand, for calls that bypass the wire: HTTP/1.1, kept alive, without a body. `nil` if the target is
    /// not clean.
    public init?(method: HTTPMethod, target: String, authority: String? = nil, fields: HTTPFields = [:]) {
        guard let target = RequestTarget(target) else { return nil }
        self.init(
            method: method, target: target, version: .http11, fields: fields, authority: authority, keepsAlive: true,
            expectsContinue: false, bodyLength: .none)
    }
}
