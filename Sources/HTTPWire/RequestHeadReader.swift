/// Reads a request's head line by line, and judges it whole at its end.
///
/// It is shown all bytes of the head so far, again and again with more of them; lines already read are not read again.
struct RequestHeadReader: Sendable {
    private let limits: HTTPLimits
    private var line: RequestLine?
    /// Where the line being read begins.
    private var position = 0
    private var hasSkippedEmptyLine = false
    private var slots: [HTTPFields.Slot] = []
    private var framing = Framing()

    /// What decides where the message ends and whether another may follow.
    private struct Framing: Sendable {
        var host: Range<Int>?
        var contentLength: Int?
        var transferCodings: Range<Int>?
        var expectsContinue = false
        var asksToClose = false
        var asksToKeep = false
    }

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Whether nothing of a head has been seen: not even the empty line that may come before it.
    var isFresh: Bool { line == nil && position == 0 }

    /// Reads on in `bytes`, the head from its first byte. The index after the head once it is complete, else `nil`.
    mutating func read(_ bytes: Span<UInt8>) throws(HTTPParseError) -> Int? {
        if line == nil, try !readRequestLine(bytes) { return nil }
        while let end = try lineEnd(
            bytes, limit: limits.headerBytes - position, tooLong: .headerTooLarge)
        {
            let range = position..<end
            position = end + 2
            if range.isEmpty { return position }
            guard slots.count < limits.fieldCount else { throw .headerTooLarge }
            if slots.isEmpty { slots.reserveCapacity(16) }
            let slot = try FieldLine.slot(bytes, in: range)
            slots.append(slot)
            try note(bytes, name: slot.name.asInt, value: slot.value.asInt)
        }
        return nil
    }

    /// Whether the line was complete.
    private mutating func readRequestLine(_ bytes: Span<UInt8>) throws(HTTPParseError) -> Bool {
        // One empty line before a request is what some clients leave behind a body (RFC 9112 §2.2).
        let limit = min(limits.requestLineBytes, limits.headerBytes - position)
        guard var end = try lineEnd(bytes, limit: limit, tooLong: .targetTooLong) else { return false }
        if end == position, !hasSkippedEmptyLine {
            hasSkippedEmptyLine = true
            position += 2
            let limit = min(limits.requestLineBytes, limits.headerBytes - position)
            guard let next = try lineEnd(bytes, limit: limit, tooLong: .targetTooLong) else { return false }
            end = next
        }
        line = try RequestLine(reading: bytes, in: position..<end)
        position = end + 2
        return true
    }

    private func lineEnd(
        _ bytes: Span<UInt8>, limit: Int, tooLong: HTTPParseError
    ) throws(HTTPParseError) -> Int? {
        do throws(LineScanner.Fault) {
            return try LineScanner.end(of: bytes, from: position, limit: limit)
        } catch {
            throw HTTPParseError(error, tooLong: tooLong)
        }
    }

    // MARK: Fields that matter here

    private mutating func note(_ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>) throws(HTTPParseError) {
        switch name.count {
        case 4 where FieldLine.bytes(bytes, in: name, areIgnoringCase: "host"):
            guard framing.host == nil else { throw .malformed("Host stands more than once.") }
            framing.host = value
        case 6 where FieldLine.bytes(bytes, in: name, areIgnoringCase: "expect"):
            guard FieldLine.bytes(bytes, in: value, areIgnoringCase: "100-continue") else { throw .expectationFailed }
            framing.expectsContinue = true
        case 10 where FieldLine.bytes(bytes, in: name, areIgnoringCase: "connection"):
            noteConnection(bytes, value)
        case 14 where FieldLine.bytes(bytes, in: name, areIgnoringCase: "content-length"):
            guard framing.contentLength == nil else { throw .malformed("Content-Length stands more than once.") }
            framing.contentLength = try RequestHeadReader.length(bytes, in: value)
        case 17 where FieldLine.bytes(bytes, in: name, areIgnoringCase: "transfer-encoding"):
            guard framing.transferCodings == nil else { throw .malformed("Transfer-Encoding stands more than once.") }
            framing.transferCodings = value
        default:
            break
        }
    }

