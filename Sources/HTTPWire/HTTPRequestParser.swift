internal import Glibc

/// What a parser found in its input.
public enum HTTPRequestEvent: Sendable, Equatable {
    /// A request begins.
    case head(HTTPRequestHead)
    /// A piece of its body, where it lies in the input; never empty.
    case body(Range<Int>)
    /// The request is complete.
    case end
}

/// Reads HTTP/1.1 requests from a stream that may be cut anywhere, strictly as RFC 9112 has them.
///
/// It is asked for one event at a time and uses no byte beyond it, so that its caller decides when to look at the next
/// request. Whatever is ambiguous about where a message ends is refused, not repaired. What it keeps is bounded by
/// ``HTTPLimits/headerBytes``. How the input was cut changes neither the events nor the error.
public struct HTTPRequestParser: Sendable {
    private enum State {
        case head
        case counted(Int)
        case chunked(ChunkedBodyReader)
        case endDue
        case failed(HTTPParseError)
    }

    private let limits: HTTPLimits
    private var state = State.head
    private var reader: RequestHeadReader
    /// A head that is not complete yet, from its first byte.
    private var held: [UInt8] = []
    /// The last head that came whole and without a body: a client that asks the same again is understood by comparing.
    private var last: (bytes: [UInt8], head: HTTPRequestHead)?
    /// Longer heads are not remembered, in bytes.
    private static let rememberedBytes = 2048

    /// One that stands before its first request.
    public init(limits: HTTPLimits = HTTPLimits()) {
        var limits = limits
        // Positions in a head are kept in 32 bits.
        limits.headerBytes = min(limits.headerBytes, 64 << 20)
        self.limits = limits
        reader = RequestHeadReader(limits: limits)
    }

    /// Whether it stands between two requests, with nothing of the next one seen.
    public var isBetweenRequests: Bool {
        if case .head = state { held.isEmpty } else { false }
    }

    /// Whether a head is being read; its deadline runs from its first byte.
    public var isInHead: Bool {
        if case .head = state { true } else { false }
    }

    /// The next event in `input` from `offset`, which moves past the bytes it took; `nil` when all were used and more
    /// are needed.
    ///
    /// - Throws: the reason why the stream cannot be read on; the same again for every later call.
    public mutating func next(
        _ input: UnsafeRawBufferPointer, from offset: inout Int
    ) throws(HTTPParseError) -> HTTPRequestEvent? {
        do throws(HTTPParseError) {
            return try next(Span<UInt8>(_unsafeBytes: input), from: &offset)
        } catch {
            state = .failed(error)
            held = []
            throw error
        }
    }

    private mutating func next(
        _ input: Span<UInt8>, from offset: inout Int
    ) throws(HTTPParseError) -> HTTPRequestEvent? {
        switch state {
        case .head:
            return try readHead(input, from: &offset).map(HTTPRequestEvent.head)
        case .counted(let rest):
            guard offset < input.count else { return nil }
            let piece = offset..<offset + min(rest, input.count - offset)
            offset = piece.upperBound
            state = piece.count == rest ? .endDue : .counted(rest - piece.count)
            return .body(piece)
        case .chunked(var body):
            // Taken out while it works, so that its line is not copied.
            state = .endDue
            switch try body.next(input, from: &offset) {
            case .data(let piece):
                state = .chunked(body)
                return .body(piece)
            case .end:
                state = .head
                return .end
            case nil:
                state = .chunked(body)
                return nil
            }
        case .endDue:
            state = .head
            return .end
        case .failed(let error):
            throw error
        }
    }

    private static func begins(_ input: Span<UInt8>, with bytes: [UInt8]) -> Bool {
        guard input.count >= bytes.count else { return false }
        return input.withUnsafeBytes { input in
            guard let start = input.baseAddress else { return bytes.isEmpty }
            return memcmp(start, bytes, bytes.count) == 0
        }
    }

    private mutating func readHead(
        _ input: Span<UInt8>, from offset: inout Int
    ) throws(HTTPParseError) -> HTTPRequestHead? {
        guard offset < input.count else { return nil }
        let head: HTTPRequestHead
        if held.isEmpty {
            let bytes = input.extracting(offset..<input.count)
            if let last, HTTPRequestParser.begins(bytes, with: last.bytes) {
                offset += last.bytes.count
                state = .endDue
                return last.head
            }
            guard let end = try reader.read(bytes) else {
                bytes.withUnsafeBufferPointer { held.append(contentsOf: $0) }
                offset = input.count
                return nil
            }
            let storage = bytes.extracting(0..<end).withUnsafeBufferPointer { Array($0) }
            head = try reader.finish(storage: storage)
            offset += end
            if head.bodyLength == .none, end <= HTTPRequestParser.rememberedBytes { last = (storage, head) }
        } else {
            // Taken out while it is read, so that the reader can be changed meanwhile.
            var held: [UInt8] = []
            swap(&held, &self.held)
            let before = held.count
            let available = offset..<min(input.count, offset + limits.headerBytes - before + 1)
            input.extracting(available).withUnsafeBufferPointer { held.append(contentsOf: $0) }
            guard let end = try reader.read(held.span) else {
                offset = available.upperBound
                swap(&held, &self.held)
                return nil
            }
            offset += end - before
            held.removeSubrange(end...)
            head = try reader.finish(storage: held)
        }
        switch head.bodyLength {
        case .none: state = .endDue
        case .counted(let length): state = .counted(length)
        case .chunked: state = .chunked(ChunkedBodyReader(limits: limits))
        }
        return head
    }
}
