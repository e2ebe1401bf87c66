import HTTPWire
import TestSupport
import Testing

/// What a parser makes of a stream, however it was cut.
struct ParserOutcome: Equatable {
    struct Request: Equatable {
        var head: HTTPRequestHead
        var body: [UInt8]
        var isComplete: Bool
    }

    var requests: [Request] = []
    var error: HTTPParseError?

    /// Feeds the pieces one after the other.
    init(_ pieces: [ArraySlice<UInt8>], limits: HTTPLimits = HTTPLimits()) {
        var parser = HTTPRequestParser(limits: limits)
        for piece in pieces {
            var offset = 0
            let isFine = piece.withUnsafeBytes { input in
                while true {
                    do throws(HTTPParseError) {
                        guard let event = try parser.next(input, from: &offset) else {
                            #expect(offset == input.count, "bytes left behind")
                            return true
                        }
                        take(event, input)
                    } catch {
                        self.error = error
                        return false
                    }
                }
            }
            if !isFine { return }
        }
    }

    init(_ text: String, limits: HTTPLimits = HTTPLimits()) {
        self.init([Array(text.utf8)[...]], limits: limits)
    }

    private mutating func take(_ event: HTTPRequestEvent, _ input: UnsafeRawBufferPointer) {
        switch event {
        case .head(let head): requests.append(Request(head: head, body: [], isComplete: false))
        case .body(let range): requests[requests.count - 1].body += input[range]
        case .end: requests[requests.count - 1].isComplete = true
        }
    }

    var status: Int? { error?.status }
    var first: Request? { requests.first }
    var isWhole: Bool { error == nil && requests.allSatisfy(\.isComplete) }
}

/// A request of HTTP/1.1 with a good `Host`, and more fields.
func request(_ line: String = "GET / HTTP/1.1", _ fields: String..., body: String = "") -> String {
    "\(line)\r\nHost: a\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n\(body)"
}
