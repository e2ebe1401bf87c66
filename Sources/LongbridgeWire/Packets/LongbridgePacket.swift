internal import Bytes
internal import Compression

/// One packet of either Longbridge socket, protocol version 1: exactly one binary WebSocket message.
///
/// Shape, integers big-endian:
///
///     request   first:8 command:8 id:32 timeout:16 length:24 body
///     response  first:8 command:8 id:32 status:8   length:24 body
///     push      first:8 command:8                  length:24 body
///
/// The first byte is `reserve:2 | gzip:1 | verify:1 | kind:4`, high bit first. With `verify`, a nonce of 8 and a
/// signature of 16 bytes follow the body; no client sends or checks them, and they are read and dropped here.
/// - Source: Longbridge OpenAPI, socket protocol, "Parse Header of Packet". Its table gives `verify` the opposite
///   sense; the request page and the vendor's clients agree with this type.
public struct LongbridgePacket: Equatable, Sendable {
    /// What a packet is, with the members only that kind has.
    public enum Kind: Equatable, Sendable {
        /// Asks. `timeoutMilliseconds` is what the sender is willing to wait, at most 60000.
        case request(id: UInt32, timeoutMilliseconds: UInt16)
        /// Answers the request with that id.
        case response(id: UInt32, status: UInt8)
        /// Tells without being asked.
        case push
    }

    /// What the packet is.
    public var kind: Kind
    /// The command, by the numbers of the socket it travels on.
    public var command: UInt8
    /// The body, inflated.
    public var body: [UInt8]

    /// One packet.
    public init(_ kind: Kind, command: UInt8, body: [UInt8]) {
        self.kind = kind
        self.command = command
        self.body = body
    }

    /// The longest body on the wire: the length has 24 bits.
    public static let maximumBodyLength = 0xFF_FFFF
    /// The most bytes a body may inflate to. The vendor publishes no limit; 500 symbols' quotes take about 100 kB.
    public static let defaultInflatedLimit = 16 << 20

    private static let trailerLength = 8 + 16

    /// Reads one packet. Bytes behind it are ignored, as the vendor's client does.
    public static func decode(
        _ message: [UInt8], inflatedLimit: Int = defaultInflatedLimit
    ) throws(PacketError) -> LongbridgePacket {
        var reader = ByteReader(message)
        guard let first = reader.readUInt8(), let command = reader.readUInt8() else { throw .truncated }
        let kind: Kind
        switch first & 0x0F {
        case 1:
            guard let id = reader.readUInt32(), let timeout = reader.readUInt16() else { throw .truncated }
            kind = .request(id: id, timeoutMilliseconds: timeout)
        case 2:
            guard let id = reader.readUInt32(), let status = reader.readUInt8() else { throw .truncated }
            kind = .response(id: id, status: status)
        case 3:
            kind = .push
        default:
            throw .unknownKind(first & 0x0F)
        }
        guard let length = reader.readUInt24(), let body = reader.read(Int(length)) else { throw .truncated }
        if first & 0x10 != 0, reader.read(trailerLength) == nil { throw .truncated }
        guard first & 0x20 != 0 else {
            guard body.count <= inflatedLimit else { throw .tooLarge }
            return LongbridgePacket(kind, command: command, body: Array(body))
        }
        do throws(CompressionError) {
            return LongbridgePacket(kind, command: command, body: try Gzip.decompress(body, limit: inflatedLimit))
        } catch {
            if case .tooLarge = error { throw .tooLarge }
            throw .notGzip
        }
    }

    /// The bytes of the packet; the body is compressed if asked. A body that is too long for the wire throws.
    public func encoded(compressing: Bool = false) throws(PacketError) -> [UInt8] {
        var content = body
        if compressing {
            do throws(CompressionError) { content = try Gzip.compress(body) } catch { throw .notGzip }
        }
        guard content.count <= LongbridgePacket.maximumBodyLength else { throw .tooLarge }
        var writer = ByteWriter(capacity: content.count + 11)
        let flags: UInt8 = compressing ? 0x20 : 0
        switch kind {
        case .request(let id, let timeout):
            writer.writeUInt8(1 | flags)
            writer.writeUInt8(command)
            writer.writeUInt32(id)
            writer.writeUInt16(timeout)
        case .response(let id, let status):
            writer.writeUInt8(2 | flags)
            writer.writeUInt8(command)
            writer.writeUInt32(id)
            writer.writeUInt8(status)
        case .push:
            writer.writeUInt8(3 | flags)
            writer.writeUInt8(command)
        }
        writer.writeUInt24(UInt32(content.count))
        writer.write(content)
        return writer.bytes
    }
}

/// Why bytes are not a packet we take.
public enum PacketError: Error, Equatable, Sendable {
    /// Shorter than its header or its declared length.
    case truncated
    /// A kind other than request, response and push.
    case unknownKind(UInt8)
    /// The body is marked as gzip and is not.
    case notGzip
    /// The body is, or inflates to, more than the limit.
    case tooLarge
}
