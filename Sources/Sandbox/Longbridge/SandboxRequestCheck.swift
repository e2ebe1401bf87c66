internal import Bytes
internal import Clocks
internal import Cryptography
internal import HTTPWire
internal import LongbridgeWire

/// Verifies signed requests as the broker does: the same codes, in the same order.
struct SandboxRequestCheck {
    /// A refusal: HTTP status, code, message.
    typealias Refusal = (status: Int, code: Int, message: String)

    let credentials: SandboxCredentials
    private var seen: [[UInt8]: WallTime] = [:]

    /// How far a timestamp may be off, and how long a signature is remembered.
    private static let window = Duration.seconds(300)

    init(credentials: SandboxCredentials) {
        self.credentials = credentials
    }

    /// `nil` for a request that is in order.
    mutating func refusal(of head: HTTPRequestHead, body: [UInt8], now: WallTime) -> Refusal? {
        guard let token = head.fields["Authorization"], !token.isEmpty else { return (401, 401_001, "token empty") }
        guard let key = head.fields["X-Api-Key"], constantTimeEquals(Array(key.utf8), Array(credentials.appKey.utf8))
        else { return (403, 403_203, "apikey illegal") }
        guard let header = head.fields["X-Api-Signature"], let signature = RequestSignature(headerValue: header) else {
            return (403, 403_201, "signature invalid")
        }
        let request = SignableRequest(method: head.method.text, target: head.target.text, body: body)
        let secret = Secret(credentials.appSecret)
        // A client that adds its own timestamp sends two; either may be the signed one.
        let isSigned = head.fields.values(of: "X-Timestamp").contains { timestamp in
            isRecent(timestamp, now)
                && signature.verifies(request, token: Secret(token), key: key, secret: secret, timestamp: timestamp)
        }
        guard isSigned else { return (403, 403_201, "signature invalid") }
        seen = seen.filter { now - $0.value < SandboxRequestCheck.window }
        // The official client signs whole seconds: equal calls within one second are equal signatures, and pass there.
        seen[signature.bytes] = now
        guard constantTimeEquals(Array(token.utf8), Array(credentials.accessToken.utf8)) else {
            return (401, 401_004, "token invalid")
        }
        return nil
    }

    private func isRecent(_ timestamp: String, _ now: WallTime) -> Bool {
        guard let value = DecimalText(timestamp)?.rounded(scale: 0)?.wholeNumber else { return false }
        return abs(value - now.seconds) <= 300
    }
}