    private mutating func noteConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        RequestHeadReader.forEachMember(bytes, in: value) { member in
            if FieldLine.bytes(bytes, in: member, areIgnoringCase: "close") { framing.asksToClose = true }
            if FieldLine.bytes(bytes, in: member, areIgnoringCase: "keep-alive") { framing.asksToKeep = true }
        }
    }

    /// The members of a comma-separated value, without white space around them, empty ones included.
    private static func forEachMember(_ bytes: Span<UInt8>, in range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        while start <= range.upperBound {
            var end = start
            while end < range.upperBound, bytes[end] != ASCII.comma { end += 1 }
            var member = start..<end
            while let first = member.first, FieldLine.isWhiteSpace(bytes[first]) { member.removeFirst() }
            while let last = member.last, FieldLine.isWhiteSpace(bytes[last]) { member.removeLast() }
            body(member)
            start = end + 1
        }
    }

    /// Digits only: no sign, no list. A number too large to hold is larger than any limit.
    private static func length(_ bytes: Span<UInt8>, in range: Range<Int>) throws(HTTPParseError) -> Int {
        guard !range.isEmpty else { throw .malformed("Content-Length is empty.") }
        var length = 0
        for index in range {
            guard ASCII.isDigit(bytes[index]) else { throw .malformed("Content-Length is not a number.") }
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(bytes[index] - ASCII.zero))
            length = overflow || carry || length == .max ? .max : sum
        }
        return length
    }

    // MARK: The verdict

    /// The head, once ``read(_:)`` has given its end; the reader begins anew. `storage` holds the bytes it was shown.
    mutating func finish(storage: [UInt8]) throws(HTTPParseError) -> HTTPRequestHead {
        let bytes = storage.span
        guard let line else { throw .malformed("There is no request line.") }
        let authority = try authority(bytes, line: line)
        let bodyLength = try bodyLength(bytes, version: line.version)
        let keepsAlive =
            switch line.version {
            case .http11: !framing.asksToClose
            case .http10: framing.asksToKeep && !framing.asksToClose
            }
        let head = HTTPRequestHead(
            method: line.method, target: line.target, version: line.version,
            fields: HTTPFields(storage: storage, slots: slots), authority: authority, keepsAlive: keepsAlive,
            expectsContinue: framing.expectsContinue && line.version == .http11 && bodyLength != .none,
            bodyLength: bodyLength)
        self = RequestHeadReader(limits: limits)
        return head
    }

    private func authority(_ bytes: Span<UInt8>, line: RequestLine) throws(HTTPParseError) -> String? {
        guard let host = framing.host else {
            guard line.version == .http10 else { throw .malformed("Host is missing.") }
            return line.authority
        }
        guard HTTPAuthority.parts(of: bytes, in: host) != nil else {
            throw .malformed("Host is not a host and port.")
        }
        let authority = String(bytes, in: host)
        if let named = line.authority, HTTPAuthority(named) != HTTPAuthority(authority) {
            throw .malformed("The target names another host than Host does.")
        }
        return authority
    }

    private func bodyLength(
        _ bytes: Span<UInt8>, version: HTTPVersion
    ) throws(HTTPParseError) -> HTTPRequestHead.BodyLength {
        if let codings = framing.transferCodings {
            guard framing.contentLength == nil else {
                throw .malformed("Content-Length stands beside Transfer-Encoding.")
            }
            guard version == .http11 else { throw .malformed("HTTP/1.0 has no Transfer-Encoding.") }
            try checkCodings(bytes, codings)
            return .chunked
        }
        guard let length = framing.contentLength, length > 0 else { return .none }
        guard length <= limits.bodyBytes else { throw .bodyTooLarge }
        return .counted(length)
    }

    /// `chunked` alone is known. A list that chunked does not end, or holds twice, frames nothing.
    private func checkCodings(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTPParseError) {
        guard !FieldLine.bytes(bytes, in: range, areIgnoringCase: "chunked") else { return }
        var chunkedCount = 0
        var isLastChunked = false
        var hasEmptyMember = false
        RequestHeadReader.forEachMember(bytes, in: range) { member in
            isLastChunked = FieldLine.bytes(bytes, in: member, areIgnoringCase: "chunked")
            if isLastChunked { chunkedCount += 1 }
            if member.isEmpty { hasEmptyMember = true }
        }
        guard !hasEmptyMember, chunkedCount == 0 || chunkedCount == 1 && isLastChunked else {
            throw .malformed("Transfer-Encoding does not end with chunked, or names it twice.")
        }
        throw .unknownCoding
    }
}

extension Range<UInt32> {
    /// As indices.
    var asInt: Range<Int> { Int(lowerBound)..<Int(upperBound) }
}
