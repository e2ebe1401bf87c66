/// An answer whose body is at hand.
public struct HTTPResponse: Sendable, Equatable {
    /// One object for all of it: an answer is handed on many times, and one from memory given again and again. It is changed
    /// only by its one owner (see ``own()``), so that sharing it between threads is safe.
    private final class Parts: @unchecked Sendable, Equatable {
        var status: Int
        var fields: HTTPFields
        var body: [UInt8]
        var routeTemplate: String?
        var keyName: String?

        init(status: Int, fields: HTTPFields, body: [UInt8], routeTemplate: String?, keyName: String?) {
            self.status = status
            self.fields = fields
            self.body = body
            self.routeTemplate = routeTemplate
            self.keyName = keyName
        }

        static func == (left: Parts, right: Parts) -> Bool {
            left === right
                || left.status == right.status && left.fields == right.fields && left.body == right.body
                    && left.routeTemplate == right.routeTemplate && left.keyName == right.keyName
        }
    }

    private var parts: Parts

    private mutating func own() {
        guard !isKnownUniquelyReferenced(&parts) else { return }
        parts = Parts(
            status: parts.status, fields: parts.fields, body: parts.body, routeTemplate: parts.routeTemplate,
            keyName: parts.keyName)
    }

    /// 200 to 599.
    public var status: Int {
        get { parts.status }
        set {
            own()
            parts.status = newValue
        }
    }
    /// Fields beside those the server writes itself: `Date`, `Content-Length`, `Transfer-Encoding`, `Connection` and
    /// `X-Request-Id` are ignored here.
    public var fields: HTTPFields {
        get { parts.fields }
        _modify {
            own()
            yield &parts.fields
        }
    }
    /// Sent unless the request was HEAD or the status has no body.
    public var body: [UInt8] {
        get { parts.body }
        _modify {
            own()
            yield &parts.body
        }
    }
    /// The template that was routed to, for the access log and metrics; never the path itself.
    public var routeTemplate: String? {
        get { parts.routeTemplate }
        set {
            own()
            parts.routeTemplate = newValue
        }
    }
    /// The name of the caller's key, for the access log.
    public var keyName: String? {
        get { parts.keyName }
        set {
            own()
            parts.keyName = newValue
        }
    }
    /// Where the caller stands with its limits; sent as two fields.
    public var rateLimit: RateLimitFields?
    /// Of a problem that passes with time: after how long, exactly. Its field says whole seconds.
    public var retryAfter: Duration?

    /// An answer as it will be sent.
    public init(
        status: Int = 200, fields: HTTPFields = [:], body: [UInt8] = [], routeTemplate: String? = nil,
        keyName: String? = nil
    ) {
        parts = Parts(status: status, fields: fields, body: body, routeTemplate: routeTemplate, keyName: keyName)
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
