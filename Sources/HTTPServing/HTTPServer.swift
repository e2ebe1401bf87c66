internal import Bytes
internal import Clocks
public import EventLoops
internal import HTTPWire

/// Serves HTTP/1.1 on one or more addresses.
///
/// It decides nothing about requests that can be read: those go to the handler. What cannot be read is answered with a
/// problem document and closed. It does not log; every exchange is told to ``onCompleted`` as it ends.
@LoopActor
public final class HTTPServer {
    /// Told of each exchange when it is over.
    public var onCompleted: (@LoopActor (HTTPExchangeRecord) -> Void)?
    /// Told each time accepting failed; it goes on by itself.
    public var onAcceptFailure: ((SocketError) -> Void)?
    /// Where it listens; the ports are the bound ones. Empty once it is stopping.
    public private(set) var addresses: [SocketAddress] = []

    /// Whether requests with a body beyond 4 KiB are answered 503 as soon as that is seen, since there is no memory for
    /// them.
    public var isShortOfMemory = false

    let configuration: HTTPServerConfiguration
    let handler: any HTTPHandler
    private(set) var isStopping = false

    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var counts: [String: Int] = [:]
    private var isAcceptPaused = false
    private var sweepTimer: LoopTimer?
    private let sweepInterval: Duration
    private var closedCompletion: Completion<Bool>?
    private var random: SplitMix64
    private var date: [UInt8] = []
    private var dateEnd = Instant.zero
    /// Where answers are written before they are sent; one at a time, so all connections share it.
    private var scratch: [UInt8] = []

    /// Listens at once. Nothing is served on any address if one cannot be bound.
    ///
    /// - Throws: why an address cannot be listened on.
    public init(configuration: HTTPServerConfiguration, handler: any HTTPHandler) throws(SocketError) {
        self.configuration = configuration
        self.handler = handler
        var system = SystemRandomNumberGenerator()
        random = SplitMix64(seed: system.next())
        let deadlines = configuration.deadlines
        let shortest = [
            deadlines.header, deadlines.body, deadlines.idle, deadlines.write, deadlines.answer ?? deadlines.body,
        ].min()
        sweepInterval = min(max((shortest ?? .seconds(8)) / 8, .milliseconds(5)), .seconds(1))
        for address in configuration.addresses {
            let listener = try Listener(address: address, tls: configuration.tls) { [weak self] connection in
                self?.accepted(connection)
            }
            listener.onAcceptFailure = { [weak self] error in self?.onAcceptFailure?(error) }
            listeners.append(listener)
        }
        addresses = listeners.map(\.address)
    }

    /// How many connections it holds.
    public var connectionCount: Int { connections.count }

    /// Secures connections accepted from now on with another certificate; those that exist keep theirs. A server that
    /// started without TLS stays plain.
    public func reloadTLS(_ context: TLSServerContext) {
        for listener in listeners where listener.tls != nil { listener.tls = context }
    }

    // MARK: Connections

    private func accepted(_ connection: Connection) {
        let ip = connection.peer.ip
        guard counts[ip, default: 0] < configuration.maximumConnectionsPerAddress, !isStopping else {
            return connection.abort()
        }
        counts[ip, default: 0] += 1
        let http = HTTPConnection(connection, server: self, peerIP: ip)
        connections[ObjectIdentifier(http)] = http
        if connections.count >= configuration.maximumConnections, !isAcceptPaused {
            isAcceptPaused = true
            for listener in listeners { listener.pause() }
        }
        if sweepTimer == nil { startSweeping() }
        connection.handler = http
    }

    func removed(_ connection: HTTPConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        let count = counts[connection.peerIP, default: 1] - 1
        counts[connection.peerIP] = count > 0 ? count : nil
        if isAcceptPaused, connections.count < configuration.maximumConnections {
            isAcceptPaused = false
            for listener in listeners { listener.resume() }
        }
        if connections.isEmpty {
            sweepTimer = nil
            closedCompletion?.resolve(true)
        }
    }

    /// One timer looks at all deadlines: setting one costs nothing, and they are kept to an eighth of the shortest, or a
    /// second.
    private func startSweeping() {
        let timer = LoopTimer { [weak self] in
            guard let self else { return }
            let now = Instant.now()
            for connection in connections.values { connection.checkDeadlines(now) }
        }
        timer.schedule(every: sweepInterval)
        sweepTimer = timer
    }

    // MARK: What connections share

    func takeScratch() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &scratch)
        return taken
    }

    /// Swapped, not assigned: the buffer must have one owner to be used again.
    func giveBack(scratch used: inout [UInt8]) {
        guard used.capacity <= 256 << 10 else { return }
        used.removeAll(keepingCapacity: true)
        swap(&used, &scratch)
    }

    /// The `Date` field's text, made once a second.
    func date(_ now: Instant) -> [UInt8] {
        if now >= dateEnd {
            let time = WallTime.now()
            date = Array(HTTPDate.text(time).utf8)
            dateEnd = now + .milliseconds(1000 - (time.milliseconds % 1000 + 1000) % 1000)
        }
        return date
    }

    func makeRequestID() -> RequestID {
        RequestID(random: &random)
    }

    // MARK: Stopping

    /// Stops: no connection is accepted any more and idle ones are closed at once; requests in progress are answered with
    /// `Connection: close`, streams are told. What is left after `deadline` is cut. Returns when all are closed.
    public func drain(deadline: Duration) async {
        isStopping = true
        for listener in listeners { listener.close() }
        listeners = []
        addresses = []
        for connection in connections.values { connection.serverStopping() }
        if await allClosed(within: deadline) { return }
        for connection in connections.values { connection.cut() }
        _ = await allClosed(within: .seconds(1))
    }

    private func allClosed(within deadline: Duration) async -> Bool {
        guard !connections.isEmpty else { return true }
        let completion = closedCompletion ?? Completion<Bool>()
        closedCompletion = completion
        let timer = LoopTimer { [weak self] in
            completion.resolve(false)
            self?.closedCompletion = nil
        }
        timer.schedule(after: deadline)
        defer { timer.cancel() }
        return (try? await completion.value()) ?? connections.isEmpty
    }
}
