/// The head of an answer, as a client reads it: for the handshakes that are made on bare connections.
public struct HTTPResponseHead: Sendable, Equatable {
    /// 100 to 599.
    public let status: Int
    /// Every field line as it came.
    public let fields: HTTPFields

    /// Reads a head from the first of `bytes`, as strictly as a request's; `nil` when more bytes are needed. The count is
    /// that of the bytes used.
    ///
    /// - Throws: a 400 for what is no HTTP/1.1 answer, a 431 for a head of more than `maximumBytes`.
    public static func read(
        _ bytes: [UInt8], maximumBytes: Int = 16 << 10
    ) throws(HTTPParseError) -> (head: HTTPResponseHead, count: Int)? {
        let span = bytes.span
        var status: Int?
        var slots: [HTTPFields.Slot] = []
        var position = 0
        while let end = try lineEnd(span, from: position, limit: maximumBytes - position) {
            let range = position..<end
            position = end + 2
            guard let known = status else {
                status = try readStatus(bytes[range])
                continue
            }
            if range.isEmpty {
                let fields = HTTPFields(storage: Array(bytes[..<position]), slots: slots)
                return (HTTPResponseHead(status: known, fields: fields), position)
            }
            slots.append(try FieldLine.slot(span, in: range))
        }
        return nil
    }

    private static func lineEnd(_ bytes: Span<UInt8>, from start: Int, limit: Int) throws(HTTPParseError) -> Int? {
        do throws(LineScanner.Fault) {
            return try LineScanner.end(of: bytes, from: start, limit: limit)
        } catch {
            throw HTTPParseError(error, tooLong: .headerTooLarge)
        }
    }

    /// `HTTP/1.1 101 Switching Protocols`; the words may be absent.
    private static func readStatus(_ line: ArraySlice<UInt8>) throws(HTTPParseError) -> Int {
        let digits = line.dropFirst(9).prefix(3)
        let rest = line.dropFirst(12)
        guard line.starts(with: "HTTP/1.1 ".utf8), digits.count == 3, digits.allSatisfy(ASCII.isDigit),
            rest.isEmpty || rest.first == ASCII.space
        else { throw .malformed("The status line is not one of HTTP/1.1.") }
        let status = digits.reduce(0) { $0 * 10 + Int($1 - ASCII.zero) }
        guard (100...599).contains(status) else { throw .malformed("The status is out of range.") }
        return status
    }
}
