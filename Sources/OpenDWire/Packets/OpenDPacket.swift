internal import Cryptography

/// One packet with its body in plain: what either end says.
public struct OpenDPacket: Equatable, Sendable {
    /// Which message the body is.
    public var protocolID: UInt32
    /// How the body is written.
    public var format: OpenDFormat
    /// The request's number; without meaning in a push.
    public var serial: UInt32
    /// The plain body: a `Request`, or a reply or push. Never empty on the wire: the vendor's client waits for a byte.
    public var body: [UInt8]

    /// One packet.
    public init(protocolID: UInt32, format: OpenDFormat = .protobuf, serial: UInt32, body: [UInt8]) {
        self.protocolID = protocolID
        self.format = format
        self.serial = serial
        self.body = body
    }

    /// Header and body as they travel; the digest is over the plain body.
    public func encoded(with cipher: BodyCipher = .plain) throws(OpenDPacketError) -> [UInt8] {
        let text = try cipher.encrypt(body)
        let header = OpenDHeader(
            protocolID: protocolID, format: format, serial: serial, bodyLength: text.count, digest: Digest.sha1(body))
        return header.encoded() + text
    }
}

/// One packet as it came off the wire: whole, not yet decrypted.
public struct SealedOpenDPacket: Equatable, Sendable {
    /// What stands in front.
    public var header: OpenDHeader
    /// The body as sent.
    public var body: [UInt8]

    /// One packet as it came.
    public init(header: OpenDHeader, body: [UInt8]) {
        self.header = header
        self.body = body
    }

    /// Decrypts the body and holds it against the digest.
    ///
    /// - Throws: ``OpenDPacketError/undecipherable`` or ``OpenDPacketError/wrongDigest``; the stream stays usable, and
    ///   ``header`` tells whose answer it was.
    public func opened(with cipher: BodyCipher = .plain) throws(OpenDPacketError) -> OpenDPacket {
        let plain = try cipher.decrypt(body)
        guard Digest.sha1(plain) == header.digest else { throw .wrongDigest }
        return OpenDPacket(
            protocolID: header.protocolID, format: header.format, serial: header.serial, body: plain)
    }
}
