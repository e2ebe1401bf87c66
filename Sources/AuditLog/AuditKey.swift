internal import Cryptography

/// The key of the entries' MACs. It stands outside the log: who can change the log and lacks it cannot make entries.
public struct AuditKey: Sendable {
    private let secret: Secret

    /// 32 bytes.
    init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        secret = Secret(bytes)
    }

    func mac(of message: [UInt8]) -> [UInt8] {
        secret.withBytes { MessageAuthentication.hmacSHA256(key: $0, message: message) }
    }
}
