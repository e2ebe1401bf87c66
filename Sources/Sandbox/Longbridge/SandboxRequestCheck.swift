internal import Bytes
internal import Clocks
internal import Cryptography
internal import HTTPWire
internal import Limits
internal import LongbridgeWire

/// Verifies signed requests as the broker does: the same codes, in the same order.
///
/// Missing authorization 401001, unknown key 403203, signature 403201, seen before 403202, token expired 401003 or
/// unknown 401004, too fast 429002.
struct SandboxRequestCheck {
    /// A refusal: HTTP status, code, message.
    struct Refusal: Error, Equatable {
        let status: Int
        let code: Int
        let message: String
    }

    var credentials: SandboxCredentials
    /// Whether the token has expired: a fault.
    var isTokenExpired = false
    /// Whether equal calls within one second are a replay also when they are signed in whole seconds. The vendor's own
    /// client signs so, and could not open two sockets in one second then.
    var refusesEqualSeconds = false
    private var seen: Set<[UInt8]> = []
    private var seenBefore: Set<[UInt8]> = []
    private var windowEnd = WallTime(milliseconds: .min)
    private var rate: TokenBucket?

    /// How many seconds a timestamp may be off.
    private static let skew: Int64 = 300
    /// How long a signature is remembered at least: as long as its timestamp could pass.
    private static let window = Duration.seconds(600)
    private static let seenLimit = 100_000

    init(credentials: SandboxCredentials) {
        self.credentials = credentials
    }

    /// `nil` for a request that is in order. Without `callsPerSecond` its rate is somebody else's to judge.
    mutating func refusal(
        of head: HTTPRequestHead, body: [UInt8], callsPerSecond: Int?, now: WallTime, instant: Instant
    ) -> Refusal? {
        guard let token = head.fields["Authorization"], !token.isEmpty else {
            return Refusal(status: 401, code: 401_001, message: "token empty")
        }
        guard let key = head.fields["X-Api-Key"], isSame(key, credentials.appKey) else {
            return Refusal(status: 403, code: 403_203, message: "apikey illegal")
        }
        guard let (signature, timestamp) = verified(head, body, token, key, now) else {
            return Refusal(status: 403, code: 403_201, message: "signature invalid")
        }
        let isSameSecond = !timestamp.contains(".") && !refusesEqualSeconds && age(timestamp, now) <= 1
        guard isNew(signature, now) || isSameSecond else {
            return Refusal(status: 403, code: 403_202, message: "duplicate request")
        }
        guard isSame(token, credentials.accessToken) else {
            return Refusal(status: 401, code: 401_004, message: "token invalid")
        }
        guard !isTokenExpired else { return Refusal(status: 401, code: 401_003, message: "token expired") }
        return rateRefusal(callsPerSecond: callsPerSecond, instant: instant)
    }

    /// In either form: of Asia and of the United States.
    private func isSame(_ given: String, _ known: String) -> Bool {
        constantTimeEquals(Array(SandboxDataCenter.plain(given).utf8), Array(known.utf8))
    }

    /// Whether a call that is in order comes too fast.
    mutating func rateRefusal(callsPerSecond: Int?, instant: Instant) -> Refusal? {
        guard let callsPerSecond else { return nil }
        let perSecond = max(1, callsPerSecond)
        var bucket = rate ?? TokenBucket(ratePerSecond: perSecond, capacity: perSecond * 2)
        defer { rate = bucket }
        guard bucket.take(at: instant).isAdmitted else {
            return Refusal(
                status: 429, code: 429_002, message: "api request is limited, please slow down request frequency")
        }
        return nil
    }

    /// The signature, if it is the request's, and the timestamp it covers. A client that adds its own timestamp sends two;
    /// either may be signed.
    private func verified(
        _ head: HTTPRequestHead, _ body: [UInt8], _ token: String, _ key: String, _ now: WallTime
    ) -> (signature: [UInt8], timestamp: String)? {
        guard let header = head.fields["X-Api-Signature"], let signature = RequestSignature(headerValue: header) else {
            return nil
        }
        let request = SignableRequest(method: head.method.text, target: head.target.text, body: body)
        let secret = Secret(credentials.appSecret)
        let signed = head.fields.values(of: "X-Timestamp").first { timestamp in
            age(timestamp, now) <= SandboxRequestCheck.skew
                && signature.verifies(request, token: Secret(token), key: key, secret: secret, timestamp: timestamp)
        }
        return signed.map { (signature.bytes, $0) }
    }

    /// Seconds between a timestamp and `now`.
    private func age(_ timestamp: String, _ now: WallTime) -> Int64 {
        guard let value = DecimalText(timestamp)?.rounded(scale: 0)?.wholeNumber else { return .max }
        let (difference, overflow) = value.subtractingReportingOverflow(now.seconds)
        return overflow || difference == .min ? .max : abs(difference)
    }

    /// Two sets take turns, so that a signature is remembered for one to two windows.
    private mutating func isNew(_ signature: [UInt8], _ now: WallTime) -> Bool {
        if now >= windowEnd || seen.count >= SandboxRequestCheck.seenLimit {
            seenBefore = seen
            seen = []
            windowEnd = now + SandboxRequestCheck.window
        }
        guard !seenBefore.contains(signature) else { return false }
        return seen.insert(signature).inserted
    }
}
