internal import Cryptography

/// The RSA key that a gateway and its clients share.
struct GatewayKey: Sendable {
    let key: RSAKey
    /// `BEGIN RSA PRIVATE KEY`, as the vendor wants it.
    let pem: String

    /// A new one of 1024 bits, the only size the vendor's client takes; `nil` if the library makes none.
    static func generated() -> GatewayKey? {
        guard let pem = RSAKey.generatedPEM(bits: 1024), let key = try? RSAKey(pem: pem) else { return nil }
        return GatewayKey(key: key, pem: String(decoding: pem, as: UTF8.self))
    }
}
