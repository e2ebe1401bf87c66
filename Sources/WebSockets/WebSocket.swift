public import Clocks
public import EventLoops
public import HTTPWire

/// One WebSocket, of either side, over a ``Connection``.
///
///     open ──close(code:reason:)──▶ closing ──peer's close frame, or the deadline──▶ closed
///       └──── peer's close frame, fault, connection closed, abort() ───────────────────┘
///
/// Nothing is read before ``onMessage`` is set: set the other callbacks first. The loop keeps it alive until it is
/// closed; whoever has it must close it in the end. Everything is called on the loop's thread.
@LoopActor
public final class WebSocket: ConnectionHandler {
    private enum State: Equatable { case open, closing, closed }

    /// Takes each whole message. Setting it the first time starts reading, in the loop's next turn.
    public var onMessage: ((WebSocketMessage) -> Void)? {
        didSet { if onMessage != nil { start() } }
    }
    /// Takes the payload of each ping, after it was answered (or left unanswered, over the limit).
    public var onPing: (([UInt8]) -> Void)?
    /// Takes the payload of each pong, asked for or not.
    public var onPong: (([UInt8]) -> Void)?
    /// Told exactly once how it ended, never inside a call into the WebSocket; all callbacks are released then.
    public var onClose: ((WebSocketClosure) -> Void)?

    /// The other end.
    public let peer: SocketAddress
    /// On a server's side, the request that was upgraded.
    public let request: HTTPRequestHead?
    /// When a byte last arrived; to notice a line gone silent.
    public private(set) var lastReceived = Instant.now()

    private let connection: Connection
    private let isClient: Bool
    private let limits: WebSocketLimits
    private let codec = FrameCodec()
    private var machine: MessageStateMachine
    private var state = State.open
    private var isStarted = false
    private var leftover: [UInt8]
    private var closeTimer: LoopTimer?
    private var pingAnswers: Int
    private var pingAnswersSince = Instant.now()

    /// Takes over a connection whose reading is paused; `leftover` came behind the handshake.
    init(
        _ connection: Connection, isClient: Bool, leftover: [UInt8], limits: WebSocketLimits,
        request: HTTPRequestHead? = nil
    ) {
        self.connection = connection
        self.isClient = isClient
        self.leftover = leftover
        self.limits = limits
        self.request = request
        peer = connection.peer
        machine = MessageStateMachine(sender: isClient ? .server : .client, limits: limits)
        pingAnswers = limits.pingAnswersPerSecond
        connection.pendingOutputLimit = limits.maximumPendingOutput
        connection.handler = self
    }

    /// Whether messages can still be sent.
    public var isOpen: Bool { state == .open && connection.isOpen }

    /// Bytes accepted by the senders that the kernel has not taken.
    public var pendingOutput: Int { connection.pendingOutput }

    // MARK: Sending

    /// Sends one binary message in one frame. Ignored once closing or closed.
    public func send(binary: [UInt8]) {
        send(Opcode.binary, binary)
    }

    /// Sends one text message in one frame. Ignored once closing or closed.
    public func sendText(_ text: String) {
        send(Opcode.text, Array(text.utf8))
    }

    /// Sends a ping with at most 125 bytes, what is over is cut. Ignored once closing or closed.
    public func ping(_ payload: [UInt8] = []) {
        send(Opcode.ping, Array(payload.prefix(125)))
    }

    private func send(_ opcode: UInt8, _ payload: [UInt8]) {
        guard isOpen else { return }
        connection.write(codec.encode(opcode: opcode, payload, isMasked: isClient))
    }

    /// Begins the closing handshake; messages that still arrive are dropped, and the peer has the close deadline to
    /// answer. The reason is cut to 123 bytes. A code that must not be sent (1005, 1006 …) sends 1000.
    public func close(code: UInt16 = 1000, reason: String = "") {
        guard state == .open else { return }
        sendClose(code, reason)
        state = .closing
        let timer = LoopTimer { [weak self] in
            guard let self else { return }
            connection.abort()
            finish(WebSocketClosure(code: 1006, reason: "no close frame in time", wasClean: false))
        }
        timer.schedule(after: limits.closeDeadline)
        closeTimer = timer
        // Without a reader the peer's close frame would never be seen.
        start()
    }

    /// Drops the connection without a word.
    public func abort() {
        connection.abort()
    }

    private func sendClose(_ code: UInt16, _ reason: String) {
        let code = isLegalCloseCode(code) ? code : 1000
        var text = reason
        while text.utf8.count > 123 { text.removeLast() }
        send(Opcode.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + text.utf8)
    }

    // MARK: Receiving

    private func start() {
        guard !isStarted else { return }
        isStarted = true
        EventLoop.main.execute { [self] in
            let first = leftover
            leftover = []
            first.withUnsafeBytes { connectionReceived(connection, $0) }
            connection.resumeReading()
        }
    }

    /// Reads frames.
    public func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        guard state != .closed, !bytes.isEmpty else { return }
        lastReceived = Instant.now()
        let isReadable = codec.read(bytes) { part in
            perform(machine.received(part))
            return state != .closed
        }
        if !isReadable { refuse(1002, "not a WebSocket frame") }
    }

    private func perform(_ action: MessageStateMachine.Action) {
        switch action {
        case .wait: break
        case .deliver(let message): if state == .open { onMessage?(message) }
        case .answerPing(let payload):
            if mayAnswerPing() { send(Opcode.pong, payload) }
            onPing?(payload)
        case .notePong(let payload): onPong?(payload)
        case .peerClosed(let code, let reason, let isLegal): peerClosed(code, reason, isLegal)
        case .refuse(let code, let reason): refuse(code, reason)
        }
    }

    /// A second's worth of answers, granted again each second.
    private func mayAnswerPing() -> Bool {
        if lastReceived - pingAnswersSince >= .seconds(1) {
            pingAnswersSince = lastReceived
            pingAnswers = limits.pingAnswersPerSecond
        }
        pingAnswers -= 1
        return pingAnswers >= 0
    }

    private func peerClosed(_ code: UInt16?, _ reason: String, _ isLegal: Bool) {
        if state == .open { sendClose(isLegal ? code ?? 1000 : 1002, "") }
        end(WebSocketClosure(code: code ?? 1005, reason: reason, wasClean: isLegal))
    }

    private func refuse(_ code: UInt16, _ reason: String) {
        if state == .open { sendClose(code, reason) }
        end(WebSocketClosure(code: code, reason: reason, wasClean: false))
    }

    // MARK: Ends

    /// What was sent is flushed and the peer given time to take it; then the connection ends.
    private func end(_ closure: WebSocketClosure) {
        guard state != .closed else { return }
        connection.closeAfterFlush(lingering: true, deadline: limits.closeDeadline)
        finish(closure)
    }

    /// The connection ended without a close frame.
    public func connectionClosed(_ connection: Connection, reason: CloseReason) {
        let text =
            switch reason {
            case .peerEnd: "the peer ended the connection"
            case .error(let text): text
            case .local: "closed here"
            case .timeout: "the peer took nothing any more"
            }
        finish(WebSocketClosure(code: 1006, reason: text, wasClean: false))
    }

    private func finish(_ closure: WebSocketClosure) {
        guard state != .closed else { return }
        state = .closed
        closeTimer = nil
        let told = onClose
        onMessage = nil
        onPing = nil
        onPong = nil
        onClose = nil
        told?(closure)
    }
}
