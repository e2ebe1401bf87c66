internal import Clocks
internal import EventLoops
internal import HTTPWire

/// One client's connection: reads a request, has it answered, and only then looks at the next.
///
///     reading ──request──▶ answering ──answer──▶ reading
///        │        ├─────────▶ streaming ──finish──┐
///        │        └─────────▶ handedOver          ▼
///        └──── error, last answer, deadline ──▶ closing ──▶ closed
@LoopActor
final class HTTPConnection: ConnectionHandler {
    enum Phase {
        case reading
        case answering(Exchange, Task<Void, Never>)
        case streaming(Exchange, HTTPStream)
        /// The last bytes are on their way, or wait in `unsent`.
        case closing
        case handedOver
    }

    /// What is being answered.
    struct Exchange {
        /// Which one on this connection: a client may give two requests the same id.
        var serial: Int
        var method: HTTPMethod?
        var version: HTTPVersion
        var keepsAlive: Bool
        var id: RequestID
        var requestBytes: Int
        var receivedAt: Instant
    }

    /// What the deadline is for.
    enum Wait {
        /// The first byte of the connection.
        case first
        case head
        case body
        /// The first byte of another request.
        case idle
        case answer
        case nothing
    }

    let connection: Connection
    /// Held until the connection is closed.
    let server: HTTPServer
    let peerIP: String
    var phase = Phase.reading
    var wait = Wait.first
    var deadline: Instant
    var parser: HTTPRequestParser
    private var serial = 0
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// Received, and not looked at before the answer in progress is out.
    private var backlog: [UInt8] = []
    private var isReadingPaused = false
    private var hasPeerEnded = false
    private var bytesDuringStream = 0
    /// The rest of a large body.
    var unsent: ArraySlice<UInt8> = []
    /// A stream whose body is complete, until the connection is closed.
    var finished: HTTPStream?
    /// How the connection ends once everything is handed over.
    var closesLingering: Bool?
    /// All bytes given to the connection so far; what it took of them shows whether the client reads.
    var handedBytes = 0
    private var takenBytes = 0
    private var lastProgress: Instant
    /// The authority that was allowed last, so that it is judged once a connection.
    var allowedAuthority: String?

    /// Enough for what halts and cancels.
    private static let bodyBytesInShortage = 4 << 10
    private static let shortage = Problem(
        status: 503, code: "overloaded", detail: "The process is short of memory.", retryable: true,
        retryAfter: .seconds(1))

    init(_ connection: Connection, server: HTTPServer, peerIP: String) {
        self.connection = connection
        self.server = server
        self.peerIP = peerIP
        let now = Instant.now()
        lastProgress = now
        deadline = now + server.configuration.deadlines.header
        parser = HTTPRequestParser(limits: server.configuration.limits)
        connection.pendingOutputLimit = 4 * server.configuration.outputBytes + (256 << 10)
    }

    // MARK: Input

    func connectionReceived(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        switch phase {
        case .reading where backlog.isEmpty && !isOutputFull(0): process(bytes)
        case .reading, .answering: hold(bytes, from: 0)
        case .streaming:
            bytesDuringStream += bytes.count
            if bytesDuringStream > server.configuration.bytesDuringStream { connection.abort() }
        case .closing, .handedOver: break
        }
    }

    /// Keeps what may not be looked at yet, and stops reading when it has grown.
    private func hold(_ bytes: UnsafeRawBufferPointer, from offset: Int) {
        guard offset < bytes.count else { return }
        backlog.append(contentsOf: bytes[offset...])
        if backlog.count > server.configuration.pipelinedBytes { pauseReading() }
    }

    private func pauseReading() {
        guard !isReadingPaused else { return }
        isReadingPaused = true
        connection.pauseReading()
    }

    /// Looks at what has come meanwhile, once another request may be answered.
    func readOn() {
        guard case .reading = phase, !isOutputFull(0) else { return }
        if !backlog.isEmpty {
            let held = backlog
            backlog = []
            held.withUnsafeBytes { process($0) }
        }
        guard case .reading = phase, !isOutputFull(0), backlog.isEmpty else { return }
        if hasPeerEnded { return close(lingering: false) }
        guard isReadingPaused else { return }
        isReadingPaused = false
        connection.resumeReading()
    }

    /// Reads requests and answers them, as long as answers are at hand; all answers leave in one write.
    private func process(_ bytes: UnsafeRawBufferPointer) {
        var output = server.takeScratch()
        var offset = 0
        let now = Instant.now()
        reading: while case .reading = phase {
            guard !isOutputFull(output.count) else { break }
            do throws(HTTPParseError) {
                guard let event = try parser.next(bytes, from: &offset) else { break reading }
                switch event {
                case .head(let head): begin(head, hasBodyBytes: offset < bytes.count, now, &output)
                case .body(let range):
                    body.append(contentsOf: bytes[range])
                    if server.isShortOfMemory, body.count > HTTPConnection.bodyBytesInShortage {
                        refuse(HTTPConnection.shortage, now, &output)
                        body = []
                    }
                case .end:
                    finishRequest(now, &output, leftover: { Array(bytes[offset...]) })
                    if offset == bytes.count { break reading }
                }
            } catch {
                refuse(Problem(error), now, &output)
            }
        }
        flush(&output)
        server.giveBack(scratch: &output)
        switch phase {
        case .reading:
            hold(bytes, from: offset)
            if isOutputFull(0) { pauseReading() }
            watch(now)
        case .answering: hold(bytes, from: offset)
        case .streaming, .closing, .handedOver: break
        }
        closeIfDone()
    }

