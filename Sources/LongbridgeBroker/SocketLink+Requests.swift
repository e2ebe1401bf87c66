internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import Limits
internal import LongbridgeWire
internal import Protobuf
internal import WebSockets

/// A request that has not left the queue, and the task that waits for it.
struct RequestWaiter {
    var command: UInt8
    var body: [UInt8]
    var outcome: Completion<Result<[UInt8], LinkFailure>>
    /// Called when the answer arrives, before anything behind it on the connection is looked at.
    var onAnswer: (@LoopActor () -> Void)?
}

/// Why a push makes the connection useless.
enum PushFault: Error, Equatable {
    /// The body is not the command's message.
    case unreadable(command: UInt8)
    /// No push has this command.
    case unknownCommand(UInt8)
}

/// Requests, answers and pushes.
extension SocketLink {
    /// Sends a call within the broker's limits and decodes its answer.
    ///
    /// - Parameters:
    ///   - wait: how long it may wait for its turn.
    ///   - timeout: how long the broker may take.
    ///   - onAnswer: called when the answer arrives, before any push behind it; the caller itself goes on a little later.
    func request<Response: Message>(
        _ command: QuoteCommand, _ body: some Message, as _: Response.Type, wait: Duration,
        timeout: Duration = .seconds(15), onAnswer: (@LoopActor () -> Void)? = nil
    ) async throws(BrokerFailure) -> Response {
        let now = Instant.now()
        let (ticket, actions) = queue.submit(command, deadline: now + wait, timeout: timeout, now: now)
        switch await outcome(of: ticket, command.rawValue, body.encoded(), actions, onAnswer) {
        case .failure(let failure):
            throw BrokerFailure(
                failure, link: (state, reason, areCredentialsRefused), isAboutSymbol: command.isAboutOneSymbol)
        case .success(let bytes):
            do throws(ProtobufError) { return try Response.decode(bytes) } catch {
                lose(current, "the answer to command \(command.rawValue) could not be read: \(error)")
                throw BrokerFailure(.badAnswer, "The broker's answer could not be read.")
            }
        }
    }

    /// Sends a request of the login.
    func control(_ command: UInt8, _ body: [UInt8], timeout: Duration) async -> Result<[UInt8], LinkFailure> {
        let (ticket, actions) = queue.submitControl(timeout: timeout, now: .now())
        return await outcome(of: ticket, command, body, actions)
    }

    private func outcome(
        of ticket: RequestQueue.Ticket, _ command: UInt8, _ body: [UInt8], _ actions: [RequestQueue.Action],
        _ onAnswer: (@LoopActor () -> Void)? = nil
    ) async -> Result<[UInt8], LinkFailure> {
        let outcome = Completion<Result<[UInt8], LinkFailure>>()
        waiters[ticket] = RequestWaiter(command: command, body: body, outcome: outcome, onAnswer: onAnswer)
        perform(actions)
        schedule()
        do throws(CancellationError) { return try await outcome.value() } catch {
            waiters[ticket] = nil
            queue.cancelled(ticket)
            return .failure(.cancelled)
        }
    }

    func perform(_ actions: [RequestQueue.Action]) {
        for action in actions {
            switch action {
            case .send(let ticket, let id, let timeout): send(ticket, id, timeout)
            case .admit(let ticket): resolve(ticket, .success([]))
            case .fail(let ticket, let failure): resolve(ticket, .failure(.request(failure)))
            }
        }
    }

    // MARK: Calls over HTTP

    /// Waits for the turn of a call over HTTP, which counts with those of the socket. ``ended(_:)`` is owed.
    func turn(wait: Duration) async throws(BrokerFailure) -> RequestQueue.Ticket {
        let now = Instant.now()
        let (ticket, actions) = queue.submitOutside(deadline: now + wait, now: now)
        switch await outcome(of: ticket, 0, [], actions) {
        case .success: return ticket
        case .failure(let failure):
            ended(ticket)
            throw BrokerFailure(failure, link: (state, reason, areCredentialsRefused), isAboutSymbol: false)
        }
    }

