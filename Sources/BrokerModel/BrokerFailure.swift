/// Why a broker did not give what was asked. Safe to show: no token, account number, host or path.
public struct BrokerFailure: Error, Equatable, Sendable {
    /// What went wrong, in our words; it picks the HTTP status and the stable error code.
    public enum Kind: Equatable, Sendable {
        /// The broker does not know the security.
        case unknownSymbol
        /// The broker refused a parameter.
        case invalidRequest
        /// The price is not one the market takes.
        case invalidPrice
        /// The broker refused the order, or what was to be done with it.
        case orderRefused
        /// The broker has no such data for this security.
        case noData
        /// The broker's account lacks the permission.
        case notPermitted
        /// A quota of the broker's is used up (subscriptions, monthly symbols).
        case quotaExceeded
        /// The session cannot serve it now; `waiting` names the link's state.
        case sessionNotReady(state: String)
        /// A human must authorize anew.
        case authorizationRequired
        /// Trading is locked at the broker until somebody unlocks it; nothing was sent, or it was refused for that.
        case tradeLocked
        /// A limit of the broker's, or ours that keeps below it.
        case rateLimited
        /// No answer in time. For reads only.
        case timedOut
        /// The link broke while the answer was awaited.
        case connectionLost
        /// The broker answered something that cannot be read, or reported its own failure.
        case badAnswer
        /// The broker does not offer it at all.
        case notSupported
        /// It could not be recorded beforehand, so nothing was sent.
        case notRecorded
        /// The caller went away, or the bridge is shutting down.
        case cancelled
    }

    /// The broker's own words.
    public struct Upstream: Equatable, Sendable {
        /// `longbridge`, `futu`.
        public var broker: String
        /// The broker's code, as text.
        public var code: String?
        /// The broker's message.
        public var message: String?
        /// The broker's trace id.
        public var traceID: String?

        /// The broker's own words.
        public init(broker: String, code: String? = nil, message: String? = nil, traceID: String? = nil) {
            self.broker = broker
            self.code = code
            self.message = message
            self.traceID = traceID
        }
    }

    /// What went wrong.
    public var kind: Kind
    /// One sentence for people.
    public var message: String
    /// When a retry can help; absent when it cannot, or nobody knows.
    public var retryAfter: Duration?
    /// The broker's own words, where it said any.
    public var upstream: Upstream?
    /// The field of the request that is at fault, in the API's name for it.
    public var field: String?
    /// The security at fault, where it is known which.
    public var symbol: Symbol?

    /// One failure.
    public init(
        _ kind: Kind, _ message: String, retryAfter: Duration? = nil, upstream: Upstream? = nil, field: String? = nil
    ) {
        self.field = field
        self.kind = kind
        self.message = message
        self.retryAfter = retryAfter
        self.upstream = upstream
    }
}
