internal import Bytes

/// How a body is written.
public enum OpenDFormat: UInt8, Sendable, Equatable {
    /// Protocol buffers, version 2 of the language.
    case protobuf = 0
    /// The JSON form of the same messages, in UTF-8.
    case json = 1
}

/// Why bytes are not a packet we take.
public enum OpenDPacketError: Error, Equatable, Sendable {
    /// The two bytes at the front are not `FT`. There is no way to find the next packet: the connection is over.
    case wrongFlag
    /// A format other than protobuf and JSON. The length may still be right, but no gateway sends such a packet.
    case unknownFormat(UInt8)
    /// A version of the packet other than 0.
    case unknownVersion(UInt8)
    /// The body is longer than the limit.
    case tooLarge(Int)
    /// The body does not decrypt. The packet is spoilt, the stream is not.
    case undecipherable
    /// The SHA-1 of the plain body is not the one in the header. The packet is spoilt, the stream is not.
    case wrongDigest
}

/// The 44 bytes in front of every body, in both directions.
///
/// Shape, integers little-endian:
///
///     "FT":16 protocol:32 format:8 version:8 serial:32 length:32 sha1:160 reserved:64
///
/// - Source: Futu OpenAPI, "Protocol Introduction"; packets of the vendor's Python client 10.11 agree.
public struct OpenDHeader: Equatable, Sendable {
    /// Which message the body is; ``OpenDProtocol`` has them.
    public var protocolID: UInt32
    /// How the body is written. A reply has its request's.
    public var format: OpenDFormat
    /// Picked by who asks, growing on a connection; a reply repeats it. What a push carries here means nothing.
    public var serial: UInt32
    /// Bytes of the body as sent, that is after encryption.
    public var bodyLength: Int
    /// SHA-1 of the plain body: before encryption, after decryption. 20 bytes.
    public var digest: [UInt8]

    /// Bytes of a header.
    public static let size = 44
    private static let digestSize = 20
    private static let flag: [UInt8] = [0x46, 0x54]

    /// A header; `digest` has 20 bytes.
    public init(protocolID: UInt32, format: OpenDFormat, serial: UInt32, bodyLength: Int, digest: [UInt8]) {
        self.protocolID = protocolID
        self.format = format
        self.serial = serial
        self.bodyLength = bodyLength
        self.digest = digest
    }

    /// Reads the first 44 bytes; `nil` if there are fewer. The reserved bytes are ignored, as the vendor's client does.
    public static func decode(
        _ bytes: ArraySlice<UInt8>, bodyLimit: Int
    ) throws(OpenDPacketError) -> OpenDHeader? {
        // Nonsense is known by its first bytes: a peer that speaks something else is not waited for.
        guard bytes.prefix(2).elementsEqual(flag.prefix(bytes.count)) else { throw .wrongFlag }
        guard bytes.count >= size else { return nil }
        var reader = ByteReader(bytes.prefix(size).dropFirst(flag.count))
        guard let id = reader.readUInt32(), let format = reader.readUInt8(), let version = reader.readUInt8(),
            let serial = reader.readUInt32(), let length = reader.readUInt32(), let digest = reader.read(digestSize)
        else { return nil }
        guard version == 0 else { throw .unknownVersion(version) }
        guard let known = OpenDFormat(rawValue: format) else { throw .unknownFormat(format) }
        let bodyLength = Int(length.byteSwapped)
        guard bodyLength <= bodyLimit else { throw .tooLarge(bodyLength) }
        return OpenDHeader(
            protocolID: id.byteSwapped, format: known, serial: serial.byteSwapped, bodyLength: bodyLength,
            digest: Array(digest))
    }

    /// The 44 bytes.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: OpenDHeader.size)
        writer.write(OpenDHeader.flag)
        writer.writeUInt32(protocolID.byteSwapped)
        writer.writeUInt8(format.rawValue)
        writer.writeUInt8(0)
        writer.writeUInt32(serial.byteSwapped)
        writer.writeUInt32(UInt32(clamping: bodyLength).byteSwapped)
        writer.write(digest)
        writer.writeUInt64(0)
        return writer.bytes
    }
}
