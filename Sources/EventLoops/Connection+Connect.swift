internal import Clocks
internal import Glibc

extension Connection {
    /// The longest a single address is tried, TCP and TLS together.
    static let longestDial = Duration.seconds(10)
    /// The least an address is tried while others wait behind it, if that is no more than half of what is left.
    static let shortestDial = Duration.milliseconds(2500)

    /// Connects to a host, trying each of its addresses in turn, at most 10 s each and `deadline` in all.
    ///
    /// An address that does not answer takes its share of `deadline`, not all of it: those behind it are tried too.
    /// With `tls` the connection is returned once the peer's certificate has been verified for `serverName` (the host,
    /// unless given); no byte of the caller's can have been sent before. A refused certificate ends the attempt, as
    /// another address would present the same. Cancelling the task ends it at once.
    public static func connect(
        host: String, port: Int, tls: TLSClientContext? = nil, serverName: String? = nil, deadline: Duration
    ) async throws(SocketError) -> Connection {
        let end = Instant.now() + deadline
        let addresses: [SocketAddress]
        do {
            addresses = try await withDeadline(deadline) { try await NameResolver.addresses(host: host, port: port) }
        } catch let error as SocketError {
            throw error
        } catch {
            throw error is DeadlineExceeded ? .timedOut : .cancelled
        }
        return try await connect(to: addresses, tls: tls, serverName: serverName ?? host, deadline: end - Instant.now())
    }

    /// Connects to the first of `addresses` that answers; otherwise as ``connect(host:port:tls:serverName:deadline:)``.
    public static func connect(
        to addresses: [SocketAddress], tls: TLSClientContext? = nil, serverName: String = "", deadline: Duration
    ) async throws(SocketError) -> Connection {
        let end = Instant.now() + deadline
        var failure = SocketError.timedOut
        for (place, address) in addresses.enumerated() {
            let now = Instant.now()
            guard now < end else { throw .timedOut }
            let limit = longest(left: end - now, addresses: addresses.count - place)
            do {
                return try await dial(address, tls: tls, serverName: serverName, until: now + limit)
            } catch {
                switch error {
                case .cancelled, .certificate, .handshake: throw error
                case .unresolved, .system, .timedOut: failure = error
                }
            }
        }
        throw failure
    }

    /// How long the first of so many addresses is tried, when so much time is left for all of them.
    static func longest(left: Duration, addresses: Int) -> Duration {
        guard addresses > 1 else { return min(left, longestDial) }
        return min(max(left / addresses, min(shortestDial, left / 2)), longestDial)
    }

    /// One address: TCP, then TLS.
    private static func dial(
        _ address: SocketAddress, tls: TLSClientContext?, serverName: String, until end: Instant
    ) async throws(SocketError) -> Connection {
        let descriptor = try makeStreamSocket(family: address.family)
        do {
            try await open(descriptor, to: address, until: end)
        } catch {
            close(descriptor)
            throw error
        }
        var security = Security.none
        if let tls {
            guard let session = tls.makeSession(serverName: serverName) else {
                close(descriptor)
                throw .handshake(reason: "\(serverName) is not a name that can be verified")
            }
            security = .client(session: session)
        }
        guard let connection = Connection(descriptor: descriptor, peer: address, security: security) else {
            throw .system(operation: "connect", code: ENOMEM)
        }
        if tls != nil { try await connection.establish(until: end) }
        return connection
    }

    /// Waits for TCP's handshake.
    private static func open(
        _ descriptor: Int32, to address: SocketAddress, until end: Instant
    ) async throws(SocketError) {
        let started = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
        guard started == 0 || errno == EINPROGRESS else { throw .system(operation: "connect \(address)", code: errno) }
        let isReady = Completion<Bool>()
        let interest = LoopInterest(fileDescriptor: descriptor, events: .write) { _ in isReady.resolve(true) }
        defer { interest.cancel() }
        let timer = LoopTimer { isReady.resolve(false) }
        timer.schedule(after: end - Instant.now())
        defer { timer.cancel() }
        let ready: Bool
        do {
            ready = try await isReady.value()
        } catch {
            throw .cancelled
        }
        guard ready else { throw .timedOut }
        var code = takeSocketError(descriptor)
        // A free port of this machine may have been given to the dialling socket itself, which then meets itself.
        if code == 0, SocketAddress(filledBy: { getsockname(descriptor, $0, $1) }) == address { code = ECONNREFUSED }
        guard code == 0 else { throw .system(operation: "connect \(address)", code: code) }
    }

    /// Waits for TLS; closes the connection when that fails.
    private func establish(until end: Instant) async throws(SocketError) {
        let timer = LoopTimer { [weak self] in self?.established.resolve(.timedOut) }
        timer.schedule(after: end - Instant.now())
        defer { timer.cancel() }
        let failure: SocketError?
        do {
            failure = try await established.value()
        } catch {
            failure = .cancelled
        }
        guard let failure else { return }
        abort()
        throw failure
    }
}
