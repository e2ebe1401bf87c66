internal import Bytes
internal import Cryptography

/// What a client of the simulated broker signs its requests with.
public struct SandboxCredentials: Sendable {
    /// The key of the application.
    public var appKey: String
    /// The secret requests are signed with.
    public var appSecret: String
    /// The token of the account.
    public var accessToken: String

    /// Given ones.
    public init(appKey: String, appSecret: String, accessToken: String) {
        self.appKey = appKey
        self.appSecret = appSecret
        self.accessToken = accessToken
    }

    /// New ones, of no use anywhere else.
    public static func random() -> SandboxCredentials {
        SandboxCredentials(
            appKey: Hex.encode(SecureRandom.bytes(16)), appSecret: Hex.encode(SecureRandom.bytes(32)),
            accessToken: "m_sandbox." + Hex.encode(SecureRandom.bytes(24)))
    }
}