    /// The call of a turn has ended, however it did.
    func ended(_ turn: RequestQueue.Ticket) {
        queue.ended(outside: turn, now: .now())
        perform(queue.advance(now: .now()))
        schedule()
    }

    /// The broker refused a call as one too many: its count differs from ours, and its count is what matters.
    func refusedAsTooMany(pause: Duration) {
        queue.line.budgets[QuoteLimits.all].refused(pause: pause, at: .now())
        schedule()
    }

    private func send(_ ticket: RequestQueue.Ticket, _ id: UInt32, _ timeout: Duration) {
        guard let request = waiters[ticket] else { return }
        let milliseconds = min(timeout.millisecondsRoundedUp, 60_000)
        let packet = LongbridgePacket(
            .request(id: id, timeoutMilliseconds: UInt16(clamping: milliseconds)), command: request.command,
            body: request.body)
        guard let bytes = try? packet.encoded() else {
            queue.cancelled(ticket)
            return resolve(ticket, .failure(.unsendable))
        }
        socket?.send(binary: bytes)
    }

    private func resolve(_ ticket: RequestQueue.Ticket, _ result: Result<[UInt8], LinkFailure>) {
        guard let waiter = waiters.removeValue(forKey: ticket) else { return }
        if case .success = result { waiter.onAnswer?() }
        waiter.outcome.resolve(result)
    }

    // MARK: What the broker sends

    func received(_ message: WebSocketMessage, _ connection: Int) {
        guard current == connection else { return }
        lastMessage = .now()
        guard case .binary(let bytes) = message else { return lose(connection, "the broker sent a text message") }
        do throws(PacketError) {
            let packet = try LongbridgePacket.decode(bytes)
            switch packet.kind {
            case .response(let id, let status): answered(id, status, packet.body, connection)
            case .push where packet.command == ControlCommand.close: closePushed(packet.body, connection)
            case .push: pushed(packet, connection)
            case .request(let id, _) where packet.command == ControlCommand.heartbeat:
                let answer = LongbridgePacket(.response(id: id, status: 0), command: packet.command, body: packet.body)
                if let bytes = try? answer.encoded() { socket?.send(binary: bytes) }
            case .request:
                lose(connection, "the broker asked something unknown: command \(packet.command)")
            }
        } catch {
            lose(connection, "the broker sent a packet that cannot be read: \(error)")
        }
    }

    private func answered(_ id: UInt32, _ status: UInt8, _ body: [UInt8], _ connection: Int) {
        switch queue.answered(id: id, now: .now()) {
        case .late: break
        case .unasked: return lose(connection, "the broker answered a request nobody made: \(id)")
        case .answer(let ticket) where status == ResponseStatus.success: resolve(ticket, .success(body))
        case .answer(let ticket):
            let failure = ResponseFailure(status: status, body: body)
            if failure.sense == .rateLimited { refusedAsTooMany(pause: QuoteLimits.pauseAfterRefusal) }
            resolve(ticket, .failure(.refused(failure)))
            if failure.sense == .unauthenticated, isReady {
                return lose(connection, as: .sessionExpired, "the broker no longer knows the session")
            }
        }
        perform(queue.advance(now: .now()))
        schedule()
    }

    private func pushed(_ packet: LongbridgePacket, _ connection: Int) {
        do throws(PushFault) { try onPush?(packet.command, packet.body) } catch {
            switch error {
            case .unreadable(let command): lose(connection, "the broker's push \(command) could not be read")
            case .unknownCommand(let command): lose(connection, "the broker sent a push of unknown command \(command)")
            }
        }
    }

    private func closePushed(_ body: [UInt8], _ connection: Int) {
        guard let close = try? Longbridge.Control.Close.decode(body) else {
            return lose(connection, "the broker closed the session")
        }
        lose(
            connection, as: close.code.loss,
            "the broker closed the session: \(close.code.name ?? String(close.code.rawValue)) \(close.reason.prefix(100))"
        )
    }
}
