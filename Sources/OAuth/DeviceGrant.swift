internal import Bytes
public import Clocks
public import Cryptography

/// One device grant: a person types a code on another machine while we ask whether they have.
///
///     waiting ──granted──▶ granted
///        ├──access_denied─▶ denied
///        └──expired_token, time over──▶ expired
///
/// Holds no timer: ``nextPoll`` says when to ask.
///
/// - Source: RFC 8628, sections 3.2 and 3.5; for Longbridge `longbridge-http`, section 2.7.
public struct DeviceGrant: Sendable {
    /// What stands as `grant_type` in a poll.
    public static let grantType = "urn:ietf:params:oauth:grant-type:device_code"

    /// What the device endpoint gives.
    public struct Authorization: Sendable {
        /// Ours, for polling.
        public var deviceCode: Secret
        /// The person's.
        public var userCode: String
        /// Where the person types it.
        public var verificationURI: String
        /// The same with the code in it, where offered.
        public var verificationURIComplete: String?
        /// How long both codes live; 30 s to 1 h.
        public var life: Duration
        /// The least time between two polls; 1 s to 60 s.
        public var interval: Duration
    }

    /// Where the grant stands.
    public enum State: Equatable, Sendable {
        /// The person has not decided.
        case waiting
        /// The tokens have been given.
        case granted
        /// The person said no, or the client may not.
        case denied(String)
        /// The codes are too old.
        case expired
    }

    /// What is to be done after a poll.
    public enum PollAction: Sendable {
        /// Ask again when ``DeviceGrant/nextPoll`` is due.
        case wait
        /// Store the tokens.
        case take(TokenAnswer.Grant)
        /// It is over.
        case end
    }

    /// Where it stands.
    public private(set) var state = State.waiting
    /// When the codes end.
    public let expires: Instant
    /// The least time between two polls now.
    public private(set) var interval: Duration
    /// When to ask next; `nil` when it is over.
    public var nextPoll: Instant? { state == .waiting ? poll : nil }
    private var poll: Instant

    /// One that has just begun.
    public init(_ authorization: Authorization, now: Instant) {
        expires = now + authorization.life
        interval = authorization.interval
        poll = now + authorization.interval
    }

    /// The answer to a poll; `nil` if there was none.
    public mutating func polled(_ answer: TokenAnswer?, now: Instant) -> PollAction {
        guard state == .waiting else { return .end }
        switch answer {
        case .granted(let grant):
            state = .granted
            return .take(grant)
        case .refused(let refusal):
            switch refusal.code {
            case .authorizationPending: break
            case .slowDown: interval = min(interval + .seconds(5), .seconds(300))
            case .expiredToken: state = .expired
            case .accessDenied, .invalidGrant, .invalidClient, .invalidRequest, .unauthorizedClient,
                .unsupportedGrantType, .invalidScope:
                state = .denied(refusal.code.rawValue)
            }
        // RFC 8628, section 3.5: a lost connection is answered by asking less often.
        case .unavailable(_, let retryAfter):
            interval = min(max(interval + .seconds(5), retryAfter ?? .zero), .seconds(300))
        case nil: interval = min(interval + .seconds(5), .seconds(300))
        }
        guard state == .waiting else { return .end }
        poll = now + interval
        return timePassed(now: now) == .expired ? .end : .wait
    }

    /// Ends the grant when its time is over.
    @discardableResult
    public mutating func timePassed(now: Instant) -> State {
        if state == .waiting, now >= expires { state = .expired }
        return state
    }

    /// Reads what the device endpoint answered; `nil` if it cannot be used.
    public static func authorization(status: Int, body: [UInt8]) -> Authorization? {
        guard status == 200, body.count <= TokenAnswer.maximumBytes, let object = try? JSONValue.parse(body),
            let code = TokenText.checked(object["device_code"]?.stringValue, limit: 4096),
            let userCode = TokenText.checked(object["user_code"]?.stringValue, limit: 64),
            let page = object["verification_uri"]?.stringValue, WebAddress(page) != nil
        else { return nil }
        func seconds(_ name: String, _ standard: Int64, _ range: ClosedRange<Int64>) -> Duration {
            .seconds(min(max(object[name]?.intValue ?? standard, range.lowerBound), range.upperBound))
        }
        return Authorization(
            deviceCode: Secret(code), userCode: userCode, verificationURI: page,
            verificationURIComplete: object["verification_uri_complete"]?.stringValue.flatMap {
                WebAddress($0) == nil ? nil : $0
            },
            life: seconds("expires_in", 300, 30...3600), interval: seconds("interval", 5, 1...60))
    }
}
