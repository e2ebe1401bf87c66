public import Cryptography
internal import EventLoops

/// What a call presents to the vendor's API.
struct LongbridgeCredential: Sendable {
    /// The way in.
    enum Form: Sendable {
        /// Signed calls.
        case apiKey(key: String, secret: Secret)
        /// Unsigned ones, by a bearer token given to this client.
        case bearer(clientID: String)
    }

    var form: Form
    /// The account's token.
    var token: Secret
    /// Which token it is: one that takes its place has a higher number.
    var generation: Int

    /// `ap` or `us`: the data centre, by the prefix of any part.
    /// - Source: the vendor's client, 4.5.0: `us_` on key, secret or token means `us`.
    var dataCenter: String {
        switch form {
        case .apiKey(let key, let secret):
            DataCenter.of([Secret(key), secret, token])
        case .bearer: DataCenter.of([token])
        }
    }
}

/// Where an account lives.
enum DataCenter {
    /// In the United States.
    static let unitedStates = "us"
    /// In Asia: everywhere else.
    static let asia = "ap"

    /// `us` if any of the credentials begins with `us_`, else `ap`.
    static func of(_ credentials: [Secret]) -> String {
        let prefix = Array("us_".utf8)
        return credentials.contains { $0.withBytes { $0.starts(with: prefix) } } ? unitedStates : asia
    }
}

/// Why there is no credential.
enum CredentialFailure: Error, Equatable {
    /// A person must authorize anew; the text is for people.
    case authorizationRequired(String)
    /// The token has ended and is not renewed yet.
    case notNow(String, retryAfter: Duration)
    /// The caller went away.
    case cancelled
}

/// Gives calls their credential.
@LoopActor
protocol CredentialProviding: AnyObject {
    /// What a call may present; waits up to `limit` for one that is on its way.
    func credential(within limit: Duration) async throws(CredentialFailure) -> LongbridgeCredential
    /// The API took the credential for ended: the next one asked for is another, or none.
    func rejected(_ credential: LongbridgeCredential)
    /// `ap` or `us`, as far as it is known now.
    var dataCenter: String { get }
}

/// How a Longbridge account is opened.
public enum LongbridgeAccess: Sendable {
    /// The triple of the developer portal.
    case apiKey(key: String, secret: Secret, token: Secret)
    /// A login in a browser, or by a code on another machine.
    case oauth(LongbridgeOAuth)
}

extension LongbridgeAccess {
    /// Tells one configured credential from another. Renewals do not change it: a token that was renewed and is refused
    /// is the same credential refused.
    var digest: [UInt8] {
        switch self {
        case .apiKey(let key, let secret, let token):
            Digest.sha256(
                Array("key\0\(key)\0".utf8) + secret.withBytes { Digest.sha256($0) }
                    + token.withBytes { Digest.sha256($0) }
            )
        case .oauth(let login): Digest.sha256(Array("login\0\(login.clientID ?? "")".utf8))
        }
    }
}

/// What a login needs to know.
public struct LongbridgeOAuth: Sendable {
    /// The client; `nil` to be registered when it is first needed.
    public var clientID: String?
    /// For a confidential client.
    public var clientSecret: Secret?
    /// What is asked for; empty leaves it to the person on the server's page.
    public var scopes: [String] = []
    /// Gives the present content of a token file of the vendor's SDK, which is imported; `nil` if there is none.
    public var tokenFile: (@Sendable () -> [UInt8]?)?
    /// Where the authorization server is, without a slash at its end; `nil` for the HTTP API's base.
    public var server: String?

    /// A public client that registers itself.
    public init() {}
}
