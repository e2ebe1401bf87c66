internal import Glibc

/// An IPv4 or IPv6 address with a port. Never a name: nothing here resolves.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, network order.
    private let bytes: [UInt8]
    /// The interface of an IPv6 link-local address; otherwise 0.
    private let scope: UInt32
    /// 0 to 65535; 0 asks the kernel for a free port when listening.
    public let port: Int

    private init(bytes: [UInt8], scope: UInt32, port: Int) {
        self.bytes = bytes
        self.scope = scope
        self.port = port
    }

    /// Reads an address literal (`127.0.0.1`, `::1`); `nil` for a name, or a port outside 0...65535.
    public init?(host: String, port: Int) {
        guard (0...65535).contains(port) else { return nil }
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            self.init(bytes: withUnsafeBytes(of: four, Array.init), scope: 0, port: port)
        } else if inet_pton(AF_INET6, host, &six) == 1 {
            self.init(bytes: withUnsafeBytes(of: six, Array.init), scope: 0, port: port)
        } else {
            return nil
        }
    }

    /// Reads `127.0.0.1:8080` or `[::1]:8080`; `nil` for anything else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(digits)
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.contains(":") {
            self.init(host: String(host.dropFirst().dropLast()), port: port)
        } else if !host.contains(":") {
            self.init(host: String(host), port: port)
        } else {
            return nil
        }
    }

    /// The address alone: `127.0.0.1` or `::1`, without brackets.
    public var ip: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let written = bytes.withUnsafeBytes {
            inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) != nil
        }
        guard written else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether it is an IPv6 address.
    public var isIPv6: Bool { bytes.count == 16 }

    /// Whether it is in 127.0.0.0/8, `::1`, or the former written as an IPv6 address.
    public var isLoopback: Bool {
        guard isIPv6 else { return bytes.first == 127 }
        if bytes.prefix(15).allSatisfy({ $0 == 0 }) { return bytes.last == 1 }
        return bytes.prefix(10).allSatisfy { $0 == 0 } && Array(bytes[10..<13]) == [0xFF, 0xFF, 127]
    }

    /// `127.0.0.1:8080` or `[::1]:8080`.
    public var description: String {
        isIPv6 ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
}

// MARK: As C has it

extension SocketAddress {
    var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }

    /// Hands out the `sockaddr` for the length of the call.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = in_port_t(port).bigEndian
            address.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
            return SocketAddress.pass(address, to: body)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
        return SocketAddress.pass(address, to: body)
    }

    private static func pass<Structure, Result>(
        _ address: Structure, to body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Structure>.size))
            }
        }
    }

    /// Reads what the kernel or the resolver filled in; `nil` for another family or a short structure.
    init?(_ pointer: UnsafePointer<sockaddr>, length: socklen_t) {
        let raw = UnsafeRawPointer(pointer)
        switch Int32(pointer.pointee.sa_family) {
        case AF_INET where Int(length) >= MemoryLayout<sockaddr_in>.size:
            let address = raw.loadUnaligned(as: sockaddr_in.self)
            self.init(
                bytes: withUnsafeBytes(of: address.sin_addr, Array.init), scope: 0,
                port: Int(UInt16(bigEndian: address.sin_port)))
        case AF_INET6 where Int(length) >= MemoryLayout<sockaddr_in6>.size:
            let address = raw.loadUnaligned(as: sockaddr_in6.self)
            self.init(
                bytes: withUnsafeBytes(of: address.sin6_addr, Array.init), scope: address.sin6_scope_id,
                port: Int(UInt16(bigEndian: address.sin6_port)))
        default:
            return nil
        }
    }

    /// The address `read` fills in (`getsockname` and its like return 0 on success).
    init?(filledBy read: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                read(pointer, &length) >= 0 ? SocketAddress(pointer, length: length) : nil
            }
        }
        guard let address else { return nil }
        self = address
    }

    /// 0.0.0.0:0, shown when the kernel no longer knows.
    static let unspecified = SocketAddress(bytes: [0, 0, 0, 0], scope: 0, port: 0)
}
