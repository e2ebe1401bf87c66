internal import Glibc

/// An IP address, version 4 or 6; an IPv4 address mapped into IPv6 is the IPv4 address.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes in network order.
    let bytes: [UInt8]

    /// Reads a literal such as `192.0.2.1` or `2001:db8::1`, without brackets, port or zone.
    public init?(_ text: String) {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let all = withUnsafeBytes(of: six) { Array($0) }
        let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 0xff && all[11] == 0xff
        bytes = isMapped ? Array(all.suffix(4)) : all
    }

    /// 127.0.0.1
    public static let loopback = IPAddress(bytes: [127, 0, 0, 1])

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether it has 16 bytes.
    public var isVersion6: Bool { bytes.count == 16 }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        isVersion6 ? bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 : bytes.first == 127
    }

    /// 0.0.0.0 or ::, which listen on every interface.
    public var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

    /// The shortest literal, as inet_ntop(3) writes it.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isVersion6 ? AF_INET6 : AF_INET
        let written = bytes.withUnsafeBytes { inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) }
        guard written != nil else { return "invalid" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A range of addresses, `192.0.2.0/24` or a single address.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// The lowest address of the range.
    public let base: IPAddress
    /// How many leading bits are fixed; 0...32 or 0...128.
    public let prefixLength: Int

    /// Refuses a base that has bits set beyond the prefix: it nearly always is a slip.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let width = address.bytes.count * 8
        var length = width
        if parts.count == 2 {
            let digits = parts[1]
            guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let value = Int(digits), value <= width
            else { return nil }
            length = value
        }
        base = address
        prefixLength = length
        guard Self.masked(address.bytes, length) == address.bytes else { return nil }
    }

    /// Never true across the two versions.
    public func contains(_ address: IPAddress) -> Bool {
        address.bytes.count == base.bytes.count && Self.masked(address.bytes, prefixLength) == base.bytes
    }

    /// With the prefix, also for a single address.
    public var description: String { "\(base)/\(prefixLength)" }

    private static func masked(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(8, max(0, length - index * 8))
            return byte & UInt8(truncatingIfNeeded: 0xff00 >> kept)
        }
    }
}

/// Where a server listens: an address and a port, `127.0.0.1:8080`, `[::1]:8080`; port 0 lets the system choose.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// The interface's address; unspecified for all of them.
    public let ip: IPAddress
    /// 0...65535.
    public let port: Int

    /// `port` is 0...65535.
    public init(ip: IPAddress, port: Int) {
        self.ip = ip
        self.port = port
    }

    /// Host names are not accepted: what a name stands for can change, and with it who can connect.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), port <= 65535, let ip = IPAddress(String(host)),
            host.contains(":") == isBracketed
        else { return nil }
        self.init(ip: ip, port: port)
    }

    /// IPv6 in brackets.
    public var description: String { ip.isVersion6 ? "[\(ip)]:\(port)" : "\(ip):\(port)" }
}
