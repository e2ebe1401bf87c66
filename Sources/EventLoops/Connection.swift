internal import CLibevent
internal import COpenSSL
internal import Clocks
internal import Glibc

/// One TCP connection, plain or TLS, on the loop.
///
///     opening ──established──▶ open ──closeAfterFlush──▶ flushing ──flushed──▶ lingering ──peer's end──▶ closed
///        └────────────────────────┴─────── abort, error, peer's end ────┴──────────┴───────────────────────┘
///
/// The loop keeps it alive until it is closed; whoever has it must close it in the end. Reading starts when it first
/// has a ``handler``. Everything is called on the loop's thread.
@LoopActor
public final class Connection {
    enum State: Equatable { case opening, open, flushing(lingering: Bool), lingering, closed }

    /// Who connected from where, as the kernel says.
    public let peer: SocketAddress
    /// This side's address.
    public let local: SocketAddress
    /// Whether it is TLS.
    public let isTLS: Bool

    /// Takes what happens. It is released when the connection is closed; it may be replaced at any time before.
    public var handler: (any ConnectionHandler)? {
        didSet { if handler != nil { startReading() } }
    }

    /// The most bytes of output that may wait, 64 MiB unless set; a write that goes over it closes the connection with
    /// an error. A backstop: those who stream watch ``pendingOutput`` and decide earlier.
    public var pendingOutputLimit = 64 << 20

    var state: State
    let descriptor: Int32
    /// Freed by ``release()``; nil once closed. It owns the descriptor and the TLS session.
    private(set) var bufferEvent: OpaquePointer?
    /// Tells of input on a plain connection, which is read past libevent's buffers; freed with `bufferEvent`.
    var readEvent: OpaquePointer?
    /// Resolved when TLS is established, or closed before: what a dial waits for.
    let established = Completion<SocketError?>()

    var isReadPaused = false
    var hasStartedReading = false
    var hasPeerEnded = false
    private var isKeptAfterPeerEnd = false
    var isDelivering = false
    var isDeliveryDue = false
    var mustRelease = false
    private var isDrainDue = false
    /// Set once the peer takes no more.
    private var writeFailure: CloseReason?
    private var closeTimer: LoopTimer?
    private var closeDeadline: Instant?

    /// Connections that are not closed, kept alive here.
    private static var all: [ObjectIdentifier: Connection] = [:]
    /// What is read at once; one for all, since the loop delivers one piece at a time. Never freed.
    static let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

    /// How many connections are not closed.
    public static var openCount: Int { all.count }

    /// What TLS does on a new socket; the session is owned by the connection from here on.
    enum Security {
        case none
        case client(session: OpaquePointer)
        case server(session: OpaquePointer)
    }

