import Bytes
import Clocks
import EventLoops
import HTTPServing
import HTTPWire
import LongbridgeWire
import Protobuf
import TestSupport
import Testing
import WebSockets

/// A broker's side of the wire that does what a test says, and the plain right thing otherwise.
@LoopActor
final class ScriptedBroker: HTTPHandler {
    /// Looks at each request first; `true` if it has dealt with it.
    var script: ((LongbridgePacket, WebSocket) -> Bool)?
    /// Answers `GET /v1/socket/token`.
    var token: (HTTPRequest) -> HTTPResponse = { _ in
        .json(Array(#"{"code":0,"message":"success","data":{"otp":"o_1","limit":10,"online":1}}"#.utf8))
    }
    /// A status other than 101 for every upgrade.
    var upgradeRefusal: Int?
    private(set) var upgrades: [HTTPRequestHead] = []
    private(set) var requests: [LongbridgePacket] = []
    private(set) var closures: [WebSocketClosure] = []
    private(set) var sockets: [WebSocket] = []
    private(set) var passwords = 0
    /// Pings of the connection that got the most.
    private(set) var mostPings = 0
    private var connections: [Connection] = []
    private var server: HTTPServer?

    init() throws {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        server = try HTTPServer(configuration: HTTPServerConfiguration(addresses: [address]), handler: self)
    }

    var authority: String { server?.addresses.first.map { "\($0)" } ?? "" }
    var socket: WebSocket? { sockets.last }

    func stop() async {
        for socket in sockets { socket.abort() }
        await server?.drain(deadline: .milliseconds(100))
    }

    func respond(to request: HTTPRequest) -> HTTPReply {
        let path = String(request.head.target.rawPath)
        if path.hasSuffix("/v1/socket/token") {
            passwords += 1
            return .ready(token(request))
        }
        upgrades.append(request.head)
        if let upgradeRefusal { return .ready(.text("no", status: upgradeRefusal)) }
        guard let fields = WebSocket.upgradeFields(for: request.head) else { return .ready(.text("no", status: 400)) }
        let head = request.head
        return .upgrade(fields) { [weak self] connection, leftover in
            guard let self else { return connection.abort() }
            let socket = WebSocket.accept(connection: connection, leftover: leftover, request: head)
            sockets.append(socket)
            connections.append(connection)
            socket.onClose = { [weak self] in self?.closures.append($0) }
            var pings = 0
            socket.onPing = { [weak self] _ in
                pings += 1
                if let self { mostPings = max(mostPings, pings) }
            }
            socket.onMessage = { [weak self, weak socket] message in
                guard let self, let socket, case .binary(let bytes) = message,
                    let packet = try? LongbridgePacket.decode(bytes)
                else { return }
                received(packet, socket)
            }
        }
    }

    private func received(_ packet: LongbridgePacket, _ socket: WebSocket) {
        requests.append(packet)
        if script?(packet, socket) == true { return }
        answer(packet, on: socket)
    }

    /// What a broker in good health says.
    func answer(_ packet: LongbridgePacket, on socket: WebSocket) {
        switch packet.command {
        case ControlCommand.auth, ControlCommand.reconnect:
            var response = Longbridge.Control.AuthResponse()
            response.sessionId = "s_\(sockets.count)"
            response.expires = (WallTime.now() + .seconds(3600)).milliseconds
            respond(packet, response.encoded(), on: socket)
        case QuoteCommand.subscribe.rawValue:
            guard let request = try? Longbridge.Quote.SubscribeRequest.decode(packet.body) else { return }
            var response = Longbridge.Quote.SubscriptionResponse()
            response.subList = request.symbol.map { symbol in
                var entry = Longbridge.Quote.SubTypeList()
                entry.symbol = symbol
                entry.subType = request.subType
                return entry
            }
            respond(packet, response.encoded(), on: socket)
        case QuoteCommand.securityQuote.rawValue:
            guard let request = try? Longbridge.Quote.MultiSecurityRequest.decode(packet.body) else { return }
            var response = Longbridge.Quote.SecurityQuoteResponse()
            response.secuQuote = request.symbol.map { symbol in
                var record = Longbridge.Quote.SecurityQuote()
                record.symbol = symbol
                record.lastDone = "10.5"
                record.prevClose = "10.0"
                return record
            }
            respond(packet, response.encoded(), on: socket)
        default: respond(packet, [], on: socket)
        }
    }

    /// Answers a request.
    func respond(_ packet: LongbridgePacket, status: UInt8 = 0, _ body: [UInt8], on socket: WebSocket) {
        guard case .request(let id, _) = packet.kind else { return }
        send(LongbridgePacket(.response(id: id, status: status), command: packet.command, body: body), on: socket)
    }

    /// Answers a request with a failure.
    func refuse(_ packet: LongbridgePacket, status: UInt8, code: UInt64, on socket: WebSocket) {
        var error = Longbridge.Control.Error()
        error.code = code
        error.msg = "as scripted"
        respond(packet, status: status, error.encoded(), on: socket)
    }

    func send(_ packet: LongbridgePacket, on socket: WebSocket) {
        if let bytes = try? packet.encoded() { socket.send(binary: bytes) }
    }

    /// Pushes to the newest socket.
    func push(_ command: QuoteCommand, _ message: some Message) {
        guard let socket else { return }
        send(LongbridgePacket(.push, command: command.rawValue, body: message.encoded()), on: socket)
    }

    /// Reads nothing more from the newest connection, not even pings, and says nothing.
    func fallSilent() { connections.last?.pauseReading() }

    /// How many requests of a command came.
    func count(_ command: QuoteCommand) -> Int { requests.count { $0.command == command.rawValue } }
}
