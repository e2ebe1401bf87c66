internal import Bridge
internal import EventLoops
internal import Glibc

/// `brokerbridge healthcheck URL`: one GET, judged by its status line. For images that hold no other client.
enum HealthcheckCommand {
    /// For everything together.
    private static let deadline = Duration.seconds(5)

    /// Blocks; returns when the answer was 200.
    static func run(_ text: String) throws(CommandFailure) {
        guard let url = EndpointURL(text), url.scheme == "http" || url.scheme == "https" else {
            throw CommandFailure(.usage, "healthcheck needs a URL such as http://127.0.0.1:8080, not '\(text)'")
        }
        let outcome = Outcome()
        EventLoop.main.execute {
            spawn {
                outcome.failure = await failure(of: url)
                EventLoop.main.stop()
            }
        }
        EventLoop.main.run()
        if let failure = outcome.failure { throw CommandFailure(.failure, "\(text): \(failure)") }
        ProcessSetUp.write("healthy\n", to: STDOUT_FILENO)
    }

    /// Written by the loop and read when it has ended, on one thread.
    private final class Outcome: @unchecked Sendable {
        var failure: String?
    }

    /// Why it is not healthy; `nil` when it is.
    @LoopActor private static func failure(of url: EndpointURL) async -> String? {
        do {
            let line = try await withDeadline(deadline) { try await statusLine(of: url) }
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count >= 2, words[0].hasPrefix("HTTP/1.") else { return "not an HTTP answer" }
            return words[1] == "200" ? nil : "status \(words[1])"
        } catch let error as SocketError {
            return error.description
        } catch {
            return "no answer within \(deadline)"
        }
    }

    @LoopActor private static func statusLine(of url: EndpointURL) async throws -> String {
        let isTLS = url.scheme == "https"
        let connection = try await Connection.connect(
            host: url.host, port: url.port ?? (isTLS ? 443 : 80), tls: isTLS ? .system : nil, deadline: deadline)
        let reader = StatusLineReader()
        connection.handler = reader
        defer { connection.abort() }
        let path = url.path.isEmpty ? "/healthz" : url.path
        connection.write(
            Array("GET \(path) HTTP/1.1\r\nHost: \(url.authority)\r\nConnection: close\r\n\r\n".utf8))
        return try await reader.line.value()
    }
}

/// Collects the first line of an answer; what does not end within a bound, or at all, is an empty line.
@LoopActor
private final class StatusLineReader: ConnectionHandler {
    private static let limit = 1024
    let line = Completion<String>()
    private var bytes: [UInt8] = []

    func connectionReceived(_ connection: Connection, _ received: UnsafeRawBufferPointer) {
        guard bytes.count <= Self.limit else { return }
        bytes.append(contentsOf: received.prefix(Self.limit + 1))
        if let end = bytes.firstIndex(of: 0x0d) {
            line.resolve(String(decoding: bytes[..<end], as: UTF8.self))
        } else if bytes.count > Self.limit {
            line.resolve("")
        }
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) {
        line.resolve("")
    }
}
