internal import CLibevent
internal import CShims
internal import Glibc

/// Accepts TCP connections on one address.
///
/// When descriptors run short it stops accepting for a while by itself: the connection at hand is dropped, the rest wait
/// in the kernel's backlog, and a timer tries again. A few descriptors are always left to the rest of the process.
@LoopActor
public final class Listener {
    /// Where it listens; the port is the bound one, also when 0 was asked for.
    public let address: SocketAddress
    /// What new connections are secured with; `nil` is plain. Replacing it leaves existing connections as they are.
    public var tls: TLSServerContext?
    /// A descriptor of this number or above is not used for a connection, since that few are left. By default 16 under
    /// the process's limit, or a quarter under a tiny one.
    public var descriptorCeiling: Int
    /// Told each time accepting failed, with the reason; accepting goes on by itself 250 ms later.
    public var onAcceptFailure: ((SocketError) -> Void)?

    private let onAccept: @LoopActor (Connection) -> Void
    private var descriptor: Int32
    /// Freed in close(). Its context is this object, unretained: deinit closes.
    private var event: OpaquePointer?
    /// Given up for a moment when none is left, so that a connection can be taken out of the backlog and refused.
    private var reserve: Int32
    private var isPaused = false
    private var retryTimer: LoopTimer?

    /// Binds and listens. `backlog` is how many connections the kernel keeps waiting.
    ///
    /// - Throws: ``SocketError/system(operation:code:)``, for example with `EADDRINUSE`.
    public init(
        address: SocketAddress, tls: TLSServerContext? = nil, backlog: Int = 1024,
        onAccept: @escaping @LoopActor (Connection) -> Void
    ) throws(SocketError) {
        let descriptor = try makeStreamSocket(family: address.family)
        setSocketOption(descriptor, level: SOL_SOCKET, SO_REUSEADDR, 1)
        if address.isIPv6 { setSocketOption(descriptor, level: Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        var failed: String?
        if address.withSockaddr({ bind(descriptor, $0, $1) }) != 0 {
            failed = "bind \(address)"
        } else if listen(descriptor, Int32(clamping: backlog)) != 0 {
            failed = "listen \(address)"
        }
        if let failed {
            let code = errno
            Glibc.close(descriptor)
            throw .system(operation: failed, code: code)
        }
        self.descriptor = descriptor
        self.address = SocketAddress(filledBy: { getsockname(descriptor, $0, $1) }) ?? address
        self.tls = tls
        self.onAccept = onAccept
        let limit = descriptorLimit()
        descriptorCeiling = limit - min(16, limit / 4)
        reserve = open("/dev/null", O_RDONLY | O_CLOEXEC)
        event = event_new(
            EventLoop.main.base, descriptor, Int16(EV_READ | EV_PERSIST),
            { _, _, context in
                guard let context else { return }
                Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue().acceptWaiting()
            }, Unmanaged.passUnretained(self).toOpaque())
        event_add(event, nil)
    }

    isolated deinit {
        close()
    }

    /// Leaves new connections in the kernel's backlog until ``resume()``.
    public func pause() {
        isPaused = true
        if let event { event_del(event) }
    }

    /// Accepts again after ``pause()``.
    public func resume() {
        isPaused = false
        if let event, retryTimer == nil { event_add(event, nil) }
    }

    /// Stops listening; connections in the backlog are refused by the kernel. Accepted ones live on.
    public func close() {
        guard let event else { return }
        event_free(event)
        self.event = nil
        retryTimer = nil
        Glibc.close(descriptor)
        if reserve >= 0 { Glibc.close(reserve) }
        reserve = -1
    }

    /// Takes a bounded number, so that a burst of connections does not starve those that exist.
    private func acceptWaiting() {
        for _ in 0..<64 {
            guard event != nil, !isPaused, retryTimer == nil, acceptOne() else { return }
        }
    }

    /// Whether to go on.
    private func acceptOne() -> Bool {
        var accepted: Int32 = -1
        let peer = SocketAddress { address, length in
            accepted = bb_accept(descriptor, address, length)
            return accepted
        }
        guard accepted >= 0 else { return refused(errno) }
        guard Int(accepted) < descriptorCeiling else {
            Glibc.close(accepted)
            backOff(EMFILE)
            return false
        }
        var security = Connection.Security.none
        if let tls {
            guard let session = tls.makeSession() else {
                Glibc.close(accepted)
                return true
            }
            security = .server(session: session)
        }
        if let connection = Connection(descriptor: accepted, peer: peer ?? .unspecified, security: security) {
            onAccept(connection)
        }
        return true
    }

    private func refused(_ code: Int32) -> Bool {
        switch code {
        case EAGAIN: return false
        case EMFILE, ENFILE:
            // One connection is refused visibly instead of waiting for a timeout of its own.
            if reserve >= 0 { Glibc.close(reserve) }
            let accepted = bb_accept(descriptor, nil, nil)
            if accepted >= 0 { Glibc.close(accepted) }
            reserve = open("/dev/null", O_RDONLY | O_CLOEXEC)
            backOff(code)
            return false
        case ENOBUFS, ENOMEM:
            backOff(code)
            return false
        default:
            // ECONNABORTED, EINTR and the network errors accept(2) passes on: this connection's fault, not ours.
            return true
        }
    }

    private func backOff(_ code: Int32) {
        if let event { event_del(event) }
        let timer = LoopTimer { [weak self] in
            guard let self else { return }
            retryTimer = nil
            if let event, !isPaused { event_add(event, nil) }
        }
        timer.schedule(after: .milliseconds(250))
        retryTimer = timer
        onAcceptFailure?(.system(operation: "accept", code: code))
    }
}
