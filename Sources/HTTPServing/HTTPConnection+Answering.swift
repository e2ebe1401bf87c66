internal import Clocks
internal import EventLoops
internal import HTTPWire

// From a whole request to its answer.
extension HTTPConnection {
    /// Bodies up to this size leave in one write with their head.
    private static let coalescedBytes = 64 << 10

    func answer(_ request: HTTPRequest, _ output: inout [UInt8], leftover: () -> [UInt8]) {
        let exchange = Exchange(
            serial: nextSerial(), method: request.head.method, version: request.head.version,
            keepsAlive: request.head.keepsAlive,
            id: request.id, requestBytes: request.body.count, receivedAt: request.receivedAt)
        guard isAllowed(request.head.authority) else {
            let problem = Problem(
                status: 421, code: "misdirected_request", detail: "Host is not one of this server's names.")
            return finish(exchange, problem.response(requestID: request.id), &output)
        }
        switch server.handler.respond(to: request) {
        case .ready(let response):
            finish(exchange, response, &output)
        case .pending(let body):
            if let limit = server.configuration.deadlines.answer { set(.answer, request.receivedAt + limit) }
            let task = spawn { [weak self] in
                let response = await body()
                self?.answered(exchange.serial, response)
            }
            phase = .answering(exchange, task)
        case .stream(let fields, let start):
            stream(exchange, fields, start, &output)
        case .upgrade(let fields, let start):
            handOver(exchange, fields, start, &output, leftover: leftover)
        case .hangUp:
            connection.abort()
        }
    }

    private func isAllowed(_ authority: String?) -> Bool {
        guard let hosts = server.configuration.hosts else { return true }
        if let authority, authority == allowedAuthority { return true }
        let local = connection.local
        guard hosts.allows(authority, localIP: local.ip, localPort: local.port, isTLS: connection.isTLS) else {
            return false
        }
        allowedAuthority = authority
        return true
    }

    // MARK: From memory

    /// Writes an answer, and closes behind it if it is the last one.
    func finish(_ exchange: Exchange, _ response: HTTPResponse, _ output: inout [UInt8], lingering: Bool = false) {
        let now = Instant.now()
        let isLast = !exchange.keepsAlive || server.isStopping
        let (status, body) = (response.status, response.body)
        let framing = HTTPResponseEncoder.framing(status: status, count: body.count)
        HTTPResponseEncoder.appendHead(
            to: &output, status: status, fields: response.fields, framing: framing,
            persistence: persistence(exchange, isLast: isLast), date: server.date(now), requestID: exchange.id,
            rateLimit: response.rateLimit)
        let hasBody = exchange.method != .head && framing != .none
        if hasBody, body.count <= HTTPConnection.coalescedBytes {
            output += body
        } else if hasBody {
            flush(&output)
            unsent = body[...]
            sendUnsent()
        }
        if isLast {
            flush(&output)
            close(lingering: lingering)
        }
        record(
            exchange, status: status, bytes: hasBody ? body.count : 0, now: now,
            template: response.routeTemplate, key: response.keyName)
    }

    private func persistence(_ exchange: Exchange, isLast: Bool) -> HTTPResponseEncoder.Persistence {
        if isLast { return .closed }
        return exchange.version == .http10 ? .keptStated : .kept
    }

    /// Answers a message that cannot be read, and closes so that the answer arrives.
    func refuse(_ problem: Problem, _ now: Instant, _ output: inout [UInt8]) {
        let exchange = unreadableExchange(now)
        finish(exchange, problem.response(requestID: exchange.id), &output, lingering: true)
    }

    // MARK: Later

    /// Takes a pending answer, if it is still waited for.
    private func answered(_ serial: Int, _ response: HTTPResponse) {
        guard case .answering(let exchange, _) = phase, exchange.serial == serial else { return }
        finishPending(exchange, response)
    }

    func finishPending(_ exchange: Exchange, _ response: HTTPResponse) {
        phase = .reading
        set(.idle, Instant.now() + server.configuration.deadlines.idle)
        var output = server.takeScratch()
        finish(exchange, response, &output)
        flush(&output)
        server.giveBack(scratch: &output)
        readOn()
    }

    // MARK: Streams

    var isStreaming: Bool {
        if case .streaming = phase { true } else { false }
    }

    private func stream(
        _ exchange: Exchange, _ fields: HTTPFields, _ start: @LoopActor (HTTPStream) -> Void, _ output: inout [UInt8]
    ) {
        let now = Instant.now()
        let isChunked = exchange.version == .http11
        let isHead = exchange.method == .head
        let isLast = !isHead || !exchange.keepsAlive || server.isStopping
        HTTPResponseEncoder.appendHead(
            to: &output, status: 200, fields: fields, framing: isChunked ? .chunked : .untilClose,
            persistence: persistence(exchange, isLast: isLast), date: server.date(now), requestID: exchange.id)
        flush(&output)
        if isHead {
            record(exchange, status: 200, bytes: 0, now: now, template: nil, key: nil)
            if isLast { close(lingering: false) }
            return
        }
        let deadline = server.configuration.deadlines.streamUnacknowledged
        connection.setNotSentLowWater(16 << 10)
        connection.setUserTimeout(deadline)
        connection.setKeepAlive(idle: deadline / 4, interval: deadline / 4, count: 3)
        let stream = HTTPStream(connection: self, isChunked: isChunked)
        phase = .streaming(exchange, stream)
        start(stream)
        if server.isStopping { serverStopping() }
    }

    func sendStreamed(_ bytes: UnsafeRawBufferPointer) {
        send(bytes)
    }

    func streamFinished() {
        guard case .streaming(let exchange, let stream) = phase else { return }
        finished = stream
        close(lingering: false)
        record(exchange, stream, .answered)
    }

    func abortStream() {
        guard isStreaming else { return }
        connection.abort()
    }

    // MARK: Another protocol

    private func handOver(
        _ exchange: Exchange, _ fields: HTTPFields, _ start: @LoopActor (Connection, [UInt8]) -> Void,
        _ output: inout [UInt8], leftover: () -> [UInt8]
    ) {
        let now = Instant.now()
        HTTPResponseEncoder.appendHead(
            to: &output, status: 101, fields: fields, framing: .none, persistence: .upgraded, date: server.date(now),
            requestID: exchange.id)
        flush(&output)
        phase = .handedOver
        wait = .nothing
        record(exchange, status: 101, bytes: 0, now: now, template: nil, key: nil, outcome: .upgraded)
        server.removed(self)
        connection.pendingOutputLimit = 64 << 20
        start(connection, leftover())
    }
}
