internal import CCurl
internal import CShims
public import EventLoops
internal import Glibc

/// Calls other servers over HTTP/1.1 or HTTP/2, by libcurl on the loop: connections are kept and shared, names are
/// resolved on libcurl's threads, certificates and host names are checked, redirects are not followed. A request other
/// than GET and HEAD is sent at most once.
///
/// Proxies are taken from the environment as libcurl reads it (`https_proxy`, `no_proxy` …), but never for this machine.
@LoopActor
public final class HTTPCaller {
    /// How a caller behaves.
    public struct Configuration: Sendable {
        /// Sent with each request.
        public var userAgent = "brokerbridge"
        /// A file of certificates to trust instead of the system's: `SSL_CERT_FILE`, which libcurl does not look at
        /// by itself as sockets over TLS do.
        public var certificateAuthorities: String? = getenv("SSL_CERT_FILE").map { String(cString: $0) }
        /// How long a connection may take to be ready, TLS included.
        public var connectDeadline = Duration.seconds(10)
        /// Calls at once; more wait in order.
        public var concurrency = 32
        /// Calls that may wait; one more is refused at once.
        public var waiting = 1024

        /// The defaults.
        public init() {}
    }

    private let configuration: Configuration
    /// libcurl's handle of all transfers, released in deinit.
    private let multi: UnsafeMutableRawPointer
    private lazy var timer = LoopTimer { [weak self] in self?.act(socketTimeout, 0) }
    private lazy var connectTimer = LoopTimer { [weak self] in self?.lookAtConnecting() }
    private var interests: [Int32: LoopInterest] = [:]
    private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
    private var queue: [Transfer] = []

    /// A caller of its own connections.
    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let multi = curl_multi_init() else { preconditionFailure("libcurl could not be started: no memory") }
        self.multi = multi
        // The context is this object, unretained; deinit ends the handle before the object goes.
        let context = Unmanaged.passUnretained(self).toOpaque()
        bb_curl_multi_set_socket_callback(
            multi,
            { _, socket, what, context, _ in
                HTTPCaller.from(context)?.watch(socket, what)
                return 0
            }, context)
        bb_curl_multi_set_timer_callback(
            multi,
            { _, milliseconds, context in
                HTTPCaller.from(context)?.setTimer(milliseconds)
                return 0
            }, context)
        bb_curl_multi_set_long(multi, Int32(CURLMOPT_MAXCONNECTS.rawValue), configuration.concurrency)
    }

    /// No call is under way, since each keeps the caller; only idle connections are left to close.
    isolated deinit {
        bb_curl_multi_set_socket_callback(multi, nil, nil)
        bb_curl_multi_set_timer_callback(multi, nil, nil)
        for interest in interests.values { interest.cancel() }
        curl_multi_cleanup(multi)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> HTTPCaller? {
        context.map { Unmanaged<HTTPCaller>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Sends the request and waits for the whole answer. Ends early when the calling task is cancelled.
    public func call(_ call: HTTPCall) async throws(HTTPCallError) -> HTTPCallResult {
        guard !Task.isCancelled else { throw .cancelled }
        guard transfers.count < configuration.concurrency || queue.count < configuration.waiting else {
            throw .notSent(reason: "too many calls are waiting")
        }
        let transfer = try Transfer(call, configuration)
        queue.append(transfer)
        startWaiting()
        let limit = LoopTimer { [weak self] in self?.end(transfer, .failure(.timedOut(sent: transfer.hasLeft))) }
        limit.schedule(after: call.deadline)
        defer { limit.cancel() }
        let result: Result<HTTPCallResult, HTTPCallError>
        do throws(CancellationError) {
            result = try await transfer.outcome.value()
        } catch {
            end(transfer, .failure(.cancelled))
            throw .cancelled
        }
        return try result.get()
    }

    /// How often transfers are looked at while they connect.
    private static let connectTurn = Duration.milliseconds(250)

    private func startWaiting() {
        while transfers.count < configuration.concurrency, !queue.isEmpty {
            let transfer = queue.removeFirst()
            guard let easy = transfer.makeHandle() else {
                transfer.outcome.resolve(.failure(.notSent(reason: "libcurl refused the request")))
                continue
            }
            transfers[easy] = transfer
            if !connectTimer.isScheduled { connectTimer.schedule(every: HTTPCaller.connectTurn) }
            guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
                release(easy)
                transfer.outcome.resolve(.failure(.notSent(reason: "libcurl refused the request")))
                continue
            }
        }
    }

    /// Ends a transfer that libcurl has not ended: its connection is closed by libcurl.
    private func end(_ transfer: Transfer, _ result: Result<HTTPCallResult, HTTPCallError>) {
        queue.removeAll { $0 === transfer }
        if let easy = transfer.easy { release(easy) }
        transfer.outcome.resolve(result)
        startWaiting()
    }

    private func release(_ easy: UnsafeMutableRawPointer) {
        guard let transfer = transfers.removeValue(forKey: easy) else { return }
        curl_multi_remove_handle(multi, easy)
        curl_easy_cleanup(easy)
        transfer.released()
    }

    // MARK: libcurl's wishes

    private func watch(_ socket: Int32, _ what: Int32) {
        interests[socket]?.cancel()
        interests[socket] = nil
        guard what != CURL_POLL_REMOVE else { return }
        var events: Readiness = []
        if what & CURL_POLL_IN != 0 { events.insert(.read) }
        if what & CURL_POLL_OUT != 0 { events.insert(.write) }
        interests[socket] = LoopInterest(fileDescriptor: socket, events: events) { [weak self] ready in
            var mask: Int32 = 0
            if ready.contains(.read) { mask |= CURL_CSELECT_IN }
            if ready.contains(.write) { mask |= CURL_CSELECT_OUT }
            self?.act(socket, mask)
        }
    }

    private func setTimer(_ milliseconds: Int) {
        if milliseconds < 0 { timer.cancel() } else { timer.schedule(after: .milliseconds(milliseconds)) }
    }

    /// libcurl 7.88 gives up one address of a name and then does not begin with the next one before something happens;
    /// with its own program that is the next turn of a loop, here there would be none.
    private func lookAtConnecting() {
        guard transfers.values.contains(where: { !$0.hasLeft }) else { return connectTimer.cancel() }
        var running: Int32 = 0
        _ = bb_curl_multi_look_at_all(multi, &running)
        takeEnded()
    }

    private func act(_ socket: Int32, _ mask: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, mask, &running)
        takeEnded()
    }

    private func takeEnded() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = transfers[easy]
            else { continue }
            let result = transfer.result(message.pointee.data.result)
            release(easy)
            transfer.outcome.resolve(result)
        }
        startWaiting()
    }
}

/// `CURL_SOCKET_TIMEOUT`, a macro Swift does not see.
private let socketTimeout: Int32 = -1
