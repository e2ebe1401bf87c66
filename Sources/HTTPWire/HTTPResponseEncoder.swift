/// Writes the head of an answer. What frames the message is written here and nowhere else: a handler's fields cannot
/// contradict it.
public enum HTTPResponseEncoder {
    /// How the body that follows is delimited.
    public enum BodyFraming: Sendable, Equatable {
        /// By `Content-Length`. For HEAD too, where no body follows.
        case counted(Int)
        /// By chunks; HTTP/1.1 only.
        case chunked
        /// By the end of the connection: HTTP/1.0.
        case untilClose
        /// No body can follow: 101, 204, 304.
        case none
    }

    /// What is said about the connection.
    public enum Persistence: Sendable, Equatable {
        /// It stays, which HTTP/1.1 need not say.
        case kept
        /// It stays, said for HTTP/1.0.
        case keptStated
        /// It ends after this answer.
        case closed
        /// It becomes another protocol; the handler's fields hold `Connection: Upgrade`.
        case upgraded
    }

    /// Appends status line, fields and the empty line. `date` is ``HTTPDate``'s text; `requestID` is checked already.
    public static func appendHead(
        to output: inout [UInt8], status: Int, fields: HTTPFields, framing: BodyFraming, persistence: Persistence,
        date: [UInt8], requestID: RequestID?, rateLimit: RateLimitFields? = nil
    ) {
        // Each piece costs about the same, however short it is.
        if status == 200 {
            output.append(literal: "HTTP/1.1 200 OK\r\nDate: ")
        } else {
            output.append(literal: "HTTP/1.1 ")
            output.append(decimal: min(max(status, 100), 999))
            output.append(ASCII.space)
            output.append(literal: reason(status))
            output.append(literal: "\r\nDate: ")
        }
        output.append(bytes: date)
        switch framing {
        case .counted(let count):
            output.append(literal: "\r\nContent-Length: ")
            output.append(decimal: count)
        case .chunked: output.append(literal: "\r\nTransfer-Encoding: chunked")
        case .untilClose, .none: break
        }
        switch persistence {
        case .kept, .upgraded: break
        case .keptStated: output.append(literal: "\r\nConnection: keep-alive")
        case .closed: output.append(literal: "\r\nConnection: close")
        }
        if let requestID {
            output.append(literal: "\r\nX-Request-Id: ")
            output.append(contentsOf: requestID.text.utf8)
        }
        output.append(literal: "\r\n")
        rateLimit?.appendLines(to: &output)
        fields.appendLines(to: &output) { isOurs($0, keepingConnection: persistence == .upgraded) }
        output.append(literal: "\r\n")
    }

    /// How a body of `count` bytes is framed in an answer of that status.
    public static func framing(status: Int, count: Int) -> BodyFraming {
        status == 204 || status == 304 || status < 200 ? .none : .counted(count)
    }

    /// The answer to `Expect: 100-continue`.
    public static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    private static func isOurs(_ name: Span<UInt8>, keepingConnection: Bool) -> Bool {
        let all = 0..<name.count
        return switch name.count {
        case 4: FieldLine.bytes(name, in: all, areIgnoringCase: "date")
        case 10: !keepingConnection && FieldLine.bytes(name, in: all, areIgnoringCase: "connection")
        case 12: FieldLine.bytes(name, in: all, areIgnoringCase: "x-request-id")
        case 14: FieldLine.bytes(name, in: all, areIgnoringCase: "content-length")
        case 17: FieldLine.bytes(name, in: all, areIgnoringCase: "transfer-encoding")
        default: false
        }
    }

    /// The words of RFC 9110 §15 and the registry; a status without any gets none, which is allowed.
    public static func reason(_ status: Int) -> StaticString {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 207: "Multi-Status"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 423: "Locked"
        case 424: "Failed Dependency"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}

extension [UInt8] {
    /// Text known when the program was written.
    mutating func append(literal text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// A copy of the bytes, taken without owning them.
    mutating func append(bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// A copy of the bytes.
    mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// A non-negative number.
    mutating func append(decimal value: Int) {
        guard value >= 10 else { return append(ASCII.zero + UInt8(truncatingIfNeeded: value)) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value
            var start = digits.count
            while rest > 0, start > 0 {
                start -= 1
                digits[start] = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }
}
