internal import Bytes
internal import LongbridgeWire

/// Messages that no broker should send.
public enum SandboxGarbage: String, Sendable, CaseIterable {
    /// A push shorter than it says.
    case truncated
    /// A packet of no kind there is.
    case kind
    /// A push of a command nobody knows.
    case command
    /// A push whose body is no message.
    case body
    /// A response to a request nobody made.
    case response
    /// A request, which the vendor's broker never makes.
    case request
    /// A push marked as compressed that is not.
    case gzip
    /// A push of 64 kB that inflates to 64 MiB.
    case bomb
    /// A message of 9 MiB: above what a client should take.
    case oversized
    /// Nothing at all.
    case empty

    /// One binary message.
    var bytes: [UInt8] {
        switch self {
        case .truncated: [0x03, 101, 0, 1]
        case .kind: [0x0F, 101, 0, 0, 0]
        case .command: [0x03, 99, 0, 0, 0]
        case .body: [0x03, 101, 0, 0, 3, 0xFF, 0xFF, 0xFF]
        case .response: [0x02, 11, 0xFF, 0xFF, 0xFF, 0xF0, 0, 0, 0, 0]
        case .request: [0x01, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]
        case .gzip: [0x23, 101, 0, 0, 4, 0xDE, 0xAD, 0xBE, 0xEF]
        case .bomb:
            (try? LongbridgePacket(.push, command: 101, body: [UInt8](repeating: 0, count: 64 << 20))
                .encoded(compressing: true)) ?? []
        case .oversized: [UInt8](repeating: 3, count: 9 << 20)
        case .empty: []
        }
    }
}

extension LongbridgePacket {
    /// The bytes with a nonce and a signature behind the body, which nobody checks: the algorithm is not published.
    func signed(compressing: Bool) throws(PacketError) -> [UInt8] {
        var bytes = try encoded(compressing: compressing)
        if let first = bytes.first { bytes[0] = first | 0x10 }
        return bytes + Array(1...8) + Array(0...15)
    }
}
