internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import OpenDWire
internal import Protobuf

/// A request that has not left the queue, and the task that waits for it.
struct OpenDWaiter {
    var protocolID: UInt32
    /// The body, once the number it is sent with is known.
    var body: @LoopActor (OpenDPacketNumber) -> [UInt8]
    var outcome: Completion<Result<OpenDPacket, OpenDCallFailure>>
}

/// Requests, answers and pushes.
extension OpenDLink: OpenDCalls {
    var session: OpenDSession? {
        guard case .ready = machine.state, let greeting else { return nil }
        return OpenDSession(
            connection: greeting.connID, user: greeting.loginUserID, gatewayVersion: greeting.serverVer,
            isTradeReady: machine.standing.isTradeReady)
    }

    func call<Request: OpenDRequestMessage>(
        _ pacing: OpenDPacing, wait: Duration, timeout: Duration,
        _ request: @escaping @LoopActor (OpenDPacketNumber) -> Request
    ) async throws(OpenDCallFailure) -> Request.Reply {
        let packet = try await exchange(Request.protocolID, pacing, wait: wait, timeout: timeout) {
            OpenDRequest.encode(request($0))
        }
        return try payload(of: packet)
    }

    /// Sends a body made for its number and gives the packet that answers it, whatever it says.
    func exchange(
        _ protocolID: UInt32, _ pacing: OpenDPacing, wait: Duration, timeout: Duration,
        _ body: @escaping @LoopActor (OpenDPacketNumber) -> [UInt8]
    ) async throws(OpenDCallFailure) -> OpenDPacket {
        let now = Instant.now()
        let (ticket, actions) = queue.submit(protocolID, pacing, deadline: now + wait, timeout: timeout, now: now)
        return try await outcome(of: ticket, protocolID, actions, body).get()
    }

    func onPush<Push: OpenDPushMessage>(_: Push.Type, _ handler: @escaping @LoopActor (Push) -> Void) {
        handlers[Push.protocolID] = { packet in
            guard let reply = try? OpenDReply<Push>.decode(packet.body, format: packet.format) else { return false }
            // A push that reports a failure has nothing to tell.
            if reply.isSuccess, let payload = reply.payload { handler(payload) }
            return true
        }
    }

    func observe(_ observer: @escaping @LoopActor (OpenDLinkNews) -> Void) { observers.append(observer) }

    /// Sends a request of the session's own: outside the limits, and while the gateway does not serve too.
    func control<Request: OpenDRequestMessage>(_ request: Request) async -> Result<Request.Reply, OpenDCallFailure> {
        let (ticket, actions) = queue.submitControl(
            Request.protocolID, timeout: settings.phaseDeadline, now: .now())
        let answer = await outcome(of: ticket, Request.protocolID, actions) { _ in OpenDRequest.encode(request) }
        do throws(OpenDCallFailure) { return .success(try payload(of: try answer.get())) } catch {
            return .failure(error)
        }
    }

    /// The payload of a reply; an empty one where the reply has none and needs none.
    private func payload<Reply: Message>(of packet: OpenDPacket) throws(OpenDCallFailure) -> Reply {
        let reply: OpenDReply<Reply>
        do throws(OpenDBodyError) { reply = try OpenDReply<Reply>.decode(packet.body, format: packet.format) } catch {
            lose(machine.current, "the answer to \(name(packet.protocolID)) could not be read")
            throw .unanswered(BrokerFailure(.badAnswer, "The gateway's answer could not be read."))
        }
        guard reply.isSuccess else {
            let refusal = OpenDRefusal(result: reply.result, errorCode: reply.errorCode, message: reply.message)
            if refusal.sense == .frequency { queue.limits.refused(packet.protocolID, at: .now()) }
            throw .refused(refusal)
        }
        if let payload = reply.payload { return payload }
        do throws(ProtobufError) { return try Reply.decode([]) } catch {
            throw .unanswered(BrokerFailure(.badAnswer, "The gateway's answer is empty."))
        }
    }

    private func outcome(
        of ticket: OpenDRequestQueue.Ticket, _ protocolID: UInt32, _ actions: [OpenDRequestQueue.Action],
        _ body: @escaping @LoopActor (OpenDPacketNumber) -> [UInt8]
    ) async -> Result<OpenDPacket, OpenDCallFailure> {
        let outcome = Completion<Result<OpenDPacket, OpenDCallFailure>>()
        waiters[ticket] = OpenDWaiter(protocolID: protocolID, body: body, outcome: outcome)
        perform(actions)
        schedule()
        do throws(CancellationError) { return try await outcome.value() } catch {
            waiters[ticket] = nil
            let failure = BrokerFailure(.cancelled, "The caller went away.")
            return .failure(queue.cancelled(ticket) ? .unanswered(failure) : .notSent(failure))
        }
    }

