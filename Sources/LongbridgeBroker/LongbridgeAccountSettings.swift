public import BrokerModel
public import Clocks
public import Cryptography
public import EventLoops

/// What a Longbridge account needs to be held: where, as whom, how.
public struct LongbridgeAccountSettings: Sendable {
    /// The name the configuration gives it.
    public var alias: String
    /// Live, paper or simulated.
    public var environment: AccountEnvironment
    /// The HTTP API's base, without a slash at its end; a path in it is kept and signed.
    public var httpURL: String
    /// The quote socket's address.
    public var quoteURL: String
    /// The trade socket's address; `nil` for an account that only looks at markets.
    public var tradeURL: String?
    /// The way in.
    public var access: LongbridgeAccess
    /// `en`, `zh-CN`, `zh-HK`: the language of names.
    public var language = "en"
    /// Whether overnight quotes of US securities are asked for; needs the permission.
    public var wantsOvernight = false
    /// The limits in force.
    public var bounds = LongbridgeBounds()
    /// Who vouches for the quote socket's certificate.
    public var trust = TLSClientContext.system
    /// How attempts are spaced. A simulated broker needs no sparing, and is waited for at most 2 s.
    public var backoff: SessionBackoff
    /// How often the line is probed; silence of twice as long is a loss.
    public var heartbeat = Duration.seconds(30)
    /// How long nothing may be pushed before it is asked whether the market moves.
    public var feedPatience = Duration.seconds(20)
    /// How long after another login took the session over it is taken back; `nil` leaves that to a person. Two such
    /// take-overs are answered at most once a minute.
    public var reclaimAfter: Duration?

    /// An account opened by an API key.
    public init(
        alias: String, environment: AccountEnvironment, httpURL: String, quoteURL: String, tradeURL: String? = nil,
        appKey: String,
        appSecret: Secret, accessToken: Secret
    ) {
        self.init(
            alias: alias, environment: environment, httpURL: httpURL, quoteURL: quoteURL, tradeURL: tradeURL,
            access: .apiKey(key: appKey, secret: appSecret, token: accessToken))
    }

    /// An account reached at given addresses.
    public init(
        alias: String, environment: AccountEnvironment, httpURL: String, quoteURL: String, tradeURL: String? = nil,
        access: LongbridgeAccess
    ) {
        self.alias = alias
        self.environment = environment
        self.httpURL = httpURL
        self.quoteURL = quoteURL
        self.tradeURL = tradeURL
        self.access = access
        backoff =
            environment == .sandbox
            ? SessionBackoff(initial: .milliseconds(200), maximum: .seconds(2), stableAfter: .seconds(10))
            : SessionBackoff()
    }
}
