internal import Cryptography

/// The key of the entries' MACs. It stands outside the log: who can change the log and lacks it cannot make entries.
public struct AuditKey: Sendable {
    private let secret: Secret

    /// 32 bytes.
    init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        secret = Secret(bytes)
    }

    /// What makes the MACs of many entries.
    func authenticator() -> HMACSHA256Hasher {
        secret.withBytes { HMACSHA256Hasher(key: $0) }
    }
}
