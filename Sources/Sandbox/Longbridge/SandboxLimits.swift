/// What the simulated broker allows; each may be changed while it runs.
public struct SandboxLimits: Equatable, Sendable {
    /// Sockets logged in at once, quote and trade together.
    public var connections = 10
    /// Securities subscribed at once, over all sockets.
    public var subscriptions = 500
    /// Securities whose history may be asked for in a calendar month.
    public var historySymbols = 100
    /// Calls of one command a second, on one socket; also how many may come at once.
    public var callsPerSecond = 10
    /// Calls of the HTTP API a second; twice as many may come at once.
    public var httpCallsPerSecond = 10
    /// Whether calls of the trading side are refused beyond 30 in 30 seconds, or within 20 ms of each other.
    public var isTradeRateEnforced = true
    /// Whether the account is a live one: calls that say they are of a paper account are refused.
    public var isLiveAccount = false
    /// How long a new socket may take to log in.
    public var loginDeadline = Duration.seconds(20)
    /// Between two WebSocket pings; a socket that answers none of three is closed.
    public var pingInterval = Duration.seconds(20)
    /// How long a one-time password is good.
    public var passwordLife = Duration.seconds(300)
    /// How long a session can be come back to.
    public var sessionLife = Duration.seconds(86_400)
    /// Bytes waiting for one socket above which it is cut.
    public var backlogBytes = 1 << 20

    /// The vendor's, where it says them.
    public init() {}
}
