public import BrokerModel
public import Clocks
public import EventLoops

/// A login that waits for a person's browser.
public struct AuthorizationRequest: Equatable, Sendable {
    /// The page to open. It names the flow, but opens nothing by itself.
    public var url: String
    /// When the flow ends.
    public var expires: WallTime

    /// One login.
    public init(url: String, expires: WallTime) {
        self.url = url
        self.expires = expires
    }
}

/// A login by a code that a person types on another machine.
public struct DeviceLogin: Equatable, Sendable {
    /// Where it stands.
    public enum State: String, Sendable, CaseIterable {
        case pending, authorized, denied, expired, failed
    }

    /// Ours, for asking how it goes.
    public var id: String
    /// The page.
    public var verificationURI: String
    /// The page with the code in it, where offered.
    public var verificationURIComplete: String?
    /// What is typed there.
    public var userCode: String
    /// When the code ends.
    public var expires: WallTime
    /// How often it is worth asking.
    public var interval: Duration
    /// Where it stands.
    public var state: State
    /// Why it failed, for people.
    public var reason: String?

    /// One login.
    public init(
        id: String, verificationURI: String, verificationURIComplete: String?, userCode: String, expires: WallTime,
        interval: Duration, state: State = .pending, reason: String? = nil
    ) {
        self.id = id
        self.verificationURI = verificationURI
        self.verificationURIComplete = verificationURIComplete
        self.userCode = userCode
        self.expires = expires
        self.interval = interval
        self.state = state
        self.reason = reason
    }
}

/// What a callback led to.
public enum CallbackOutcome: Equatable, Sendable {
    /// Tokens are kept and in use.
    case authorized
    /// It is not the callback of a login that waits, or the person said no. Nothing was exchanged; logins that wait still
    /// do. The reason is for the log.
    case refused(String)
    /// The code was exchanged without success; the reason is for people.
    case failed(String)
}

/// How an account is authorized, renewed and given up, where its broker has logins.
@LoopActor
public protocol BrokerAuthorizer: AnyObject {
    /// Begins a login in a browser that ends at `redirectURI`.
    func authorize(redirectURI: String) async throws(BrokerFailure) -> AuthorizationRequest
    /// Whether a callback with this state belongs to this account.
    func awaits(state: String) -> Bool
    /// A browser came back with these decoded names and values.
    func callback(_ query: [(name: String, value: String)]) async -> CallbackOutcome
    /// Begins a login by a code. `redirectURI` is what a client is registered with, if none is yet.
    func authorizeDevice(redirectURI: String) async throws(BrokerFailure) -> DeviceLogin
    /// How such a login goes; `nil` for one nobody began, or long ago.
    func device(_ id: String) -> DeviceLogin?
    /// Renews the token now; joins a renewal under way. Returns when the new one is in use.
    func refresh() async throws(BrokerFailure)
    /// Gives the tokens up, here and, where it is offered, at the broker.
    func forget() async throws(BrokerFailure)
}
