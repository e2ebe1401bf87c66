internal import Bridge
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import Glibc
internal import HTTPCalling

/// `brokerbridge login ACCOUNT`: asks a running bridge to begin a login, shows what a person has to open, and waits.
enum LoginCommand {
    /// Blocks until the account is authorized, or cannot be.
    static func run(_ options: Command.LoginOptions, environment: [String: String]) throws(CommandFailure) {
        guard let url = EndpointURL(options.url), ["http", "https"].contains(url.scheme) else {
            throw CommandFailure(.usage, "--url needs a URL such as http://127.0.0.1:8080, not '\(options.url)'")
        }
        guard url.scheme == "https" || url.isLoopback else {
            throw CommandFailure(.usage, "the key would be readable on the way to \(options.url): use https")
        }
        let key = try key(options, environment)
        let base = "\(url.scheme)://\(url.authority)\(url.path)"
        let outcome = Outcome()
        EventLoop.main.execute {
            spawn {
                do throws(CommandFailure) {
                    try await Login(base: base, account: options.account, key: key).run(byDevice: options.isDevice)
                } catch {
                    outcome.failure = error
                }
                EventLoop.main.stop()
            }
        }
        EventLoop.main.run()
        if let failure = outcome.failure { throw failure }
        ProcessSetUp.write("The account '\(options.account)' is authorized.\n", to: STDOUT_FILENO)
    }

    /// From a file or the environment, never from the command line, which other users can see.
    private static func key(
        _ options: Command.LoginOptions, _ environment: [String: String]
    ) throws(CommandFailure) -> Secret {
        if let path = options.keyFile {
            guard let bytes = FileText.secret(path) else {
                throw CommandFailure(.failure, "\(path) cannot be read, or other users can read it: chmod 600 \(path)")
            }
            return Secret(bytes)
        }
        guard let text = environment["BROKERBRIDGE_KEY"], !text.isEmpty else {
            throw CommandFailure(.usage, "give a key with the scope admin: --key-file FILE, or BROKERBRIDGE_KEY")
        }
        return Secret(text)
    }

    /// Written by the loop and read when it has ended, on one thread.
    private final class Outcome: @unchecked Sendable {
        var failure: CommandFailure?
    }
}

/// One login by the bridge's own interface.
@LoopActor
private final class Login {
    private let base: String
    private let path: String
    private let key: Secret
    private let caller = HTTPCaller()

    init(base: String, account: String, key: Secret) {
        self.base = base
        path = "/v1/accounts/\(account)/auth"
        self.key = key
    }

    func run(byDevice: Bool) async throws(CommandFailure) {
        if byDevice { try await byCode() } else { try await byBrowser() }
    }

    private func byBrowser() async throws(CommandFailure) {
        let before = try await call("GET", path)["last_refresh"]
        let begun = try await call("POST", path + "/authorize")
        guard let url = begun["authorization_url"]?.stringValue else { throw unreadable }
        say("Open this page in a browser and agree:\n\n  \(url)\n\nWaiting …\n")
        let end = end(of: begun)
        while Instant.now() < end {
            try await pause(.seconds(1))
            let status = try await call("GET", path)
            if status["last_refresh"] != before, ["ready", "expiring"].contains(status["state"]?.stringValue) {
                return
            }
        }
        throw CommandFailure(.failure, "nobody agreed in time; the account is as it was")
    }

    private func byCode() async throws(CommandFailure) {
        let begun = try await call("POST", path + "/device")
        guard let id = begun["id"]?.stringValue, let code = begun["user_code"]?.stringValue,
            let page = begun["verification_uri"]?.stringValue
        else { throw unreadable }
        let complete = begun["verification_uri_complete"]?.stringValue.map { ", or open \($0)" } ?? ""
        say("Open \(page) on any machine and type the code\n\n  \(code)\n\n\(complete.dropFirst(2))\n\nWaiting …\n")
        let interval = Duration.seconds(min(max(begun["interval"]?.intValue ?? 5, 1), 60))
        let end = end(of: begun)
        while Instant.now() < end {
            try await pause(interval)
            let login = try await call("GET", "\(path)/device/\(id)")
            switch login["state"]?.stringValue {
            case "authorized": return
            case "pending": continue
            case "denied": throw CommandFailure(.failure, "the person said no")
            default:
                throw CommandFailure(
                    .failure, "the login ended: \(login["reason"]?.stringValue ?? login["state"]?.stringValue ?? "")")
            }
        }
        throw CommandFailure(.failure, "the code was not typed in time")
    }

    private func end(of begun: JSONValue) -> Instant {
        let end = begun["expires_at"]?.stringValue.flatMap { WallTime(rfc3339: $0) } ?? WallTime.now() + .seconds(600)
        return .now() + min(max(end - WallTime.now(), .seconds(1)), .seconds(3600)) + .seconds(5)
    }

    private var unreadable: CommandFailure { CommandFailure(.failure, "the bridge's answer cannot be read") }

    private func pause(_ duration: Duration) async throws(CommandFailure) {
        do throws(CancellationError) { try await sleep(for: duration) } catch {
            throw CommandFailure(.failure, "stopped")
        }
    }

    private func say(_ text: String) { ProcessSetUp.write(text, to: STDOUT_FILENO) }

    private func call(_ method: String, _ path: String) async throws(CommandFailure) -> JSONValue {
        let bearer = key.withBytes { "Bearer " + String(decoding: $0, as: UTF8.self) }
        let result: HTTPCallResult
        do throws(HTTPCallError) {
            result = try await caller.call(
                HTTPCall(
                    method: method, url: base + path, fields: [("authorization", bearer)],
                    body: method == "POST" ? [] : nil, deadline: .seconds(40)))
        } catch {
            throw CommandFailure(.failure, "no bridge answers at \(base)")
        }
        guard let value = try? JSONValue.parse(result.body) else { throw unreadable }
        guard (200...299).contains(result.status) else {
            throw CommandFailure(.failure, value["detail"]?.stringValue ?? "HTTP \(result.status)")
        }
        return value
    }
}

/// A key in a file of its own.
private enum FileText {
    /// One line, at most 4 KiB, that only its owner can read.
    static func secret(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let line = bytes.prefix(count).prefix { $0 != 0x0a && $0 != 0x0d }
        return line.isEmpty || !line.allSatisfy { (0x21...0x7e).contains($0) } ? nil : Array(line)
    }
}
