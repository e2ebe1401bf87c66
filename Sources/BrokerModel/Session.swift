public import Clocks

/// One of a session's connections to the broker.
public enum LinkName: String, Sendable, Hashable, CaseIterable {
    case quote, trade, opend
}

/// The state of a link, in the words of the API.
public enum LinkState: String, Sendable, CaseIterable {
    case disconnected, connecting, authenticating, ready
    case backingOff = "backing_off"
    /// Not dialling until somebody acts; the reason says who.
    case held
}

/// A link as the API shows it.
public struct LinkStatus: Equatable, Sendable {
    /// Which link.
    public var name: LinkName
    /// Its state.
    public var state: LinkState
    /// Since when.
    public var since: WallTime
    /// Attempts since it was last ready.
    public var attempts: Int
    /// When the next attempt is due, while backing off.
    public var nextAttempt: WallTime?
    /// When the last byte came.
    public var lastMessage: WallTime?
    /// Securities subscribed upstream.
    public var subscriptionsUsed: Int
    /// Securities that may be subscribed.
    public var subscriptionLimit: Int?
    /// Why it is not ready, for people; safe to show.
    public var reason: String?
    /// How often it was lost since the start.
    public var losses: Int

    /// A link that was never dialled.
    public init(name: LinkName, since: WallTime) {
        self.name = name
        state = .disconnected
        self.since = since
        attempts = 0
        subscriptionsUsed = 0
        losses = 0
    }
}

/// How an account is authorized at its broker.
public struct AuthorizationStatus: Equatable, Sendable {
    /// The way in.
    public enum Method: String, Sendable {
        case oauth
        case apiKey = "api_key"
        case opend
    }

    /// Whether it works.
    public enum State: String, Sendable {
        case ready, refreshing, expiring, locked
        case authorizationRequired = "authorization_required"
    }

    /// The way in.
    public var method: Method
    /// Whether it works.
    public var state: State
    /// When the token ends, where known.
    public var expiresAt: WallTime?
    /// When a token was last got.
    public var lastRefresh: WallTime?
    /// Why it does not work, for people.
    public var lastError: String?
    /// Whether the token in use is in memory only, as the disk failed.
    public var isUnsaved = false

    /// One status.
    public init(
        method: Method, state: State, expiresAt: WallTime? = nil, lastRefresh: WallTime? = nil, lastError: String? = nil
    ) {
        self.method = method
        self.state = state
        self.expiresAt = expiresAt
        self.lastRefresh = lastRefresh
        self.lastError = lastError
    }
}

/// Live, paper or simulated.
public enum AccountEnvironment: String, Sendable, CaseIterable {
    case live, paper, sandbox
}

/// What an account can do, in stable words for `capabilities`.
public enum Capability: String, Sendable, CaseIterable {
    case quotes, instruments, depth, trades, candles, intraday
    case brokerQueue = "broker_queue"
    case participants
    case candleHistory = "candle_history"
    case indicators
    case capitalFlow = "capital_flow"
    case calendar, options, warrants, securities, temperature, watchlists
    case priceAlerts = "price_alerts"
    case orders, executions, balances, positions, estimates
    case fundPositions = "fund_positions"
    case cashFlow = "cash_flow"
    case marginRatios = "margin_ratios"
    case attachedOrders = "attached_orders"
    case orderStream = "stream.orders"
    case executionStream = "stream.executions"
    case sectors, adjustments, futures, screener
    case newIssues = "ipos"
    case raw
    case quoteStream = "stream.quote"
    case depthStream = "stream.depth"
    case tradeStream = "stream.trade"
    case brokerQueueStream = "stream.broker_queue"
    case candleStream = "stream.candle"
}

/// An account as the configuration and the broker describe it.
public struct AccountDescription: Equatable, Sendable {
    /// The name the configuration gives it.
    public var alias: String
    /// `longbridge`, `futu`.
    public var broker: String
    /// Live, paper or simulated.
    public var environment: AccountEnvironment
    /// The markets it gives data for.
    public var markets: [Market]
    /// ISO 4217; `nil` until known.
    public var baseCurrency: String?
    /// What it can do.
    public var capabilities: [Capability]

    /// One account.
    public init(
        alias: String, broker: String, environment: AccountEnvironment, markets: [Market], baseCurrency: String? = nil,
        capabilities: [Capability]
    ) {
        self.alias = alias
        self.broker = broker
        self.environment = environment
        self.markets = markets
        self.baseCurrency = baseCurrency
        self.capabilities = capabilities
    }
}