    /// Sets the deadline for what is read next. One that runs is left as it is.
    private func watch(_ now: Instant) {
        if parser.isBetweenRequests {
            if wait == .nothing { set(.idle, now + server.configuration.deadlines.idle) }
        } else if parser.isInHead {
            if wait == .first { wait = .head }
            if wait != .head { set(.head, now + server.configuration.deadlines.header) }
        }
    }

    func set(_ wait: Wait, _ deadline: Instant) {
        self.wait = wait
        self.deadline = deadline
    }

    private func begin(_ head: HTTPRequestHead, hasBodyBytes: Bool, _ now: Instant, _ output: inout [UInt8]) {
        self.head = head
        // Without a body the request is complete.
        if head.bodyLength != .none { set(.body, now + server.configuration.deadlines.body) }
        if head.expectsContinue, !hasBodyBytes { output += HTTPResponseEncoder.continueLine }
    }

    private func finishRequest(_ now: Instant, _ output: inout [UInt8], leftover: () -> [UInt8]) {
        guard let head else { return }
        let request = HTTPRequest(
            head: head, body: body, peer: connection.peer, peerIP: peerIP, local: connection.local,
            isTLS: connection.isTLS, id: head.value(of: .requestID).flatMap(RequestID.init) ?? server.makeRequestID(),
            receivedAt: now)
        self.head = nil
        body = []
        wait = .nothing
        answer(request, &output, leftover: leftover)
    }

    func nextSerial() -> Int {
        serial += 1
        return serial
    }

    /// The exchange of a request that could not be read whole.
    func unreadableExchange(_ now: Instant) -> Exchange {
        Exchange(
            serial: nextSerial(), method: head?.method, version: head?.version ?? .http11, keepsAlive: false,
            id: server.makeRequestID(),
            requestBytes: body.count, receivedAt: now)
    }

    // MARK: Output

    var pendingOutput: Int { connection.pendingOutput }

    /// Whether so much waits for the client, `more` included, that it must read before it is served on.
    func isOutputFull(_ more: Int) -> Bool {
        !unsent.isEmpty || pendingOutput + more >= server.configuration.outputBytes
    }

    func send(_ bytes: UnsafeRawBufferPointer) {
        handedBytes += bytes.count
        connection.write(bytes)
    }

    func flush(_ output: inout [UInt8]) {
        guard !output.isEmpty else { return }
        handedBytes += output.count
        connection.write(output)
        output.removeAll(keepingCapacity: true)
    }

    /// Hands over as much of a large body as may wait.
    func sendUnsent() {
        while !unsent.isEmpty, pendingOutput == 0 {
            let piece = unsent.prefix(min(server.configuration.outputBytes, 256 << 10))
            unsent = unsent.dropFirst(piece.count)
            piece.withUnsafeBytes { send($0) }
        }
        if unsent.isEmpty { unsent = [] }
    }

    func connectionDrained(_ connection: Connection) {
        if case .streaming(_, let stream) = phase {
            stream.onDrained?()
            return
        }
        sendUnsent()
        closeIfDone()
        readOn()
    }

    // MARK: Ends

    /// Ends the connection after what is queued.
    func close(lingering: Bool) {
        phase = .closing
        wait = .nothing
        closesLingering = lingering
        closeIfDone()
    }

    func closeIfDone() {
        guard case .closing = phase, unsent.isEmpty, let closesLingering else { return }
        self.closesLingering = nil
        connection.closeAfterFlush(lingering: closesLingering, deadline: server.configuration.deadlines.write)
    }

    /// A client that ended its side may still read what is on its way; one that waits for more than that is gone.
    func connectionPeerEnded(_ connection: Connection) -> Bool {
        switch phase {
        case .reading where !unsent.isEmpty || pendingOutput > 0 || !backlog.isEmpty:
            hasPeerEnded = true
            if unsent.isEmpty, backlog.isEmpty { close(lingering: false) }
            return true
        case .closing: return true
        case .reading, .answering, .streaming, .handedOver: return false
        }
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) {
        let ended = phase
        phase = .closing
        backlog = []
        unsent = []
        server.removed(self)
        clientGone(ended)
    }

    /// Called by the server's one timer.
    func checkDeadlines(_ now: Instant) {
        let isSending = pendingOutput > 0 || !unsent.isEmpty
        // A client is not idle while it reads.
        if wait == .idle, isSending { deadline = now + server.configuration.deadlines.idle }
        if wait != .nothing, now >= deadline { return expired(now) }
        let taken = handedBytes - pendingOutput
        if taken != takenBytes || !isSending {
            takenBytes = taken
            lastProgress = now
        } else if now - lastProgress >= server.configuration.deadlines.write, !isStreaming {
            connection.abort()
        }
    }
}
