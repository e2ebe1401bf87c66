internal import Bytes

/// Count and head of the log at some moment, to be kept where who changes the log cannot reach.
public struct AuditAnchor: Sendable, Hashable {
    /// The number of the last entry then.
    public let sequence: Int
    /// The SHA-256 of its line.
    public let hash: [UInt8]

    /// An anchor; `nil` unless the hash has 32 bytes.
    public init?(sequence: Int, hash: [UInt8]) {
        guard sequence > 0, hash.count == 32 else { return nil }
        self.sequence = sequence
        self.hash = hash
    }

    /// `12345:` and 64 hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int(parts[0]), let hash = Hex.decode(String(parts[1])) else {
            return nil
        }
        self.init(sequence: sequence, hash: hash)
    }

    /// As ``init(_:)`` reads it.
    public var text: String { "\(sequence):\(Hex.encode(hash))" }

    init(_ head: ChainHead) {
        sequence = head.sequence
        hash = head.hash
    }
}
