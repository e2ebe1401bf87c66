/// How large a request may be. Each bound is checked before anything is kept or waited for.
public struct HTTPLimits: Sendable, Equatable {
    /// The request line with its CRLF, in bytes; beyond, 414.
    public var requestLineBytes: Int
    /// Request line and header fields up to the empty line and with it, in bytes; beyond, 431. Below `requestLineBytes`
    /// it bounds the request line too.
    public var headerBytes: Int
    /// Header field lines; beyond, 431. It holds for trailers too.
    public var fieldCount: Int
    /// The body without its framing, in bytes; beyond, 413, and if the length was declared before any of it is read.
    public var bodyBytes: Int
    /// A chunk's size line with extensions and CRLF, in bytes; beyond, 400.
    public var chunkLineBytes: Int
    /// All chunk extensions of a body together, in bytes; beyond, 400.
    public var chunkExtensionBytes: Int
    /// All trailer lines together, in bytes; beyond, 431.
    public var trailerBytes: Int

    /// Bounds for an API whose largest request is a JSON document.
    public init(
        requestLineBytes: Int = 8 << 10, headerBytes: Int = 16 << 10, fieldCount: Int = 100, bodyBytes: Int = 1 << 20,
        chunkLineBytes: Int = 256, chunkExtensionBytes: Int = 4 << 10, trailerBytes: Int = 4 << 10
    ) {
        self.requestLineBytes = requestLineBytes
        self.headerBytes = headerBytes
        self.fieldCount = fieldCount
        self.bodyBytes = bodyBytes
        self.chunkLineBytes = chunkLineBytes
        self.chunkExtensionBytes = chunkExtensionBytes
        self.trailerBytes = trailerBytes
    }
}

/// Why a message is refused. The connection cannot be used after it: where the next message begins is not known.
public struct HTTPParseError: Error, Equatable, Sendable {
    /// The answer's status: 400, 413, 414, 417, 431, 501 or 505.
    public let status: Int
    /// The problem's stable code.
    public let code: String
    /// What is wrong, in words that hold nothing of the message.
    public let detail: String

    /// 400 `malformed_request`.
    static func malformed(_ detail: String) -> HTTPParseError {
        HTTPParseError(status: 400, code: "malformed_request", detail: detail)
    }

    /// 413
    static let bodyTooLarge = HTTPParseError(
        status: 413, code: "body_too_large", detail: "The body is larger than this server takes.")
    /// 414
    static let targetTooLong = HTTPParseError(
        status: 414, code: "uri_too_long", detail: "The request line is longer than this server takes.")
    /// 417
    static let expectationFailed = HTTPParseError(
        status: 417, code: "expectation_failed", detail: "The only expectation that can be met is 100-continue.")
    /// 431
    static let headerTooLarge = HTTPParseError(
        status: 431, code: "header_too_large", detail: "The header fields are larger than this server takes.")
    /// 431
    static let trailerTooLarge = HTTPParseError(
        status: 431, code: "header_too_large", detail: "The trailer fields are larger than this server takes.")
    /// 501
    static let unknownCoding = HTTPParseError(
        status: 501, code: "not_implemented", detail: "The only transfer coding this server knows is chunked.")
    /// 501
    static let noTunnel = HTTPParseError(
        status: 501, code: "not_implemented", detail: "This server makes no tunnels.")
    /// 501
    static let unknownMethod = HTTPParseError(
        status: 501, code: "not_implemented", detail: "This server knows no such method.")
    /// 505
    static let unknownVersion = HTTPParseError(
        status: 505, code: "http_version_not_supported", detail: "This server speaks HTTP/1.1 and HTTP/1.0.")

    /// What a fault within a line means, when the line may not be longer than its limit for reasons of its own.
    init(_ fault: LineScanner.Fault, tooLong: HTTPParseError) {
        switch fault {
        case .bareLineFeed: self = .malformed("A line ends with LF alone.")
        case .bareCarriageReturn: self = .malformed("A CR stands without its LF.")
        case .control: self = .malformed("A control character stands in a line.")
        case .tooLong: self = tooLong
        }
    }

    private init(status: Int, code: String, detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }
}
