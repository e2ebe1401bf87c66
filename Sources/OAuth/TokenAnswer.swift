internal import Bytes
public import Cryptography

/// What a token endpoint answered, read strictly: tokens that could not be sent are no tokens, and a life that cannot be
/// is replaced by one that can.
///
/// - Source: RFC 6749, sections 5.1 and 5.2; RFC 8628, section 3.5; for Longbridge `longbridge-http`, section 2.4.
public enum TokenAnswer: Sendable {
    /// Tokens.
    case granted(Grant)
    /// A definite no, in the protocol's words.
    case refused(Refusal)
    /// No answer to the question: a failure of the server's, a page, a redirect. Asking again later may help.
    case unavailable(reason: String, retryAfter: Duration?)

    /// Tokens as given.
    public struct Grant: Sendable {
        /// Opens the account.
        public var access: Secret
        /// `nil` keeps the one that was presented.
        public var refresh: Secret?
        /// How long the access token is believed to live: 60 s, as a server that says less would be asked without pause,
        /// to 366 d.
        public var life: Duration

        /// Tokens of another kind of endpoint.
        public init(access: Secret, refresh: Secret?, life: Duration) {
            self.access = access
            self.refresh = refresh
            self.life = life
        }
    }

    /// A no.
    public struct Refusal: Equatable, Sendable {
        /// The error code; one of ``Code`` where it is known.
        public var code: Code
        /// For people; bounded, without control characters.
        public var description: String?

        /// A no of another kind of endpoint.
        public init(code: Code, description: String? = nil) {
            self.code = code
            self.description = description
        }
    }

    /// Error codes of token endpoints.
    public enum Code: String, Sendable, CaseIterable {
        case invalidGrant = "invalid_grant"
        case invalidClient = "invalid_client"
        case invalidRequest = "invalid_request"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case invalidScope = "invalid_scope"
        case accessDenied = "access_denied"
        case expiredToken = "expired_token"
        case authorizationPending = "authorization_pending"
        case slowDown = "slow_down"
    }

    /// A longer answer is none.
    public static let maximumBytes = 64 << 10
    /// Believed when nothing is said, or nothing that is a number.
    static let assumedLife = Duration.seconds(3600)

    /// Reads a whole answer.
    ///
    /// - Parameter retryAfter: the field's text, if there was one; seconds, believed up to an hour.
    public init(status: Int, body: [UInt8], retryAfter: String? = nil) {
        let wait = retryAfter.flatMap { Int64($0) }.map { Duration.seconds(min(max($0, 1), 3600)) }
        guard body.count <= TokenAnswer.maximumBytes else {
            self = .unavailable(reason: "an answer of more than 64 KiB", retryAfter: wait)
            return
        }
        let object = (try? JSONValue.parse(body)).flatMap { $0.objectValue == nil ? nil : $0 }
        switch status {
        case 200: self = TokenAnswer.granted(object)
        case 400...428, 430...499: self = TokenAnswer.refused(object, status, wait)
        default: self = .unavailable(reason: "HTTP \(status)", retryAfter: wait)
        }
    }

    private static func granted(_ object: JSONValue?) -> TokenAnswer {
        guard let object else { return .unavailable(reason: "an answer that is no JSON object", retryAfter: nil) }
        if let type = object["token_type"]?.stringValue, type.lowercased() != "bearer" {
            return .unavailable(reason: "tokens of another type than bearer", retryAfter: nil)
        }
        guard let access = TokenText.checked(object["access_token"]?.stringValue) else {
            return .unavailable(reason: "an answer without a usable token", retryAfter: nil)
        }
        let refresh = TokenText.checked(object["refresh_token"]?.stringValue)
        return .granted(
            Grant(access: Secret(access), refresh: refresh.map { Secret($0) }, life: life(object["expires_in"])))
    }

    /// Numbers also as text, as some servers write them.
    private static func life(_ value: JSONValue?) -> Duration {
        guard let text = value?.numberText ?? value?.stringValue, text.utf8.allSatisfy({ isNumeric($0) }),
            let seconds = Double(text)
        else { return assumedLife }
        // Bounded before it becomes an integer: 1e18 and 1e999 are numbers too.
        return .seconds(Int64(min(max(seconds, 60), 366 * 86_400)))
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private static func refused(_ object: JSONValue?, _ status: Int, _ wait: Duration?) -> TokenAnswer {
        guard let word = object?["error"]?.stringValue else {
            return .unavailable(reason: "HTTP \(status) without an error code", retryAfter: wait)
        }
        guard let code = Code(rawValue: word) else {
            return .unavailable(reason: "HTTP \(status), \(TokenText.shown(word).prefix(60))", retryAfter: wait)
        }
        return .refused(
            Refusal(code: code, description: object?["error_description"]?.stringValue.map(TokenText.shown)))
    }
}
