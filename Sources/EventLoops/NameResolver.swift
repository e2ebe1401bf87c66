internal import CShims
internal import Glibc

/// Turns names into addresses. `getaddrinfo` blocks, so each look-up has a thread of its own for its duration.
///
/// At most 8 run at once and 64 wait; a look-up whose caller has gone still runs to its end and keeps its place.
@LoopActor
enum NameResolver {
    static let maximumRunning = 8
    static let maximumWaiting = 64

    private static var running = 0
    private static var waiting: [LookUp] = []

    /// The addresses of a host, in the resolver's order of preference, the families taking turns. A literal is answered
    /// without a thread.
    ///
    /// - Throws: ``SocketError/unresolved(host:reason:)`` or `.cancelled`.
    static func addresses(host: String, port: Int) async throws(SocketError) -> [SocketAddress] {
        if let literal = SocketAddress(host: host, port: port) { return [literal] }
        guard (1...65535).contains(port), !host.isEmpty, host.utf8.count <= 253, !host.utf8.contains(0) else {
            throw .unresolved(host: host, reason: "not a host name")
        }
        guard running < maximumRunning || waiting.count < maximumWaiting else {
            throw .unresolved(host: host, reason: "too many names are being resolved")
        }
        let lookUp = LookUp(host: host, port: port)
        if running < maximumRunning { start(lookUp) } else { waiting.append(lookUp) }
        let outcome: Result<[SocketAddress], SocketError>
        do {
            outcome = try await lookUp.outcome.value()
        } catch {
            waiting.removeAll { $0 === lookUp }
            throw .cancelled
        }
        return try outcome.get()
    }

    private static func start(_ lookUp: LookUp) {
        running += 1
        do throws(NamedThread.Failure) {
            _ = try NamedThread("resolver", isJoined: false) {
                let outcome = resolve(host: lookUp.host, port: lookUp.port)
                EventLoop.main.execute { finished(lookUp, outcome) }
            }
        } catch {
            finished(lookUp, .failure(.unresolved(host: lookUp.host, reason: systemErrorText(error.code))))
        }
    }

    fileprivate static func finished(_ lookUp: LookUp, _ outcome: Result<[SocketAddress], SocketError>) {
        running -= 1
        lookUp.outcome.resolve(outcome)
        if !waiting.isEmpty, running < maximumRunning { start(waiting.removeFirst()) }
    }
}

/// One name on its way. Immutable but for its outcome, which belongs to the loop.
private final class LookUp: Sendable {
    let host: String
    let port: Int
    let outcome: Completion<Result<[SocketAddress], SocketError>>

    @LoopActor
    init(host: String, port: Int) {
        self.host = host
        self.port = port
        outcome = Completion()
    }
}

/// Blocks. At most 16 addresses.
private func resolve(host: String, port: Int) -> Result<[SocketAddress], SocketError> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let failure = getaddrinfo(host, String(port), &hints, &list)
    guard failure == 0 else {
        return .failure(.unresolved(host: host, reason: String(cString: gai_strerror(failure))))
    }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee, addresses.count < 64 {
        if let pointer = entry.ai_addr, let address = SocketAddress(pointer, length: entry.ai_addrlen),
            !addresses.contains(address)
        {
            addresses.append(address)
        }
        next = entry.ai_next
    }
    guard !addresses.isEmpty else { return .failure(.unresolved(host: host, reason: "no address")) }
    return .success(Array(SocketAddress.alternating(addresses).prefix(16)))
}

extension SocketAddress {
    /// The same addresses, IPv6 and IPv4 in turn and each in its order, so that where one family leads nowhere the second
    /// address tried is of the other.
    ///
    /// - Source: RFC 8305, section 4.
    static func alternating(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        let families = [
            addresses.filter { $0.isIPv6 == first.isIPv6 }, addresses.filter { $0.isIPv6 != first.isIPv6 },
        ]
        return (0..<addresses.count).flatMap { place in
            families.compactMap { place < $0.count ? $0[place] : nil }
        }
    }
}
