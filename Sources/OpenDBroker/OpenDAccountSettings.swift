public import BrokerModel
public import Clocks
public import Cryptography
public import OpenDWire

/// What an account at a Futu or moomoo gateway needs to be held: where, which, how.
public struct OpenDAccountSettings: Sendable {
    /// The name the configuration gives it.
    public var alias: String
    /// The word for the broker: `futu` or `moomoo`.
    public var broker: String
    /// Live, paper or simulated.
    public var environment: AccountEnvironment
    /// Where the gateway listens.
    public var host: String
    /// The gateway's port, usually 11111.
    public var port: Int
    /// The gateway's own RSA key, where it has one; bodies are plain without it.
    public var key: RSAKey?
    /// What hides the bodies behind the handshake; of use with a key only. CBC is what the vendor's client asks for.
    public var algorithm: BodyCipher.Algorithm
    /// Which of the login's trading accounts it is; `nil` for one that only reads the market.
    public var trade: OpenDTradeSettings?
    /// Waits between attempts.
    public var backoff: SessionBackoff
    /// How long each step to readiness may take.
    public var phaseDeadline: Duration

    /// An account with the usual ways.
    public init(alias: String, broker: String = "futu", environment: AccountEnvironment, host: String, port: Int) {
        self.alias = alias
        self.broker = broker
        self.environment = environment
        self.host = host
        self.port = port
        algorithm = .chained
        backoff = SessionBackoff()
        phaseDeadline = .seconds(10)
    }
}
