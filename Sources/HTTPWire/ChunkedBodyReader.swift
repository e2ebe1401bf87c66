/// Reads a chunked body: its data in pieces as they come, its framing strictly and within bounds.
///
///     size ──line──▶ data ──all of it──▶ dataEnd ──CRLF──▶ size
///       └──────────────── 0 ────────────────▶ trailer ──empty line──▶ end
///
/// Trailers are checked and dropped: nothing here needs one, and a field that came late could pass for a checked one.
///
/// - Source: RFC 9112 §7.1. The size is 1 to 16 hexadecimal digits; no white space may follow it.
struct ChunkedBodyReader: Sendable {
    private enum State: Equatable { case size, data(Int), dataEnd, trailer }

    /// What came.
    enum Step: Equatable {
        /// Data, where it lies in the input.
        case data(Range<Int>)
        /// The body is complete.
        case end
    }

    private let limits: HTTPLimits
    private var state = State.size
    /// The line being collected, or the last one.
    private var line: [UInt8] = []
    private var isLineCut = false
    private var bodyBytes = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// The next step in `input` from `offset`, which moves past what was used; `nil` when all of it was.
    mutating func next(_ input: Span<UInt8>, from offset: inout Int) throws(HTTPParseError) -> Step? {
        while offset < input.count {
            switch state {
            case .size:
                let limit = limits.chunkLineBytes
                guard try collectLine(input, &offset, limit: limit, tooLong: .longChunkLine) else { return nil }
                let size = try readSize()
                state = size == 0 ? .trailer : .data(size)
            case .data(let rest):
                let piece = offset..<offset + min(rest, input.count - offset)
                offset = piece.upperBound
                state = piece.count == rest ? .dataEnd : .data(rest - piece.count)
                return .data(piece)
            case .dataEnd:
                guard try collectLine(input, &offset, limit: 2, tooLong: .longChunk) else { return nil }
                state = .size
            case .trailer:
                let limit = limits.trailerBytes - trailerBytes
                guard try collectLine(input, &offset, limit: limit, tooLong: .trailerTooLarge) else { return nil }
                if line.isEmpty { return .end }
                try readTrailer()
            }
        }
        return nil
    }

    /// Moves input into `line` until it is whole, without its CRLF; false when the input was cut before that.
    private mutating func collectLine(
        _ input: Span<UInt8>, _ offset: inout Int, limit: Int, tooLong: HTTPParseError
    ) throws(HTTPParseError) -> Bool {
        if !isLineCut { line.removeAll(keepingCapacity: true) }
        let held = line.count
        let available = offset..<min(input.count, offset + max(limit - held, 0) + 1)
        input.extracting(available).withUnsafeBufferPointer { line.append(contentsOf: $0) }
        let end: Int?
        do throws(LineScanner.Fault) {
            end = try LineScanner.end(of: line.span, from: 0, limit: limit)
        } catch {
            throw HTTPParseError(error, tooLong: tooLong)
        }
        guard let end else {
            isLineCut = true
            offset = available.upperBound
            return false
        }
        isLineCut = false
        offset += end + 2 - held
        line.removeSubrange(end...)
        return true
    }

    private mutating func readSize() throws(HTTPParseError) -> Int {
        let digits = line.prefix { ASCII.hexValue($0) != nil }
        guard (1...16).contains(digits.count), let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else {
            // Sixteen digits can pass the largest Int, and any limit with it.
            if digits.count == 16 { throw .bodyTooLarge }
            throw .malformed("A chunk does not begin with its size.")
        }
        let rest = line.dropFirst(digits.count)
        guard rest.isEmpty || rest.first == ASCII.semicolon else {
            throw .malformed("A chunk's size is followed by something that is not an extension.")
        }
        extensionBytes += rest.count
        guard extensionBytes <= limits.chunkExtensionBytes else {
            throw .malformed("The chunk extensions are larger than this server takes.")
        }
        guard size <= limits.bodyBytes - bodyBytes else { throw .bodyTooLarge }
        bodyBytes += size
        return size
    }

    private mutating func readTrailer() throws(HTTPParseError) {
        trailerBytes += line.count + 2
        trailerCount += 1
        guard trailerCount <= limits.fieldCount else { throw .trailerTooLarge }
        let slot = try FieldLine.slot(line.span, in: 0..<line.count)
        let framing: [StaticString] = ["content-length", "transfer-encoding", "host", "trailer"]
        for name in framing where FieldLine.bytes(line.span, in: slot.name.asInt, areIgnoringCase: name) {
            throw .malformed("A field that frames or routes stands in the trailer.")
        }
    }
}

extension HTTPParseError {
    /// 400
    static let longChunkLine = HTTPParseError.malformed("A chunk's size line is longer than this server takes.")
    /// 400
    static let longChunk = HTTPParseError.malformed("A chunk is longer than its size.")
}
