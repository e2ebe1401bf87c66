public import Bytes
internal import Clocks

/// An error as it is answered: `application/problem+json`.
///
/// - Source: RFC 9457; the members beside its own are in `openapi.yaml`.
public struct Problem: Error, Sendable, Equatable {
    /// What the broker said, for problems it caused.
    public struct Upstream: Sendable, Equatable {
        /// Which broker.
        public var broker: String
        /// Its own code.
        public var code: String?
        /// Its own words.
        public var message: String?
        /// Its name for the call, for its support.
        public var traceID: String?

        /// What is known.
        public init(broker: String, code: String? = nil, message: String? = nil, traceID: String? = nil) {
            self.broker = broker
            self.code = code
            self.message = message
            self.traceID = traceID
        }
    }

    /// The answer's status, 400 to 599.
    public var status: Int
    /// Stable, in `openapi.yaml`; callers branch on it. `type` is `/docs/errors#` and this.
    public var code: String
    /// The same for every problem of that code.
    public var title: String
    /// About this one; safe to show.
    public var detail: String?
    /// Whether the same request may succeed later.
    public var retryable: Bool?
    /// When to try again. The answer's `Retry-After` says the same in whole seconds, at least 1.
    public var retryAfter: Duration?
    /// The JSON pointer of a body's member, or the name of a query parameter.
    public var field: String?
    /// What may have been meant.
    public var suggestions: [String]
    /// The broker's part.
    public var upstream: Upstream?
    /// Further members, written after the others. A name used above must not be used here.
    public var extra: [(name: String, value: JSONValue)]

    /// A problem; without a title it bears its status's words.
    public init(
        status: Int, code: String, title: String? = nil, detail: String? = nil, retryable: Bool? = nil,
        retryAfter: Duration? = nil, field: String? = nil, suggestions: [String] = [], upstream: Upstream? = nil,
        extra: [(name: String, value: JSONValue)] = []
    ) {
        self.status = status
        self.code = code
        self.title = title ?? String(describing: HTTPResponseEncoder.reason(status))
        self.detail = detail
        self.retryable = retryable
        self.retryAfter = retryAfter
        self.field = field
        self.suggestions = suggestions
        self.upstream = upstream
        self.extra = extra
    }

    /// What a refused message is answered with.
    public init(_ error: HTTPParseError) {
        self.init(status: error.status, code: error.code, detail: error.detail)
    }

    /// The JSON document. `requestID` is absent only where there is no request, as in a list of outcomes.
    public func write(to json: inout JSONWriter, requestID: RequestID?) {
        json.beginObject()
        json.key("type")
        json.string("/docs/errors#\(code)")
        json.key("title")
        json.string(title)
        json.key("status")
        json.int(status)
        if let detail {
            json.key("detail")
            json.string(detail)
        }
        json.key("code")
        json.string(code)
        if let requestID {
            json.key("request_id")
            json.string(requestID.text)
        }
        writeOptionalMembers(to: &json)
        json.endObject()
    }

    private func writeOptionalMembers(to json: inout JSONWriter) {
        if let retryable {
            json.key("retryable")
            json.bool(retryable)
        }
        if let retryAfter {
            json.key("retry_after_ms")
            json.int(max(retryAfter.millisecondsRoundedUp, 0))
        }
        if let field {
            json.key("field")
            json.string(field)
        }
        if !suggestions.isEmpty {
            json.key("suggestions")
            json.beginArray()
            for suggestion in suggestions { json.string(suggestion) }
            json.endArray()
        }
        if let upstream {
            json.key("upstream")
            json.beginObject()
            json.key("broker")
            json.string(upstream.broker)
            json.key("code")
            json.string(upstream.code)
            json.key("message")
            json.string(upstream.message)
            json.key("trace_id")
            json.string(upstream.traceID)
            json.endObject()
        }
        for (name, value) in extra {
            json.key(dynamic: name)
            json.value(value)
        }
    }

    /// The answer: the document, its type, `no-store`, and `Retry-After` where it applies.
    public func response(requestID: RequestID?, fields: HTTPFields = [:]) -> HTTPResponse {
        var json = JSONWriter(capacity: 384)
        write(to: &json, requestID: requestID)
        var fields = fields
        fields["Content-Type"] = "application/problem+json"
        fields["Cache-Control"] = "no-store"
        if let retryAfter { fields["Retry-After"] = String(max(retryAfter.secondsRoundedUp, 1)) }
        var response = HTTPResponse(status: status, fields: fields, body: json.bytes)
        response.retryAfter = retryAfter
        return response
    }

    /// Member by member.
    public static func == (left: Problem, right: Problem) -> Bool {
        left.status == right.status && left.code == right.code && left.title == right.title
            && left.detail == right.detail && left.retryable == right.retryable && left.retryAfter == right.retryAfter
            && left.field == right.field && left.suggestions == right.suggestions && left.upstream == right.upstream
            && left.extra.elementsEqual(right.extra) { $0.name == $1.name && $0.value == $1.value }
    }
}