    func perform(_ actions: [OpenDRequestQueue.Action]) {
        for action in actions {
            switch action {
            case .send(let ticket, let serial): send(ticket, serial)
            case .fail(let ticket, let failure): resolve(ticket, .failure(OpenDCallFailure(failure, state, reason)))
            }
        }
    }

    private func send(_ ticket: OpenDRequestQueue.Ticket, _ serial: UInt32) {
        guard let waiter = waiters[ticket] else { return }
        let number = OpenDPacketNumber(connection: greeting?.connID ?? 0, serial: serial)
        let packet = OpenDPacket(protocolID: waiter.protocolID, serial: serial, body: waiter.body(number))
        guard packet.body.count <= OpenDPacketReader.standardBodyLimit, wire?.send(packet) == true else {
            _ = queue.cancelled(ticket)
            return resolve(
                ticket,
                .failure(.notSent(BrokerFailure(.invalidRequest, "The request is too long for the gateway."))))
        }
    }

    private func resolve(_ ticket: OpenDRequestQueue.Ticket, _ result: Result<OpenDPacket, OpenDCallFailure>) {
        waiters.removeValue(forKey: ticket)?.outcome.resolve(result)
    }

    // MARK: What the gateway sends

    func received(_ sealed: SealedOpenDPacket, _ connection: Int) {
        guard machine.current == connection, let wire else { return }
        lastMessage = .now()
        machine.received(connection: connection, now: .now())
        let packet: OpenDPacket
        do throws(OpenDPacketError) { packet = try sealed.opened(with: wire.cipher) } catch {
            if case .initializing = machine.state { return keyMismatched(connection) }
            return lose(
                connection,
                "the gateway sent a packet of \(name(sealed.header.protocolID)) that is spoilt: \(error.text)")
        }
        switch OpenDProtocol.with(id: packet.protocolID)?.kind {
        case .push: pushed(packet, connection)
        case .request: answered(packet, connection)
        case nil: unknownPushes += 1  // a newer gateway; the vendor's client drops it too
        }
    }

    private func answered(_ packet: OpenDPacket, _ connection: Int) {
        switch queue.answered(packet.protocolID, serial: packet.serial) {
        case .late: break
        case .unasked:
            return lose(connection, "the gateway answered a request nobody made: \(name(packet.protocolID))")
        case .answer(let ticket): resolve(ticket, .success(packet))
        }
        perform(queue.advance(now: .now()))
        schedule()
    }

    private func pushed(_ packet: OpenDPacket, _ connection: Int) {
        if packet.protocolID == OpenD.Notify.S2C.protocolID {
            guard let notice = try? OpenDReply<OpenD.Notify.S2C>.decode(packet.body, format: packet.format) else {
                return lose(connection, "the gateway's notification could not be read")
            }
            guard notice.isSuccess, let notice = notice.payload else { return }
            if let rights = notice.qotRight { self.rights = rights }
            perform(machine.noticed(connection: connection, notice))
        }
        guard let handler = handlers[packet.protocolID], !handler(packet) else { return }
        lose(connection, "the gateway's push \(name(packet.protocolID)) could not be read")
    }

    private func name(_ protocolID: UInt32) -> String { OpenDProtocol.with(id: protocolID)?.name ?? "\(protocolID)" }
}

extension OpenDCallFailure {
    /// What it means to the caller.
    init(_ failure: OpenDRequestQueue.Failure, _ state: LinkState, _ reason: String?) {
        switch failure {
        case .notReady:
            self = .notSent(
                BrokerFailure(
                    .sessionNotReady(state: state.rawValue),
                    "The gateway's session is not ready: \(reason ?? state.rawValue)."))
        case .overloaded:
            self = .notSent(
                BrokerFailure(.rateLimited, "Too many calls are waiting for the gateway.", retryAfter: .seconds(1)))
        case .rateLimited(let retryAfter):
            self = .notSent(
                BrokerFailure(.rateLimited, "The broker's limit is used up for now.", retryAfter: retryAfter))
        case .timedOut: self = .unanswered(BrokerFailure(.timedOut, "The gateway did not answer in time."))
        case .connectionLost:
            self = .unanswered(BrokerFailure(.connectionLost, "The connection to the gateway was lost."))
        }
    }
}
