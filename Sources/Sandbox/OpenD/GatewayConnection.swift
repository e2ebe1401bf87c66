internal import Clocks
internal import EventLoops
internal import OpenDWire
internal import Protobuf

/// One client of the gateway: bytes in, packets out. What is decided about them is the gateway's.
///
///     opened ──InitConnect──▶ ready ──30 s without KeepAlive, nonsense, fault──▶ closed
@LoopActor
final class GatewayConnection: ConnectionHandler {
    /// Names it in replay protection.
    let id: UInt64
    /// Whether bodies of InitConnect are RSA, and what follows may be ciphered.
    let isSealed: Bool
    private(set) var isReady = false
    private(set) var receivesNotices = false
    private(set) var pushFormat = OpenDFormat.protobuf
    /// Accounts whose changes it is told of.
    var accounts: Set<UInt64> = []
    /// The newest number of a trade write.
    var newestWrite: UInt32?

    private let connection: Connection
    private weak var gateway: OpenDGateway?
    private var reader = OpenDPacketReader(bodyLimit: OpenDGateway.requestBytes)
    private var cipher: BodyCipher
    private var pushes: UInt32 = 0
    private var newestSerial: UInt32?
    private var packetsLeft: Int?
    /// The cut of the next packet, in bytes; a fault.
    private var cut: Int?
    private var held: (bytes: [UInt8], release: LoopTimer)?
    private var delayed: [Int: LoopTimer] = [:]
    private var delayedCount = 0
    private lazy var keepAlive = LoopTimer { [weak self] in self?.close() }

    /// Requests that may wait at once.
    private static let delayedLimit = 1000

    init(_ connection: Connection, id: UInt64, gateway: OpenDGateway, cipher: BodyCipher?) {
        self.connection = connection
        self.id = id
        self.gateway = gateway
        self.cipher = cipher ?? .plain
        isSealed = cipher != nil
        packetsLeft = gateway.faults.packetsUntilClose
        connection.pendingOutputLimit = gateway.limits.backlogBytes
        lived()
    }

    /// Starts to read.
    func begin() { connection.handler = self }

    /// A KeepAlive came: the connection may go on as long again.
    func lived() {
        if let deadline = gateway?.limits.keepAliveDeadline { keepAlive.schedule(after: deadline) }
    }

    // MARK: Sending

    /// Sends a push in the format the client asked for.
    func push(_ protocolID: UInt32, _ payload: any Message) {
        guard isReady, let gateway, !gateway.faults.isSilent else { return }
        if gateway.choices.numbersPushes { pushes &+= 1 }
        send(
            OpenDPacket(
                protocolID: protocolID, format: pushFormat, serial: gateway.choices.numbersPushes ? pushes : 0,
                body: GatewayConnection.body(payload, pushFormat)))
        gateway.counters.pushes += 1
    }

    private static func body(_ payload: any Message, _ format: OpenDFormat) -> [UInt8] {
        func encode<Payload: Message>(_ payload: Payload) -> [UInt8] {
            OpenDReply(result: 0, message: "", errorCode: 0, payload: payload).encoded(format: format)
        }
        return encode(payload)
    }

    private func reply(_ packet: SealedOpenDPacket, _ answer: Result<any Message, GatewayRefusal>) {
        let header = packet.header
        let body: [UInt8] =
            switch answer {
            case .success(let payload): GatewayConnection.body(payload, header.format)
            case .failure(let refusal):
                OpenDReply<OpenD.KeepAlive.S2C>(
                    result: refusal.result, message: refusal.message, errorCode: refusal.errorCode ?? 0
                ).encoded(format: header.format)
            }
        send(
            OpenDPacket(protocolID: header.protocolID, format: header.format, serial: header.serial, body: body),
            isReply: true)
    }

    private func send(_ packet: OpenDPacket, isReply: Bool = false) {
        guard connection.isOpen, let gateway, !gateway.faults.isSilent,
            var bytes = try? packet.encoded(with: cipher)
        else { return }
        if let cut {
            self.cut = nil
            connection.write(Array(bytes.prefix(cut)))
            return connection.closeAfterFlush(deadline: .seconds(5))
        }
        if isReply, isReady, gateway.choices.shufflesReplies {
            guard let earlier = held else { return hold(bytes) }
            held = nil
            bytes += earlier.bytes
        }
        write(bytes)
    }

