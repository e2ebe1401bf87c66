import Bytes
import Clocks
import EventLoops
import HTTPServing
import HTTPWire
import TestSupport
import Testing

/// A server on a port of the kernel's choice, answering as the test says.
@LoopActor
final class TestService: HTTPHandler {
    private(set) var server: HTTPServer
    private(set) var requests: [HTTPRequest] = []
    private(set) var records: [HTTPExchangeRecord] = []
    private let respond: @LoopActor (HTTPRequest) -> HTTPReply

    convenience init(
        _ respond: @escaping @LoopActor (HTTPRequest) -> HTTPReply = {
            .ready(.text("you asked for \($0.head.target.text)"))
        }
    ) throws {
        try self.init(adjust: { _ in }, respond)
    }

    init(
        adjust: (inout HTTPServerConfiguration) -> Void, _ respond: @escaping @LoopActor (HTTPRequest) -> HTTPReply
    ) throws {
        self.respond = respond
        var configuration = HTTPServerConfiguration(
            addresses: [try #require(SocketAddress(host: "127.0.0.1", port: 0))])
        adjust(&configuration)
        // The server needs its handler first, and this object its server.
        let relay = Relay()
        server = try HTTPServer(configuration: configuration, handler: relay)
        relay.service = self
        server.onCompleted = { [weak self] record in self?.records.append(record) }
    }

    func respond(to request: HTTPRequest) -> HTTPReply {
        requests.append(request)
        return respond(request)
    }

    var port: Int { server.addresses.first?.port ?? 0 }

    func client(tls: TLSClientContext? = nil) async throws -> TestClient {
        try await TestClient(port: port, tls: tls)
    }

    /// Sends and returns everything up to the end of the connection.
    func talk(_ text: String) async throws -> String {
        let client = try await client()
        client.send(text)
        return await client.rest()
    }

    func stop() async {
        await server.drain(deadline: .zero)
    }
}

@LoopActor
private final class Relay: HTTPHandler {
    weak var service: TestService?

    func respond(to request: HTTPRequest) -> HTTPReply {
        service?.respond(to: request) ?? .ready(HTTPResponse(status: 500))
    }
}

/// A bare connection to it.
@LoopActor
final class TestClient {
    let connection: Connection
    let handler = RecordingHandler()
    private var used = 0

    init(port: Int, tls: TLSClientContext? = nil) async throws {
        connection = try await Connection.connect(host: "127.0.0.1", port: port, tls: tls, deadline: .seconds(20))
        connection.handler = handler
    }

    func send(_ text: String) {
        connection.write(Array(text.utf8))
    }

    /// `GET` with a `Host`.
    func get(_ target: String, _ fields: String = "", method: String = "GET", version: String = "1.1") {
        send("\(method) \(target) HTTP/\(version)\r\nHost: localhost\r\n\(fields)\r\n")
    }

    struct Answer {
        let head: HTTPResponseHead
        let body: String
        var status: Int { head.status }
    }

    /// The next whole answer, delimited by its length.
    func answer(hasBody: Bool = true) async throws -> Answer {
        var answer: Answer?
        let isWhole = await until {
            // Asked again after it held: what was taken is kept.
            if answer == nil { answer = try? self.take(hasBody: hasBody) }
            return answer != nil || self.handler.isClosed
        }
        #expect(isWhole)
        return try #require(answer, "closed before the answer: \(text)")
    }

    private func take(hasBody: Bool) throws -> Answer? {
        let rest = Array(handler.received[used...])
        guard let (head, count) = try HTTPResponseHead.read(rest) else { return nil }
        let length = hasBody ? head.fields["Content-Length"].flatMap(Int.init) ?? 0 : 0
        guard rest.count >= count + length else { return nil }
        used += count + length
        return Answer(head: head, body: String(decoding: rest[count..<count + length], as: UTF8.self))
    }

    /// What came so far and was not taken as an answer.
    var text: String { String(decoding: handler.received[used...], as: UTF8.self) }

    /// Everything up to the end of the connection.
    func rest() async -> String {
        let isClosed = await until { self.handler.isClosed }
        #expect(isClosed, "still open after \(text)")
        return text
    }

    func close() {
        connection.abort()
    }
}

extension TestClient.Answer {
    /// The members of a problem document.
    func problem() throws -> JSONValue {
        #expect(head.fields["Content-Type"] == "application/problem+json")
        return try JSONValue.parse(Array(body.utf8))
    }
}
