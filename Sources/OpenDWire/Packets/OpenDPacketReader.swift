/// Cuts a stream of bytes into packets, however the network cut it.
///
/// Holds at most one incomplete packet: a header and a body up to the limit. After an error nothing more is read: a
/// stream that lost its frames cannot be found again, and the connection has to be closed.
public struct OpenDPacketReader: Sendable {
    /// The longest body a client takes. The vendor names no limit; replies with history reach some hundred kilobytes.
    public static let standardBodyLimit = 16 << 20

    private let bodyLimit: Int
    private var buffer: [UInt8] = []
    /// Where the first byte that was not handed out stands in `buffer`.
    private var start = 0
    private var failure: OpenDPacketError?

    /// A reader at the front of a stream.
    public init(bodyLimit: Int = OpenDPacketReader.standardBodyLimit) {
        self.bodyLimit = bodyLimit
    }

    /// Bytes that are waiting for the rest of their packet.
    public var pendingBytes: Int { buffer.count - start }

    /// Takes what has arrived; packets come out of ``next()``.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        guard failure == nil else { return }
        if start > 0 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole packet; `nil` until more bytes came.
    public mutating func next() throws(OpenDPacketError) -> SealedOpenDPacket? {
        if let failure { throw failure }
        do throws(OpenDPacketError) {
            guard let header = try OpenDHeader.decode(buffer[start...], bodyLimit: bodyLimit) else { return nil }
            let body = start + OpenDHeader.size
            guard buffer.count - body >= header.bodyLength else { return nil }
            start = body + header.bodyLength
            return SealedOpenDPacket(header: header, body: Array(buffer[body..<start]))
        } catch {
            failure = error
            buffer = []
            start = 0
            throw error
        }
    }
}