    private func hold(_ bytes: [UInt8]) {
        let timer = LoopTimer { [weak self] in
            guard let self, let held = self.held else { return }
            self.held = nil
            self.write(held.bytes)
        }
        timer.schedule(after: .milliseconds(50))
        held = (bytes, timer)
    }

    private func write(_ bytes: [UInt8]) {
        connection.write(bytes)
        guard let left = packetsLeft else { return }
        packetsLeft = left - 1
        if left <= 1 { close() }
    }

    /// Ends after so many more packets; `nil` for never.
    func closeAfter(packets: Int?) { packetsLeft = packets }

    /// Sends so many bytes of the next packet and ends.
    func cutNext(at bytes: Int) { cut = bytes }

    /// Sends what is waiting and ends.
    func close() { connection.closeAfterFlush(deadline: .seconds(5)) }

    /// Ends without a word, as a broken network does.
    func drop() { connection.abort() }

    // MARK: Requests

    func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        reader.append(bytes)
        do throws(OpenDPacketError) {
            while connection.isOpen, let packet = try reader.next() { received(packet) }
        } catch {
            // Where the next packet begins cannot be known.
            close()
        }
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) {
        keepAlive.cancel()
        delayed = [:]
        held = nil
        gateway?.ended(self)
    }

    private func received(_ packet: SealedOpenDPacket) {
        guard let gateway else { return }
        let delay = gateway.faults.answerDelay
        guard delay > .zero else { return handle(packet) }
        guard delayed.count < GatewayConnection.delayedLimit else { return drop() }
        delayedCount += 1
        let key = delayedCount
        let timer = LoopTimer { [weak self] in
            self?.delayed[key] = nil
            self?.handle(packet)
        }
        timer.schedule(after: delay)
        delayed[key] = timer
    }

    private func handle(_ packet: SealedOpenDPacket) {
        guard let gateway, connection.isOpen else { return }
        gateway.counters.count(packet.header.protocolID)
        guard let opened = open(packet) else { return refuse(packet, .invalidPacket, gateway.choices.wrongDigest) }
        if packet.header.protocolID == 1001 { return initialize(opened, packet) }
        guard isReady else { return refuse(packet, .notInitialized, gateway.choices.beforeInit) }
        if let reaction = gateway.choices.staleSerial, let newest = newestSerial, opened.serial <= newest {
            return refuse(packet, GatewayRefusal("The serial number does not grow"), reaction)
        }
        newestSerial = max(newestSerial ?? 0, opened.serial)
        let request = GatewayRequest(opened)
        let harm = gateway.faults.failure(of: request.id)
        do throws(GatewayRefusal) {
            switch harm?.harm {
            case .refuse: throw GatewayRefusal(harm?.message ?? "", result: harm?.result ?? -1)
            case .ignore: return
            case .dropBefore: return drop()
            case .loseAnswer, .dropAfter, nil: break
            }
            let answer = try gateway.answer(request, self)
            if gateway.choices.pushesFirst { gateway.flush() }
            if harm?.harm == .dropAfter { drop() }
            if let answer, harm == nil { reply(packet, .success(answer)) }
        } catch {
            reply(packet, .failure(error))
        }
        gateway.flush()
    }

    private func open(_ packet: SealedOpenDPacket) -> OpenDPacket? { try? packet.opened(with: cipher) }

    private func refuse(
        _ packet: SealedOpenDPacket, _ refusal: GatewayRefusal, _ reaction: GatewayChoices.Reaction
    ) {
        switch reaction {
        case .refuse: reply(packet, .failure(refusal))
        case .close: close()
        case .ignore: break
        }
    }

    private func initialize(_ opened: OpenDPacket, _ packet: SealedOpenDPacket) {
        guard let gateway else { return }
        do throws(GatewayRefusal) {
            guard !isReady else { throw GatewayRefusal("InitConnect was done already") }
            let c2s: OpenD.InitConnect.C2S = try GatewayRequest(opened).read()
            let session = try gateway.session(c2s, self)
            reply(packet, .success(session.answer))
            cipher = session.cipher
            receivesNotices = c2s.recvNotify ?? false
            pushFormat = OpenDFormat(rawValue: UInt8(clamping: c2s.pushProtoFmt ?? 0)) ?? .protobuf
            isReady = true
            if gateway.choices.notifiesAfterInit { gateway.greet(self) }
        } catch {
            reply(packet, .failure(error))
        }
    }
}
