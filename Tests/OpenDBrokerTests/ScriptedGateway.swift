import Bytes
import Cryptography
import EventLoops
import OpenDWire
import Protobuf
import Testing

/// A gateway that answers what a test tells it to, and by itself the handshake, the global state and keep-alives.
@LoopActor
final class ScriptedGateway {
    /// What a test answers instead: the bytes of a reply, or nothing.
    typealias Answer = @LoopActor (OpenDPacket, ScriptedPeer) -> [UInt8]?

    /// Answers by protocol; they come before the gateway's own.
    var answers: [UInt32: Answer] = [:]
    /// Requests in the order of their arrival, over all connections.
    var requests: [OpenDPacket] = []
    /// Connections there were.
    var peers: [ScriptedPeer] = []
    /// Whether it is logged in at the quote servers.
    var isLoggedIn = true
    /// Whether it is logged in at the trade servers.
    var isTradeLoggedIn = true
    /// What it says of the program.
    var program: Int32?
    /// What it encrypts the handshake with.
    var key: RSAKey?
    /// What it does with a packet it cannot open; without it the connection ends.
    var unreadable: (@LoopActor (SealedOpenDPacket, ScriptedPeer) -> Void)?
    /// Seconds between keep-alives, as it asks.
    var interval: Int32 = 10

    static let secret = "8B2F0C4D6E1A3957"
    static let vector = "1029384756ABCDEF"

    private var listener: Listener?
    var port: Int { listener?.address.port ?? 0 }

    init() throws {
        let address = try #require(SocketAddress("127.0.0.1:0"))
        listener = try Listener(address: address) { [weak self] connection in
            guard let self else { return connection.abort() }
            peers.append(ScriptedPeer(connection, gateway: self, number: UInt64(peers.count) + 7_000_000_000))
        }
    }

    /// Requests of one protocol, decoded.
    func requests<Request: OpenDRequestMessage>(_: Request.Type) -> [Request] {
        requests.filter { $0.protocolID == Request.protocolID }
            .compactMap { try? OpenDRequest.decode(Request.self, from: $0.body, format: $0.format) }
    }

    /// Answers each request of that kind with what `body` makes of it.
    func answer<Request: OpenDRequestMessage>(
        _: Request.Type, _ body: @escaping @LoopActor (Request) -> OpenDReply<Request.Reply>
    ) {
        answers[Request.protocolID] = { packet, _ in
            (try? OpenDRequest.decode(Request.self, from: packet.body)).map { body($0).encoded() }
        }
    }

    /// Pushes to the newest connection.
    func push<Push: OpenDPushMessage>(_ push: Push) {
        peers.last?.send(Push.protocolID, serial: 0, OpenDReply(payload: push).encoded())
    }

    /// Stops listening and drops every connection.
    func stop() {
        listener?.close()
        for peer in peers { peer.drop() }
        answers = [:]
    }

    fileprivate func own(_ packet: OpenDPacket, _ peer: ScriptedPeer) -> [UInt8]? {
        switch packet.protocolID {
        case 1001:
            guard let request = try? OpenDRequest.decode(OpenD.InitConnect.C2S.self, from: packet.body) else {
                return nil
            }
            peer.algorithm = key == nil ? .none : request.packetEncAlgo.flatMap { .init(rawValue: $0) } ?? .tailed
            var reply = OpenD.InitConnect.S2C()
            reply.serverVer = 1011
            reply.loginUserID = 888
            reply.connID = peer.number
            reply.connAESKey = ScriptedGateway.secret
            if peer.algorithm == .chained { reply.aesCBCiv = ScriptedGateway.vector }
            reply.keepAliveInterval = interval
            return OpenDReply(payload: reply).encoded()
        case 1002:
            var reply = OpenD.GetGlobalState.S2C()
            reply.qotLogined = isLoggedIn
            reply.trdLogined = isTradeLoggedIn
            if let program {
                var status = OpenD.Common.ProgramStatus()
                status.type = OpenD.Common.ProgramStatusType(rawValue: program)
                reply.programStatus = status
            }
            return OpenDReply(payload: reply).encoded()
        case 1004:
            return OpenDReply(payload: OpenD.KeepAlive.S2C()).encoded()
        default:
            return OpenDReply<OpenD.QotSub.S2C>(result: -1, message: "unknown protocol id").encoded()
        }
    }
}

/// One connection at a ``ScriptedGateway``.
@LoopActor
final class ScriptedPeer: ConnectionHandler {
    let number: UInt64
    fileprivate(set) var isOpen = true
    fileprivate var algorithm = BodyCipher.Algorithm.none
    private let connection: Connection
    private unowned let gateway: ScriptedGateway
    private var reader = OpenDPacketReader()
    private var cipher: BodyCipher

    init(_ connection: Connection, gateway: ScriptedGateway, number: UInt64) {
        self.connection = connection
        self.gateway = gateway
        self.number = number
        cipher = gateway.key.map { .rsa($0) } ?? .plain
        connection.handler = self
    }

    /// Sends a packet in the connection's cipher.
    func send(_ protocolID: UInt32, serial: UInt32, _ body: [UInt8]) {
        guard let bytes = try? OpenDPacket(protocolID: protocolID, serial: serial, body: body).encoded(with: cipher)
        else { return }
        write(bytes)
    }

    /// Sends bytes as they are.
    func write(_ bytes: [UInt8]) { if isOpen { connection.write(bytes) } }

    /// Ends the connection without a word.
    func drop() { if isOpen { connection.abort() } }

    func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        reader.append(bytes)
        while let sealed = try? reader.next() {
            guard let packet = try? sealed.opened(with: cipher) else {
                guard let unreadable = gateway.unreadable else { return connection.abort() }
                unreadable(sealed, self)
                continue
            }
            gateway.requests.append(packet)
            let answer = gateway.answers[packet.protocolID].map { $0(packet, self) } ?? gateway.own(packet, self)
            if let answer { send(packet.protocolID, serial: packet.serial, answer) }
            if packet.protocolID == 1001 {
                cipher =
                    BodyCipher.negotiated(
                        algorithm, key: ScriptedGateway.secret, vector: ScriptedGateway.vector) ?? .plain
            }
        }
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) { isOpen = false }
}
