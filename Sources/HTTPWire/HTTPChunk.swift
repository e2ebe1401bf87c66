/// A piece of a streamed body, framed once and shared by all who get it.
///
/// - Source: RFC 9112 §7.1.
public struct HTTPChunk: Sendable, Equatable {
    /// Size line, data, CRLF: what goes to a reader of chunks.
    public let framed: [UInt8]
    private let data: Range<Int>

    /// `nil` for no data: an empty chunk would end the body.
    public init?(_ data: [UInt8]) {
        guard !data.isEmpty else { return nil }
        var framed: [UInt8] = []
        framed.reserveCapacity(data.count + 12)
        framed.append(contentsOf: String(data.count, radix: 16).utf8)
        framed.append(literal: "\r\n")
        let start = framed.count
        framed.append(contentsOf: data)
        self.data = start..<framed.count
        framed.append(literal: "\r\n")
        self.framed = framed
    }

    /// The data alone: what goes to a reader of HTTP/1.0.
    public var bare: ArraySlice<UInt8> { framed[data] }

    /// What ends a chunked body, without trailers.
    public static let last = Array("0\r\n\r\n".utf8)
}
