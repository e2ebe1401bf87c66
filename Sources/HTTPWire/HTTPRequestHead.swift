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

    /// One object for all of it: a head is handed on many times while its request is answered.
    private final class Parts: Sendable {
        let method: HTTPMethod
        let target: RequestTarget
        let version: HTTPVersion
        let fields: HTTPFields
        let authority: String?
        let keepsAlive: Bool
        let expectsContinue: Bool
        let bodyLength: BodyLength

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
    }

    private let parts: Parts

    /// As sent.
    public var method: HTTPMethod { parts.method }
    /// Path and query.
    public var target: RequestTarget { parts.target }
    /// 1.0 or 1.1.
    public var version: HTTPVersion { parts.version }
    /// Every field line as it came.
    public var fields: HTTPFields { parts.fields }
    /// The value of the first field of that name.
    public func value(of name: HTTPFieldName) -> String? { parts.fields[name] }
    /// The seconds that ``Preferences/waitSeconds(_:)`` finds.
    public var preferredWaitSeconds: Int? { Preferences.waitSeconds(parts.fields) }
    /// As ``HTTPFields/withOnlyValue(of:_:)``.
    public func withOnlyValue(of name: HTTPFieldName, _ body: (UnsafeRawBufferPointer) -> Void) {
        parts.fields.withOnlyValue(of: name, body)
    }
    /// Host and port as sent: of `Host`, and of the absolute form, which must be the same. Valid as an
    /// ``HTTPAuthority``. Absent only in HTTP/1.0.
    public var authority: String? { parts.authority }
    /// Whether the client means to send another request on this connection.
    public var keepsAlive: Bool { parts.keepsAlive }
    /// Whether it waits for `100 Continue` before it sends the body that it announced.
    public var expectsContinue: Bool { parts.expectsContinue }
    /// What follows.
    public var bodyLength: BodyLength { parts.bodyLength }

    init(
        method: HTTPMethod, target: RequestTarget, version: HTTPVersion, fields: HTTPFields, authority: String?,
        keepsAlive: Bool, expectsContinue: Bool, bodyLength: BodyLength
    ) {
        parts = Parts(
            method: method, target: target, version: version, fields: fields, authority: authority,
            keepsAlive: keepsAlive, expectsContinue: expectsContinue, bodyLength: bodyLength)
    }

    /// Equal in every part.
    public static func == (left: HTTPRequestHead, right: HTTPRequestHead) -> Bool {
        left.parts === right.parts
            || left.method == right.method && left.target == right.target && left.version == right.version
                && left.fields == right.fields && left.authority == right.authority
                && left.keepsAlive == right.keepsAlive && left.expectsContinue == right.expectsContinue
                && left.bodyLength == right.bodyLength
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
