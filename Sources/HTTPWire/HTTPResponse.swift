/// An answer whose body is at hand.
public struct HTTPResponse: Sendable, Equatable {
    /// 200 to 599.
    public var status: Int
    /// Fields beside those the server writes itself: `Date`, `Content-Length`, `Transfer-Encoding`, `Connection` and
    /// `X-Request-Id` are ignored here.
    public var fields: HTTPFields
    /// Sent unless the request was HEAD or the status has no body.
    public var body: [UInt8]
    /// The template that was routed to, for the access log and metrics; never the path itself.
    public var routeTemplate: String?
    /// The name of the caller's key, for the access log.
    public var keyName: String?
    /// Where the caller stands with its limits; sent as two fields.
    public var rateLimit: RateLimitFields?

    /// An answer as it will be sent.
    public init(
        status: Int = 200, fields: HTTPFields = [:], body: [UInt8] = [], routeTemplate: String? = nil,
        keyName: String? = nil
    ) {
        self.status = status
        self.fields = fields
        self.body = body
        self.routeTemplate = routeTemplate
        self.keyName = keyName
    }

    /// 200 with a JSON document.
    public static func json(_ body: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, fields: HTTPResponse.jsonFields, body: body)
    }

    /// 200 with plain text in UTF-8.
    public static func text(_ body: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, fields: HTTPResponse.textFields, body: Array(body.utf8))
    }

    private static let jsonFields: HTTPFields = ["Content-Type": "application/json"]
    private static let textFields: HTTPFields = ["Content-Type": "text/plain; charset=utf-8"]
}
