internal import Clocks
internal import EventLoops
internal import HTTPWire

// Deadlines, leaving clients, and the server's own end.
extension HTTPConnection {
    func expired(_ now: Instant) {
        switch wait {
        case .first, .idle:
            close(lingering: false)
        case .head, .body:
            var output: [UInt8] = []
            refuse(
                Problem(
                    status: 408, code: "request_timeout",
                    detail: "The request did not arrive within \(wait == .head ? "its header" : "its body") deadline."),
                now, &output)
        case .answer:
            guard case .answering(let exchange, let task) = phase else { return }
            task.cancel()
            let problem = Problem(
                status: 504, code: "answer_timeout", detail: "The answer was not ready in time.", retryable: true)
            finishPending(exchange, problem.response(requestID: exchange.id))
        case .nothing:
            break
        }
    }

    /// The connection is closed: ends what was in progress.
    func clientGone(_ phase: Phase) {
        switch phase {
        case .answering(let exchange, let task):
            task.cancel()
            record(
                exchange, status: nil, bytes: 0, now: Instant.now(), template: nil, key: nil, outcome: .clientGone)
        case .streaming(let exchange, let stream):
            record(exchange, stream, .clientGone)
            stream.closed()
        case .closing:
            finished?.closed()
            finished = nil
        case .reading, .handedOver:
            break
        }
    }

    func serverStopping() {
        switch phase {
        case .reading where parser.isBetweenRequests && unsent.isEmpty: close(lingering: false)
        case .reading, .answering, .closing, .handedOver: break
        case .streaming(_, let stream):
            if let onServerStopping = stream.onServerStopping { onServerStopping() } else { stream.finish() }
        }
    }

    func cut() {
        connection.abort()
    }

    // MARK: Records

    func record(
        _ exchange: Exchange, status: Int?, bytes: Int, now: Instant, template: String?, key: String?,
        outcome: HTTPExchangeRecord.Outcome = .answered
    ) {
        guard let onCompleted = server.onCompleted else { return }
        onCompleted(
            HTTPExchangeRecord(
                method: exchange.method, routeTemplate: template, status: status, requestBytes: exchange.requestBytes,
                responseBytes: bytes, duration: now - exchange.receivedAt, peer: connection.peer,
                requestID: exchange.id, keyName: key, isStream: false, outcome: outcome))
    }

    func record(_ exchange: Exchange, _ stream: HTTPStream, _ outcome: HTTPExchangeRecord.Outcome) {
        server.onCompleted?(
            HTTPExchangeRecord(
                method: exchange.method, routeTemplate: stream.routeTemplate, status: 200,
                requestBytes: exchange.requestBytes, responseBytes: stream.writtenBytes,
                duration: Instant.now() - exchange.receivedAt, peer: connection.peer, requestID: exchange.id,
                keyName: stream.keyName, isStream: true, outcome: outcome))
    }
}
