internal import Clocks
internal import EventLoops
internal import OpenDWire

/// The steps from nothing to a session: connection, InitConnect, global state; and what keeps it alive.
extension OpenDLink {
    /// What the vendor calls the version of a client: of the protocol the reference is of, 10.11.
    private static let clientVersion: Int32 = 1011

    func dial(_ connection: Int) {
        work?.cancel()
        work = spawn { [weak self, settings] in
            do throws(SocketError) {
                let socket = try await Connection.connect(
                    host: settings.host, port: settings.port, deadline: settings.phaseDeadline)
                guard let self, !Task.isCancelled, machine.current == connection else { return socket.abort() }
                adopt(socket, connection)
            } catch {
                guard let self, !Task.isCancelled else { return }
                lose(connection, "the gateway could not be reached: \(error.withoutHost)")
            }
        }
    }

    private func adopt(_ socket: Connection, _ connection: Int) {
        let wire = OpenDConnection(socket, cipher: settings.key.map { .rsa($0) } ?? .plain)
        self.wire = wire
        queue.opened()
        wire.onPacket = { [weak self] packet in self?.received(packet, connection) }
        wire.onEnd = { [weak self] reason in self?.ended(reason, connection) }
        wire.start()
        perform(machine.opened(connection: connection, now: .now()))
    }

    private func ended(_ reason: String, _ connection: Int) {
        guard case .initializing = machine.state else { return lose(connection, reason) }
        lose(connection, "\(reason) during the handshake; it may want an RSA key, or another one")
    }

    func initialize(_ connection: Int) {
        var request = OpenD.InitConnect.C2S()
        request.clientVer = OpenDLink.clientVersion
        request.clientID = "BrokerBridge"
        request.recvNotify = true
        request.packetEncAlgo = (settings.key == nil ? .none : settings.algorithm).rawValue
        request.pushProtoFmt = Int32(OpenDFormat.protobuf.rawValue)
        request.programmingLanguage = "Swift"
        work = spawn { [weak self] in
            let answer = await self?.control(request)
            guard let self, let answer, machine.current == connection else { return }
            initialized(answer, connection)
        }
    }

    private func initialized(_ answer: Result<OpenD.InitConnect.S2C, OpenDCallFailure>, _ connection: Int) {
        let now = Instant.now()
        switch answer {
        case .failure(.refused(let refusal)):
            reason = "the gateway refused the connection: \((refusal.message ?? "\(refusal.result)").prefix(200))"
            perform(machine.refused(connection: connection, .refused, now: now, jitter: .random(in: 0...1)))
        case .failure:
            lose(connection, "no readable answer to the handshake")
        case .success(let greeting):
            let cipher: BodyCipher? =
                settings.key == nil
                ? .plain
                : BodyCipher.negotiated(settings.algorithm, key: greeting.connAESKey, vector: greeting.aesCBCiv)
            guard let cipher else {
                return lose(connection, "the gateway gave a key of the wrong length")
            }
            wire?.cipher = cipher
            self.greeting = greeting
            let interval = Duration.seconds(Int64(greeting.keepAliveInterval))
            perform(machine.accepted(connection: connection, interval: interval, now: now))
        }
    }

    /// The answer to InitConnect cannot be opened.
    func keyMismatched(_ connection: Int) {
        reason =
            settings.key == nil
            ? "the gateway encrypts, and no RSA key is configured"
            : "the gateway's answer does not decipher with the RSA key: it has none, or another one"
        perform(machine.refused(connection: connection, .keyMismatch, now: .now(), jitter: .random(in: 0...1)))
    }

    func inspect(_ connection: Int) {
        var request = OpenD.GetGlobalState.C2S()
        request.userID = 0
        spawn { [weak self] in
            let answer = await self?.control(request)
            guard let self, let answer, machine.current == connection else { return }
            switch answer {
            case .success(let state): perform(machine.inspected(connection: connection, state))
            case .failure(.refused(let refusal)):
                guard case .inspecting = machine.state else { return }
                lose(connection, "the gateway does not tell its state: \((refusal.message ?? "").prefix(200))")
            case .failure: break  // silence is the machine's to judge
            }
        }
    }

    func keepAlive(_ connection: Int) {
        var request = OpenD.KeepAlive.C2S()
        request.time = WallTime.now().seconds
        spawn { [weak self] in _ = await self?.control(request) }
    }
}

extension SocketError {
    /// The reason without the host's name: it is shown.
    fileprivate var withoutHost: String {
        switch self {
        case .unresolved(_, let reason): "its name could not be resolved: \(reason)"
        case .system, .timedOut, .certificate, .handshake, .cancelled: description
        }
    }
}