    /// Takes over a connected, non-blocking socket. `nil`, with everything released, when libevent is out of memory.
    init?(descriptor: Int32, peer: SocketAddress, security: Security) {
        let closing = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue)
        // TLS may fail inside a write; deferred, its callbacks never run inside a call of ours.
        let deferring = closing | Int32(BEV_OPT_DEFER_CALLBACKS.rawValue)
        let base = EventLoop.main.base
        let created: OpaquePointer?
        switch security {
        case .none:
            created = bufferevent_socket_new(base, descriptor, closing)
        case .client(let session):
            created = bufferevent_openssl_socket_new(base, descriptor, session, BUFFEREVENT_SSL_CONNECTING, deferring)
            if created == nil { SSL_free(session) }
        case .server(let session):
            created = bufferevent_openssl_socket_new(base, descriptor, session, BUFFEREVENT_SSL_ACCEPTING, deferring)
            if created == nil { SSL_free(session) }
        }
        guard let created else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.peer = peer
        local = SocketAddress(filledBy: { getsockname(descriptor, $0, $1) }) ?? .unspecified
        bufferEvent = created
        if case .none = security {
            isTLS = false
            state = .open
        } else {
            isTLS = true
            state = .opening
            bufferevent_openssl_set_allow_dirty_shutdown(created, 1)
        }
        setNoDelay(true)
        Connection.all[ObjectIdentifier(self)] = self
        installCallbacks(created)
    }

    /// The context is this object, unretained: `all` keeps it until `release()` has taken the callbacks back.
    private func installCallbacks(_ bufferEvent: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        Connection.setCallbacks(bufferEvent, context)
        // Writing is enabled by libevent itself; asking for it would only wake the loop for an empty buffer.
        bufferevent_disable(bufferEvent, Int16(EV_READ))
        if !isTLS { readEvent = Connection.makeReadEvent(descriptor, context) }
    }

    /// A plain socket's input needs no buffer between the kernel and the handler: that saves two calls of the kernel's for
    /// each read. `nil` when there is no memory; libevent's buffers serve then.
    private nonisolated static func makeReadEvent(
        _ descriptor: Int32, _ context: UnsafeMutableRawPointer
    ) -> OpaquePointer? {
        event_new(
            EventLoop.main.base, descriptor, Int16(EV_READ | EV_PERSIST),
            { _, _, context in
                nonisolated(unsafe) let context = context
                LoopActor.assumeIsolated { Connection.from(context)?.receive() }
            }, context)
    }

    /// Outside the actor, so that each call checks the thread by one comparison; the check the compiler would put in asks
    /// Swift's runtime, which costs more than all the rest of the callback.
    private nonisolated static func setCallbacks(_ bufferEvent: OpaquePointer, _ context: UnsafeMutableRawPointer) {
        bufferevent_setcb(
            bufferEvent,
            { _, context in
                nonisolated(unsafe) let context = context
                LoopActor.assumeIsolated { Connection.from(context)?.deliver() }
            },
            { _, context in
                nonisolated(unsafe) let context = context
                LoopActor.assumeIsolated { Connection.from(context)?.drained() }
            },
            { _, what, context in
                let code = errno
                nonisolated(unsafe) let context = context
                LoopActor.assumeIsolated { Connection.from(context)?.happened(what, code) }
            }, context)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Connection? {
        context.map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Whether it can still be written to.
    public var isOpen: Bool { state == .opening || state == .open }

    // MARK: Writing

    /// Sends bytes, or queues what the kernel does not take. Ignored once closing or closed.
    public func write(_ bytes: [UInt8]) {
        // Most writes are taken whole by the kernel, and need no buffer.
        if isOpen, writeFailure == nil, !isTLS, pendingOutput == 0 {
            let sent = Connection.sendNow(bytes, to: descriptor)
            if sent == bytes.count { return }
            if sent > 0 { return writeRest(bytes, from: sent) }
        }
        bytes.withUnsafeBytes { write($0) }
    }

    private func writeRest(_ bytes: [UInt8], from offset: Int) {
        bytes.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
    }

    /// What the kernel takes at once; below zero if it takes nothing. Outside the actor, so that its closure is not checked
    /// by Swift's runtime.
    private nonisolated static func sendNow(_ bytes: [UInt8], to descriptor: Int32) -> Int {
        bytes.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
    }

    /// Sends bytes, or queues what the kernel does not take. Ignored once closing or closed.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        guard isOpen, writeFailure == nil, let bufferEvent, var rest = bytes.baseAddress else { return }
        var count = bytes.count
        if !isTLS, pendingOutput == 0 {
            // Straight to the kernel: no copy, and no registration with epoll, when it has room.
            while count > 0 {
                let sent = send(descriptor, rest, count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                if sent < 0 {
                    if errno == EINTR { continue }
                    if errno == EAGAIN { break }
                    return writeFailed(errno)
                }
                rest += sent
                count -= sent
            }
        }
        guard count > 0 else { return }
        guard pendingOutput + count <= pendingOutputLimit else {
            return closeLater(.error("more than \(pendingOutputLimit) bytes of output waiting"))
        }
        isDrainDue = true
        bufferevent_write(bufferEvent, rest, count)
    }

    /// Bytes accepted by ``write(_:)-(Array<UInt8>)`` that the kernel has not taken.
    public var pendingOutput: Int {
        // Asked several times for each request; libevent takes a lock to say it.
        guard isDrainDue, let bufferEvent else { return 0 }
        return evbuffer_get_length(bufferevent_get_output(bufferEvent))
    }

    private func drained() {
        guard isDrainDue, pendingOutput == 0 else { return }
        isDrainDue = false
        switch state {
        case .opening, .closed, .lingering: return
        case .open: handler?.connectionDrained(self)
        case .flushing: flushed()
        }
    }

    /// The peer takes no more. What it sent before it went may be readable still, and ends with the true reason.
    private func writeFailed(_ code: Int32) {
        guard writeFailure == nil else { return }
        let reason = CloseReason.error(systemErrorText(code))
        writeFailure = reason
        guard state == .open, hasStartedReading, !isReadPaused, !hasPeerEnded else { return closeLater(reason) }
        startCloseTimer(.seconds(1), reason)
    }

    // MARK: Ends

    /// What libevent reports besides bytes; `code` is errno as the failed call left it.
    private func happened(_ what: Int16, _ code: Int32) {
        let what = Int32(what)
        if what & BEV_EVENT_CONNECTED != 0 {
            guard state == .opening else { return }
            state = .open
            established.resolve(nil)
        } else if what & BEV_EVENT_EOF != 0 {
            hasPeerEnded = true
            deliver()
            if state != .open { peerEnded() }
        } else if state == .opening {
            let error = handshakeError(code)
            established.resolve(error)
            finish(.error(error.description))
        } else if what & BEV_EVENT_WRITING != 0, !isTLS {
            writeFailed(code)
        } else {
            deliver()
            finish(.error(transportErrorText(code)))
        }
    }

    func peerEnded() {
        switch state {
        case .closed: return
        case .opening:
            established.resolve(.handshake(reason: "the peer closed the connection"))
            finish(.peerEnd)
        case .open:
            guard !isKeptAfterPeerEnd else { return }
            isKeptAfterPeerEnd = true
            // A failed write has taken the socket's error with it: the read side then shows a mere end.
            if let writeFailure { return finish(writeFailure) }
            if isTLS || handler?.connectionPeerEnded(self) != true { finish(.peerEnd) }
        case .flushing: if isTLS { finish(.local) }
        case .lingering: finish(.local)
        }
    }

    /// Sends what is queued, then closes: the ordinary end.
    ///
    /// Input is discarded from now on. With `lingering` the peer is told first that nothing more comes, and closes in
    /// its own time, so that bytes it has in flight do not turn into a reset that destroys what was sent. All together
    /// takes at most `deadline`; then it is cut, with ``CloseReason/timeout`` if output was left.
    public func closeAfterFlush(lingering: Bool = false, deadline: Duration = .seconds(30)) {
        guard isOpen else { return }
        state = .flushing(lingering: lingering)
        // Read on, to discard: bytes left unread in the kernel would turn the close into a reset, and what is being
        // sent would be lost with it.
        if !hasPeerEnded { setReading(true) }
        closeDeadline = Instant.now() + deadline
        startCloseTimer(deadline, .timeout)
        if let writeFailure {
            closeLater(writeFailure)
        } else if pendingOutput == 0 {
            EventLoop.main.execute { [self] in flushed() }
        }
    }

    private func flushed() {
        guard case .flushing(let lingering) = state, let bufferEvent else { return }
        if isTLS {
            ERR_clear_error()
            SSL_shutdown(bufferevent_openssl_get_ssl(bufferEvent))
        }
        guard lingering, !hasPeerEnded else { return finish(.local) }
        state = .lingering
        shutdown(descriptor, Int32(SHUT_WR))
        let rest = closeDeadline.map { $0 - Instant.now() } ?? .zero
        startCloseTimer(min(.seconds(5), rest), .local)
    }

    /// Closes at once; output not yet taken by the kernel is dropped.
    public func abort() {
        closeLater(.local)
    }

    /// One timer at a time: each phase of the end replaces the one before.
    private func startCloseTimer(_ deadline: Duration, _ reason: CloseReason) {
        let timer = LoopTimer { [weak self] in self?.finish(reason) }
        timer.schedule(after: deadline)
        closeTimer = timer
    }

    /// Closes now, and tells the handler in the loop's next turn.
    private func closeLater(_ reason: CloseReason) {
        guard state != .closed else { return }
        let handler = shut()
        EventLoop.main.execute { [self] in handler?.connectionClosed(self, reason: reason) }
    }

    /// Closes, and tells the handler; only called from the loop itself, never inside a caller's stack.
    func finish(_ reason: CloseReason) {
        guard state != .closed else { return }
        let handler = shut()
        handler?.connectionClosed(self, reason: reason)
    }

    private func shut() -> (any ConnectionHandler)? {
        state = .closed
        established.resolve(.cancelled)
        closeTimer = nil
        if isDelivering { mustRelease = true } else { release() }
        let last = handler
        handler = nil
        return last
    }

    /// The one place that frees libevent's object, and with it the descriptor and the TLS session.
    func release() {
        mustRelease = false
        if let readEvent { event_free(readEvent) }
        readEvent = nil
        if let bufferEvent { bufferevent_free(bufferEvent) }
        bufferEvent = nil
        Connection.all[ObjectIdentifier(self)] = nil
    }
}
