internal import BrokerModel
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPCalling
internal import OAuth

/// The token of the developer portal, and the call that renews it: the old one presented is what gives the next.
///
/// It is renewed when the broker says that it has ended, when somebody asks, and, once the bridge has got one itself and
/// so knows its end, ahead of that.
///
/// - Source: `longbridge-http`, section 2.8.
@LoopActor
final class AccessTokenRenewal: TokenKeeper.Source {
    private let key: String
    private let secret: Secret
    private let token: Secret
    private let gateway: LongbridgeGateway

    /// How long the next token is asked to live; the vendor's own client asks for as long.
    private static let life = Duration.seconds(90 * 86_400)

    init(key: String, secret: Secret, token: Secret, gateway: LongbridgeGateway) {
        self.key = key
        self.secret = secret
        self.token = token
        self.gateway = gateway
    }

    func configured() -> TokenPair? {
        TokenPair(
            access: token, refresh: token, expires: nil, clientID: key, origin: token.withBytes { Digest.sha256($0) })
    }

    func form(of pair: TokenPair) -> LongbridgeCredential.Form { .apiKey(key: key, secret: secret) }

    let advice = "the broker no longer accepts the access token: make a new one in the developer portal"

    func renew(_ pair: TokenPair) async -> OAuthClient.Outcome {
        let until = WallTime.now() + AccessTokenRenewal.life
        let call = GatewayCall(
            "/v1/token/refresh", query: [("expired_at", until.rfc3339)], deadline: .seconds(30))
        let credential = LongbridgeCredential(form: form(of: pair), token: pair.access, generation: 0)
        do throws(LongbridgeGateway.Failure) {
            let data = try await gateway.call(call, presenting: credential)
            return AccessTokenRenewal.outcome(data)
        } catch {
            switch error {
            case .refused(401_000...401_999, _, _, _), .refused(403_201, _, _, _), .refused(403_203, _, _, _),
                .refused(403_205, _, _, _):
                return .answered(.refused(TokenAnswer.Refusal(code: .invalidGrant)))
            case .refused(let code, _, _, _):
                return .answered(.unavailable(reason: "code \(code)", retryAfter: nil))
            case .unreadable(let status, let retryAfter):
                return .answered(.unavailable(reason: "HTTP \(status)", retryAfter: retryAfter))
            case .call(.notSent(let reason)): return .notSent(reason)
            case .call(.timedOut(sent: false)): return .notSent("no connection in time")
            case .call(.timedOut), .call(.cancelled), .call(.failed): return .lost("no answer to the renewal came")
            case .call(.tooLarge): return .answered(.unavailable(reason: "too much", retryAfter: nil))
            case .credential: return .notSent("no credential")
            }
        }
    }

    private static func outcome(_ data: JSONValue) -> OAuthClient.Outcome {
        guard let token = data["token"]?.stringValue, SecretText.isUsable(token) else {
            return .answered(.unavailable(reason: "an answer without a usable token", retryAfter: nil))
        }
        let end = data["expired_at"]?.stringValue.flatMap { WallTime(rfc3339: $0) }
        let life = end.map { min(max($0 - WallTime.now(), .seconds(60)), .seconds(1100 * 86_400)) } ?? life
        return .answered(
            .granted(TokenAnswer.Grant(access: Secret(token), refresh: Secret(token), life: life)))
    }
}

/// What can stand in a header field.
enum SecretText {
    static func isUsable(_ text: String) -> Bool {
        (1...(16 << 10)).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

/// Tokens of a login.
@LoopActor
final class LoginTokens: TokenKeeper.Source {
    private let client: OAuthClient
    private let settings: LongbridgeOAuth

    init(_ settings: LongbridgeOAuth, client: OAuthClient) {
        self.settings = settings
        self.client = client
    }

    func configured() -> TokenPair? {
        guard var pair = settings.tokenFile?().flatMap({ TokenPair(file: $0) }) else { return nil }
        if pair.clientID.isEmpty { pair.clientID = settings.clientID ?? "" }
        return pair
    }

    func form(of pair: TokenPair) -> LongbridgeCredential.Form { .bearer(clientID: pair.clientID) }

    let advice = "somebody must log in: brokerbridge login, or POST …/auth/authorize"

    func renew(_ pair: TokenPair) async -> OAuthClient.Outcome { await client.refresh(pair) }
}
