internal import EventLoops
internal import OpenDWire

/// Packets on one connection: cuts them out of the stream, and knows the cipher of each direction's moment.
@LoopActor
final class OpenDConnection: ConnectionHandler {
    /// A whole packet came, not yet decrypted.
    var onPacket: (@LoopActor (SealedOpenDPacket) -> Void)?
    /// It is over, and not by us.
    var onEnd: (@LoopActor (String) -> Void)?

    /// What hides bodies from now on.
    var cipher: BodyCipher

    /// Output that may wait for a gateway that does not read; beyond it the connection is closed.
    static let outputLimit = 4 << 20

    private let connection: Connection
    private var reader = OpenDPacketReader()
    private var isOver = false

    init(_ connection: Connection, cipher: BodyCipher) {
        self.connection = connection
        self.cipher = cipher
        connection.pendingOutputLimit = OpenDConnection.outputLimit
        connection.setNoDelay(true)
    }

    /// Begins to read; the closures are set.
    func start() { connection.handler = self }

    /// Sends a packet; `false` if its body cannot be encrypted.
    func send(_ packet: OpenDPacket) -> Bool {
        guard !isOver, let bytes = try? packet.encoded(with: cipher) else { return false }
        connection.write(bytes)
        return true
    }

    /// Ends it; nothing is told any more.
    func close() {
        isOver = true
        onPacket = nil
        onEnd = nil
        connection.abort()
    }

    func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        guard !isOver else { return }
        reader.append(bytes)
        do throws(OpenDPacketError) {
            while !isOver, let packet = try reader.next() { onPacket?(packet) }
        } catch {
            end("the gateway sent what is no packet: \(error.text)")
        }
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) {
        switch reason {
        case .peerEnd: end("the gateway closed the connection")
        case .error(let text): end("the connection failed: \(text)")
        case .local, .timeout: end("the connection was closed")
        }
    }

    private func end(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        onEnd?(reason)
    }
}

extension OpenDPacketError {
    /// One clause for people; no bytes.
    var text: String {
        switch self {
        case .wrongFlag: "the flag is wrong"
        case .unknownFormat(let format): "format \(format) is unknown"
        case .unknownVersion(let version): "version \(version) is unknown"
        case .tooLarge(let length): "a body of \(length) bytes is too long"
        case .undecipherable: "a body cannot be deciphered"
        case .wrongDigest: "a body does not fit its digest"
        }
    }
}
